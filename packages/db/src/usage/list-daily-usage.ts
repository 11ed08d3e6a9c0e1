import { sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { usageSource, type UsageFilter } from "./usage-source.ts";

export type DailyUsage = {
  /** `YYYY-MM-DD`, UTC. */
  readonly day: string;
  readonly traceCount: number;
  /** Of every type. */
  readonly observationCount: number;
  /** US dollars, of every type. */
  readonly totalCost: number;
  /** Of the type GENERATION, by descending cost. */
  readonly models: readonly ModelUsageRow[];
};

export type ModelUsageRow = {
  /** '' for generations that named none. */
  readonly model: string;
  readonly traceCount: number;
  readonly observationCount: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly totalTokens: number;
  /** US dollars. */
  readonly totalCost: number;
};

/**
 * Traces and usage by UTC day, newest day first, days without either left out, and how many days there are.
 *
 * One statement, so that a batch committed meanwhile is either in all numbers or in none. Sums are
 * exact in the database and become floating point only here.
 */
export async function listDailyUsage(
  db: Database,
  query: UsageFilter & { readonly limit: number; readonly offset: number },
): Promise<{ readonly days: DailyUsage[]; readonly totalDays: number }> {
  const { tracesByDay, usageByDay } = usageSource(query);
  const rows = await db.execute<Row>(sql`
    with traced as (${tracesByDay}),
    used as (${usageByDay}),
    summed as (select day, sum(observation_count) as observation_count, sum(total_cost) as total_cost from used group by day),
    days as (
      select day, coalesce(trace_count, 0) as trace_count, coalesce(observation_count, 0) as observation_count,
        coalesce(total_cost, 0) as total_cost
      from traced full join summed using (day)
    ),
    page as (select * from days order by day desc limit ${query.limit} offset ${query.offset})
    select total.count as total_days, page.day::text as day, page.trace_count, page.observation_count, page.total_cost,
      used.model, used.trace_count as model_traces, used.observation_count as model_observations,
      used.prompt_tokens, used.completion_tokens, used.total_tokens, used.total_cost as model_cost
    from (select count(*) as count from days) total
    left join page on true
    left join used on used.day = page.day and used.type = 'GENERATION'
    order by page.day desc, used.total_cost desc, used.model`);
  return { days: groupByDay(rows), totalDays: Number(rows[0]?.total_days ?? 0) };
}

/** Sums as text: `numeric` and `bigint` are wider than a JavaScript number. Null where a left join found nothing. */
type Row = {
  total_days: string;
  day: string | null;
  trace_count: string;
  observation_count: string;
  total_cost: string;
  model: string | null;
  model_traces: string;
  model_observations: string;
  prompt_tokens: string;
  completion_tokens: string;
  total_tokens: string;
  model_cost: string;
};

function groupByDay(rows: readonly Row[]): DailyUsage[] {
  const days = new Map<string, DailyUsage & { models: ModelUsageRow[] }>();
  for (const row of rows) {
    if (row.day === null) continue;
    const day = days.get(row.day) ?? {
      day: row.day,
      traceCount: Number(row.trace_count),
      observationCount: Number(row.observation_count),
      totalCost: Number(row.total_cost),
      models: [],
    };
    days.set(row.day, day);
    if (row.model !== null) day.models.push(modelOf(row, row.model));
  }
  return [...days.values()];
}

function modelOf(row: Row, model: string): ModelUsageRow {
  return {
    model,
    traceCount: Number(row.model_traces),
    observationCount: Number(row.model_observations),
    promptTokens: Number(row.prompt_tokens),
    completionTokens: Number(row.completion_tokens),
    totalTokens: Number(row.total_tokens),
    totalCost: Number(row.model_cost),
  };
}
