import { getTableColumns } from "drizzle-orm";
import { traces } from "../schema/traces.ts";

const { input, output, metadata, stamps, eventStamp, firstStartTime, lastEndTime, usageByDay, ...head } =
  getTableColumns(traces);

/** A trace without what may be large. */
export const traceHeadColumns = head;

/** A trace with its input, output and metadata. */
export const traceColumns = { ...head, input, output, metadata };

type Trace = typeof traces.$inferSelect;

export type TraceHead = Pick<Trace, keyof typeof traceHeadColumns>;

/** `input`, `output` and `metadata` are there when they were asked for. */
export type TraceRow = TraceHead & Partial<Pick<Trace, "input" | "output" | "metadata">>;
