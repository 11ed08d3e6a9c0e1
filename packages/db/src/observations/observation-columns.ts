import { getTableColumns } from "drizzle-orm";
import { observations } from "../schema/observations.ts";

const { input, output, metadata, stamps, eventStamp, ...head } = getTableColumns(observations);

/** An observation without what may be large. */
export const observationHeadColumns = head;

export const observationColumns = { ...head, input, output, metadata };

type Observation = typeof observations.$inferSelect;

export type ObservationHead = Pick<Observation, keyof typeof observationHeadColumns>;
export type ObservationRow = Pick<Observation, keyof typeof observationColumns>;
