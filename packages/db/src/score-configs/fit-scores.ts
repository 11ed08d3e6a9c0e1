import type { IngestJob, ScoreEvent } from "@xtrace/contract";
import { sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { scoreConfigs } from "../schema/score-configs.ts";
import type { ScoreConfigRow } from "./create-score-config.ts";
import { fitScore, ScoreMisfitError } from "./fit-score.ts";

/** A score that does not fit, and what brought it. */
export type Misfit<Carrier> = {
  readonly carrier: Carrier;
  readonly score: ScoreEvent;
  readonly error: ScoreMisfitError;
};

/**
 * The jobs with each score as its config makes it, and apart from them the scores that do not fit. One whose config the project
 * does not have stays as it is: who comes from another system may not have brought the configs along.
 *
 * Reads the primary key of `score_configs`, and only for batches in which a score names a config.
 */
export async function partScores<Carrier extends { readonly job: IngestJob }>(
  tx: Database,
  carriers: readonly Carrier[],
): Promise<{ readonly fitting: readonly IngestJob[]; readonly misfits: ReadonlyArray<Misfit<Carrier>> }> {
  const named = carriers.flatMap(({ job: { projectId, events } }) =>
    events.scores.flatMap(({ configId }) => (configId === undefined ? [] : [{ projectId, configId }])),
  );
  if (named.length === 0) return { fitting: carriers.map(({ job }) => job), misfits: [] };
  const configs = await readConfigs(tx, named);
  const misfits: Array<Misfit<Carrier>> = [];
  const fitting = carriers.map((carrier) => {
    const { job } = carrier;
    const scores = job.events.scores.flatMap((score) => {
      const config = configs.get(keyOf(job.projectId, score.configId ?? ""));
      const fitted = config ? attempt(score, config) : score;
      if (!(fitted instanceof ScoreMisfitError)) return [fitted];
      misfits.push({ carrier, score, error: fitted });
      return [];
    });
    return { ...job, events: { ...job.events, scores } };
  });
  return { fitting, misfits };
}

/** As `partScores`, for who cannot set anything aside: throws the first ScoreMisfitError. */
export async function fitScores(tx: Database, jobs: readonly IngestJob[]): Promise<readonly IngestJob[]> {
  const { fitting, misfits } = await partScores(
    tx,
    jobs.map((job) => ({ job })),
  );
  const [misfit] = misfits;
  if (misfit) throw misfit.error;
  return fitting;
}

function attempt(score: ScoreEvent, config: ScoreConfigRow): ScoreEvent | ScoreMisfitError {
  try {
    return fitScore(score, config);
  } catch (error) {
    if (error instanceof ScoreMisfitError) return error;
    throw error;
  }
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
