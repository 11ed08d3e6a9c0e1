import type { Scenario } from "./scenario.ts";

/** The fault matrix, in its order. */
export const SCENARIOS: readonly Scenario[] = [];
