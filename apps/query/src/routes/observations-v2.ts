import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";
import { ObservationV2Page, type FilterCondition } from "@xtrace/contract";
import { addPromptIds, listObservationsAfter, OBSERVATION_FILTER_COLUMNS } from "@xtrace/db";
import { createRouter } from "../create-router.ts";
import { errorResponses, json } from "../openapi.ts";
import { OBSERVATION_V2_GROUPS, presentObservationV2 } from "../present/observation-v2.ts";
import { choiceParam } from "./choice-params.ts";
import { filterParam } from "./filter-param.ts";
import { decodeObservationCursor, encodeObservationCursor } from "./observation-cursor.ts";
import { observationFilterOf, observationFilterParams } from "./observation-query.ts";
import { namesParam, strictLimitParam, textParam } from "./query-params.ts";
import type { QueryDeps, QueryEnv } from "./route.ts";

const DEFAULT_GROUPS: ReadonlySet<string> = new Set(["basic"]);

const ObservationV2Query = z.object({
  limit: strictLimitParam({ max: 1_000 }),
  cursor: z
    .string()
    .transform((text, context) => {
      if (text === "") return undefined;
      const cursor = decodeObservationCursor(text);
      if (cursor) return cursor;
      context.addIssue({ code: "custom", message: "expected the cursor of an earlier answer" });
      return z.NEVER;
    })
    .optional()
    .openapi({ type: "string", description: "`meta.cursor` of the page before." }),
  fields: namesParam(
    `Comma-separated groups of fields: ${OBSERVATION_V2_GROUPS.join(", ")}; core and basic when absent. Names that are unknown are ignored.`,
  ),
  expandMetadata: namesParam(
    "Comma-separated metadata keys whose values, and those of members below them, are not cut at 200 characters.",
  ),
  parseIoAsJson: z
    .string()
    .refine((text) => text !== "true", { error: "input and output are raw text; parse them yourself" })
    .optional()
    .openapi({ description: "Only `false`." }),
  ...observationFilterParams,
  filter: filterParam(OBSERVATION_FILTER_COLUMNS, payloadProblems),
  sessionId: textParam("The session of the observation's trace."),
  parentObservationId: z
    .string()
    .transform((text) => (text === "" ? null : text))
    .optional()
    .openapi({ type: "string", description: "The observation's parent; empty: it has none." }),
  isRootObservation: choiceParam(
    ["true", "false"],
    "Whether the observation has no parent, or is marked as the root of its application.",
  ),
});

/** Looking through what was said is dear, so it takes a text to look for. Source: Langfuse. */
function payloadProblems(conditions: readonly FilterCondition[]): string[] {
  const onPayload = conditions.filter(({ column }) => column === "input" || column === "output");
  const isSearched = onPayload.some(({ operator }) => operator === "=" || operator === "matches");
  return onPayload.length === 0 || isSearched ? [] : ["expected = or matches on input or output, too"];
}

const route = createRoute({
  method: "get",
  path: "/v2/observations",
  tags: ["observations"],
  summary: "Observations by cursor, newest start first",
  description:
    "For reading many: every page costs the same at any depth. Input and output are raw text. Metadata has one member for each value, named by its path: `scope.name`.",
  request: { query: ObservationV2Query },
  responses: { 200: json("The next observations.", ObservationV2Page), ...errorResponses(400, 401, 403) },
});

/** Observations by cursor. Source: Langfuse's v2 observations. */
export function observationsV2Routes({ db }: QueryDeps): OpenAPIHono<QueryEnv> {
  return createRouter().openapi(route, async (c) => {
    const { projectId } = c.get("identity");
    const query = c.req.valid("query");
    const { limit, sessionId, parentObservationId, isRootObservation } = query;
    const isRoot = isRootObservation === undefined ? undefined : isRootObservation === "true";
    const fields = query.fields ?? DEFAULT_GROUPS;
    const found = await listObservationsAfter(db, {
      projectId,
      filter: observationFilterOf(query, { sessionId, parentObservationId, isRoot }),
      after: query.cursor,
      // One more than shown tells whether there is a next page.
      limit: limit + 1,
      withIo: fields.has("io"),
      withMetadata: fields.has("metadata"),
    });
    const rows = found.slice(0, limit);
    if (fields.has("prompt")) {
      await addPromptIds(
        db,
        projectId,
        rows.map(({ observation }) => observation),
      );
    }
    const last = rows.at(-1)?.observation;
    const expandMetadata = query.expandMetadata ?? new Set<string>();
    return c.json(
      {
        data: rows.map((row) => presentObservationV2(row, { fields, expandMetadata })),
        meta:
          last && found.length > limit
            ? { cursor: encodeObservationCursor({ ...last, startTimeUs: last.startTime }) }
            : {},
      },
      200,
    );
  });
}
