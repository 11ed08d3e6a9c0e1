import { getTableColumns } from "drizzle-orm";
import { scores } from "../schema/scores.ts";

const { stamps, eventStamp, ...columns } = getTableColumns(scores);

/** A score as readers need it. */
export const scoreColumns = columns;

export type ScoreRow = Pick<typeof scores.$inferSelect, keyof typeof scoreColumns>;
