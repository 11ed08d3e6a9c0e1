import { z } from "@hono/zod-openapi";
import { TRACE_FILTER_COLUMNS, type TraceFilter, type TraceOrder, type TraceOrderColumn } from "@xtrace/db";
import type { TraceFields } from "../present/trace.ts";
import { filterParam, withoutFiltered } from "./filter-param.ts";
import { listParam, namesParam, pageParam, textParam, timeParam } from "./query-params.ts";
import { sharedLimitParam } from "./refuse-large-page.ts";

const NEWEST_FIRST: TraceOrder = { column: "timestamp", direction: "desc" };

/** Names on the wire, as the Rust system takes them, and the direction that is meant when none is named. */
const ORDER_COLUMNS: Readonly<Record<string, TraceOrder>> = {
  id: { column: "id", direction: "desc" },
  timestamp: NEWEST_FIRST,
  name: { column: "name", direction: "asc" },
  ...both("userId", "user_id", { column: "userId", direction: "asc" }),
  ...both("sessionId", "session_id", { column: "sessionId", direction: "asc" }),
  release: { column: "release", direction: "asc" },
  version: { column: "version", direction: "asc" },
  public: { column: "public", direction: "desc" },
  bookmarked: { column: "bookmarked", direction: "desc" },
  latency: { column: "latency", direction: "desc" },
  ...both("totalCost", "total_cost", { column: "totalCost", direction: "desc" }),
} satisfies Record<string, { column: TraceOrderColumn; direction: "asc" | "desc" }>;

function both(name: string, alias: string, order: TraceOrder): Record<string, TraceOrder> {
  return { [name]: order, [alias]: order };
}

const orderParam = z
  .string()
  .default("")
  .transform((text, context): TraceOrder => {
    if (text === "") return NEWEST_FIRST;
    const [name = "", direction, ...rest] = text.split(".");
    const known = Object.hasOwn(ORDER_COLUMNS, name) ? ORDER_COLUMNS[name] : undefined;
    const asked = direction?.toLowerCase();
    if (known && asked === undefined) return known;
    if (known && (asked === "asc" || asked === "desc") && rest.length === 0) return { ...known, direction: asked };
    const names = Object.keys(ORDER_COLUMNS).join(", ");
    context.addIssue({ code: "custom", message: `expected <field>.asc or <field>.desc, the field one of ${names}` });
    return z.NEVER;
  })
  .openapi({
    type: "string",
    default: "timestamp.desc",
    description: "`<field>.asc` or `<field>.desc`; items without a value come last.",
  });

export const fieldsParam = namesParam(
  "Comma-separated groups of fields: core, io, scores, observations, metrics; all when absent. Names that are unknown are ignored.",
);

/** Source: the Rust system and Langfuse, whose parameters these are. */
export const TraceQuery = z.object({
  page: pageParam(),
  limit: sharedLimitParam(),
  userId: textParam("The trace's user."),
  name: textParam("The trace's name."),
  sessionId: textParam("The trace's session."),
  fromTimestamp: timeParam("At or after this time."),
  toTimestamp: timeParam("Before this time."),
  orderBy: orderParam,
  tags: listParam("The trace has all of these tags. Repeat the parameter for several."),
  "tags[]": listParam("As `tags`."),
  version: textParam("The trace's version."),
  release: textParam("The trace's release."),
  environment: listParam("The trace is in one of these. Repeat the parameter for several."),
  "environment[]": listParam("As `environment`."),
  fields: fieldsParam,
  filter: filterParam(TRACE_FILTER_COLUMNS),
});
export type TraceQuery = z.infer<typeof TraceQuery>;

export function traceFilterOf(query: TraceQuery): TraceFilter {
  const plain: TraceFilter = {
    userId: query.userId,
    name: query.name,
    sessionId: query.sessionId,
    version: query.version,
    release: query.release,
    tags: [...query.tags, ...query["tags[]"]],
    environments: [...query.environment, ...query["environment[]"]],
    fromUs: query.fromTimestamp,
    toUs: query.toTimestamp,
  };
  return withoutFiltered(plain, query.filter, { environments: "environment", fromUs: "timestamp", toUs: "timestamp" });
}

export function traceFieldsOf(names: ReadonlySet<string> | undefined): TraceFields {
  const has = (name: string) => names?.has(name) ?? true;
  return { io: has("io"), scores: has("scores"), observations: has("observations"), metrics: has("metrics") };
}
