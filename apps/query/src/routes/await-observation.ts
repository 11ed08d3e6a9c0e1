import { setTimeout as sleep } from "node:timers/promises";
import { getObservation, type Database, type ObservationRow } from "@xtrace/db";

/** Under load 99 of 100 observations can be read within a third of a second. */
const PATIENCE_MS = 2_000;
const PAUSE_MS = 50;

/**
 * An observation that may still be on its way from the queue, `undefined` when it does not come.
 *
 * Some clients flush and name the observation in their next request, since Langfuse up to version 2 stored before it
 * answered.
 */
export async function awaitObservation(
  db: Database,
  choice: { readonly projectId: string; readonly observationId: string },
): Promise<ObservationRow | undefined> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = await getObservation(db, choice);
    if (found || performance.now() > deadline) return found;
    await sleep(PAUSE_MS);
  }
}
