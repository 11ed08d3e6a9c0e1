import type { IngestJob } from "@xtrace/contract";
import { sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { scoreConfigs } from "../schema/score-configs.ts";
import type { ScoreConfigRow } from "./create-score-config.ts";
import { fitScore } from "./fit-score.ts";

/**
 * The jobs with each score as its config makes it. One whose config the project does not have stays as it is: who comes from
 * another system may not have brought the configs along.
 *
 * Reads the primary key of `score_configs`, and only for batches in which a score names a config. Throws ScoreMisfitError.
 */
export async function fitScores(tx: Database, jobs: readonly IngestJob[]): Promise<readonly IngestJob[]> {
  const named = jobs.flatMap(({ projectId, events }) =>
    events.scores.flatMap(({ configId }) => (configId === undefined ? [] : [{ projectId, configId }])),
  );
  if (named.length === 0) return jobs;
  const configs = await readConfigs(tx, named);
  return jobs.map((job) => ({
    ...job,
    events: {
      ...job.events,
      scores: job.events.scores.map((score) => {
        const config = configs.get(keyOf(job.projectId, score.configId ?? ""));
        return config ? fitScore(score, config) : score;
      }),
    },
  }));
}

async function readConfigs(
  tx: Database,
  named: ReadonlyArray<{ readonly projectId: string; readonly configId: string }>,
): Promise<ReadonlyMap<string, ScoreConfigRow>> {
  const projectIds = named.map(({ projectId }) => projectId);
  const ids = named.map(({ configId }) => configId);
  const rows = await tx
    .select()
    .from(scoreConfigs)
    .where(
      sql`(${scoreConfigs.projectId}, ${scoreConfigs.id}) in (
        select * from unnest(${sql.param(projectIds)}::text[], ${sql.param(ids)}::text[]))`,
    );
  return new Map(rows.map((row) => [keyOf(row.projectId, row.id), row]));
}

function keyOf(projectId: string, configId: string): string {
  return `${projectId}\u0000${configId}`;
}
