import { isoFromUs } from "@xtrace/contract";
import { and, eq, sql, type SQL } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import { observations } from "../schema/observations.ts";
import { traces } from "../schema/traces.ts";
import { dailyUsage, facetUsage, hourlyCounts, type Facet } from "../schema/usage.ts";
import type { WholeUnits } from "./whole-units.ts";

type Parts = WholeUnits & { readonly projectId: string };
type Range = WholeUnits["whole"];

/*
 * Statements whose rows add up to what is in the range. Some count against others, as many as were counted too much, so
 * only sums mean anything. `facet` and `model` are null where a row says nothing.
 */

const OF_HOURS = { traces: hourlyCounts.traceCount, observations: hourlyCounts.observationCount };
const OF_ROWS = {
  traces: { table: traces, projectId: traces.projectId, time: traces.timestamp },
  observations: { table: observations, projectId: observations.projectId, time: observations.startTime },
};

/** time, n: ranges of the primary key of `hourly_counts`, and of the table's index on its time. */
export function hourRows(of: keyof typeof OF_ROWS, { projectId, whole, edges }: Parts): SQL {
  const { table, projectId: project, time } = OF_ROWS[of];
  return unionAll([
    sql`select ${hourlyCounts.hour} as time, ${OF_HOURS[of]} as n from ${hourlyCounts}
      where ${eq(hourlyCounts.projectId, projectId)} and ${during(hourlyCounts.hour, whole)}`,
    ...edges.map(
      (edge) => sql`select ${time}, ${edge.sign}::int from ${table}
        where ${eq(project, projectId)} and ${during(time, edge)}`,
    ),
  ]);
}

/** time, facet, n: how many traces there are by one facet, from its range of `facet_usage`. */
export function traceRows(facet: Facet, { projectId, whole, edges }: Parts): SQL {
  const value = facet === "environment" ? sql`coalesce(${traces.environment}, 'default')` : sql`${traces[facet]}`;
  return unionAll([
    sql`select ${startOf(facetUsage.day)} as time, said.facet, said.sign * ${facetUsage.traceCount} as n
      from ${facetUsage}, ${SAID}
      where ${facetOfDays(projectId, facet, whole)} and ${eq(facetUsage.type, "")}`,
    sql`select ${hourlyCounts.hour}, null, ${hourlyCounts.traceCount} from ${hourlyCounts}
      where ${eq(hourlyCounts.projectId, projectId)} and ${during(hourlyCounts.hour, whole)}`,
    ...edges.map(
      (edge) => sql`select ${traces.timestamp}, ${value}, ${edge.sign}::int from ${traces}
        where ${eq(traces.projectId, projectId)} and ${during(traces.timestamp, edge)}`,
    ),
  ]);
}

/**
 * time, facet, type, model, n and sums: what was used, from ranges of the primary keys of `daily_usage` and
 * `facet_usage`, and of the indexes of observations on their start and their model.
 */
export function usageRows(
  named: { readonly facet: Facet | undefined; readonly model: boolean },
  { projectId, whole, edges }: Parts,
): SQL {
  const { facet } = named;
  const { type, model } = dailyUsage;
  const ofFacet = sql`select ${startOf(facetUsage.day)}, said.facet, ${facetUsage.type}, nullif(${facetUsage.model}, ''),
      said.sign * ${facetUsage.observationCount}, said.sign * ${facetUsage.promptTokens},
      said.sign * ${facetUsage.completionTokens}, said.sign * ${facetUsage.totalTokens}, said.sign * ${facetUsage.totalCost}
    from ${facetUsage}, ${SAID}
    where ${facet && facetOfDays(projectId, facet, whole)} and ${facetUsage.type} <> ''`;
  return unionAll([
    sql`select ${startOf(dailyUsage.day)} as time, null::text as facet, ${type} as type, nullif(${model}, '') as model,
        ${dailyUsage.observationCount} as n, ${dailyUsage.promptTokens} as prompt_tokens,
        ${dailyUsage.completionTokens} as completion_tokens, ${dailyUsage.totalTokens} as total_tokens,
        ${dailyUsage.totalCost} as total_cost
      from ${dailyUsage} where ${eq(dailyUsage.projectId, projectId)} and ${daysOf(dailyUsage.day, whole)}`,
    ...(facet ? [ofFacet] : []),
    ...edges.map(({ sign, ...edge }) => observationRows(facet, { projectId, range: edge, sign })),
    ...(named.model
      ? [
          // Rollups do not tell a model whose name is empty from none.
          observationRows(facet, { projectId, range: whole, sign: 1, model: NAMELESS }),
          observationRows(facet, { projectId, range: whole, sign: -1, model: NAMELESS, as: sql`null` }),
        ]
      : []),
  ]);
}

const NAMELESS = "";

function observationRows(
  facet: Facet | undefined,
  asked: {
    readonly projectId: string;
    readonly range: Range;
    readonly sign: 1 | -1;
    readonly model?: string;
    readonly as?: SQL;
  },
): SQL {
  const { sign } = asked;
  const signed = (column: PgColumn) => sql`${sign}::int * coalesce(${column}, 0)`;
  const isOfTrace = sql`${traces.projectId} = ${observations.projectId} and ${traces.id} = ${observations.traceId}`;
  return sql`
    select ${observations.startTime}, ${facet ? traces[facet] : sql`null`}, coalesce(${observations.type}, 'SPAN'),
      ${asked.as ?? observations.model}, ${sign}::int, ${signed(observations.promptTokens)},
      ${signed(observations.completionTokens)}, ${signed(observations.totalTokens)}, ${signed(observations.totalCost)}
    from ${observations} ${facet ? sql`left join ${traces} on ${isOfTrace}` : sql``}
    where ${and(
      eq(observations.projectId, asked.projectId),
      during(observations.startTime, asked.range),
      asked.model === undefined ? undefined : eq(observations.model, asked.model),
    )}`;
}

/** Each value counts for itself and against those without one, which begin with all. */
const SAID = sql`lateral (values (${facetUsage.value} collate "default", 1), (null, -1)) as said (facet, sign)`;

function facetOfDays(projectId: string, facet: Facet, range: Range): SQL | undefined {
  return and(eq(facetUsage.projectId, projectId), eq(facetUsage.facet, facet), daysOf(facetUsage.day, range));
}

function unionAll(statements: readonly SQL[]): SQL {
  return sql.join([...statements], sql` union all `);
}

function during(time: PgColumn, { fromUs, toUs }: Range): SQL {
  return sql`${time} >= ${isoFromUs(fromUs)}::timestamptz and ${time} < ${isoFromUs(toUs)}::timestamptz`;
}

function daysOf(day: PgColumn, { fromUs, toUs }: Range): SQL {
  return sql`${day} >= ${isoFromUs(fromUs).slice(0, 10)}::date and ${day} < ${isoFromUs(toUs).slice(0, 10)}::date`;
}

function startOf(day: PgColumn): SQL {
  return sql`(${day}::timestamp at time zone 'UTC')`;
}
