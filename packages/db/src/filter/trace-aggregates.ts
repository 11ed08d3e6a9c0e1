import { sql, type SQL } from "drizzle-orm";
import { observations } from "../schema/observations.ts";
import { scores } from "../schema/scores.ts";
import { traces } from "../schema/traces.ts";

/** US dollars of an observation over the cost keys that name a direction; `null` where there is none. See split-cost.ts. */
export function costOf(direction: "input" | "output"): SQL {
  return sql`(
    select sum(part.value::numeric)
    from jsonb_each_text(coalesce(${observations.calculatedCosts}, ${observations.costDetails})) as part
    where starts_with(part.key, ${direction}::text))`;
}

const isOfTrace = sql`${observations.projectId} = ${traces.projectId} and ${observations.traceId} = ${traces.id}`;
const judgesTrace = sql`${scores.projectId} = ${traces.projectId} and ${scores.traceId} = ${traces.id}`;

function costOfTrace(direction: "input" | "output"): SQL {
  const cost = costOf(direction);
  return sql`(select coalesce(sum(${cost}), 0) from ${observations} where ${isOfTrace})`;
}

function countOf(level: string): SQL {
  const own = sql`coalesce(${observations.level}, 'DEFAULT') = ${level}::text`;
  return sql`(select count(*) from ${observations} where ${isOfTrace} and ${own})`;
}

/** The worst level of the trace's observations. */
const worstLevel = sql`(
  select case max(case ${observations.level} when 'ERROR' then 3 when 'WARNING' then 2 when 'DEBUG' then 0 else 1 end)
    when 3 then 'ERROR' when 2 then 'WARNING' when 0 then 'DEBUG' else 'DEFAULT' end
  from ${observations} where ${isOfTrace})`;

/** An object of the newest value of each score name of a data type. */
function newestScores(dataType: string, value: SQL): SQL {
  return sql`(
    select jsonb_object_agg(newest.name, newest.value) from (
      select distinct on (${scores.name}) ${scores.name} as name, ${value} as value from ${scores}
      where ${judgesTrace} and ${scores.dataType} = ${dataType}::text
      order by ${scores.name}, ${scores.timestamp} desc, ${scores.id} desc) as newest)`;
}

const averages = sql`(
  select jsonb_object_agg(averages.name, averages.value) from (
    select ${scores.name} as name, avg(${scores.value}) as value from ${scores}
    where ${judgesTrace} and ${scores.dataType} in ('NUMERIC', 'BOOLEAN') group by ${scores.name}) as averages)`;

/**
 * What a filter of traces may ask that no column has ready: each trace that passes the other conditions is looked into.
 *
 * Source: the columns of Langfuse's trace filter.
 */
export const TRACE_AGGREGATE_COLUMNS = {
  inputCost: { kind: "number", value: costOfTrace("input") },
  outputCost: { kind: "number", value: costOfTrace("output") },
  level: { kind: "string", value: worstLevel },
  warningCount: { kind: "number", value: countOf("WARNING") },
  defaultCount: { kind: "number", value: countOf("DEFAULT") },
  debugCount: { kind: "number", value: countOf("DEBUG") },
  scores_avg: { kind: "object", value: averages },
  scores: { kind: "object", value: averages },
  score_categories: { kind: "object", value: newestScores("CATEGORICAL", sql`${scores.stringValue}`) },
  score_booleans: { kind: "object", value: newestScores("BOOLEAN", sql`(${scores.value} = 1)`) },
} as const;
