import { classifyWriteError, isReplayRequested, replayDeadLetter, type Database, type PriceBook } from "@xtrace/db";
import type { Logger } from "@xtrace/runtime";

/**
 * Replays the dead letters that were asked for, until none waits or `stopping` is aborted. A failure of the moment leaves the rest to the
 * next turn. No error is logged as it came: it would quote the letter.
 */
export async function replayLetters(
  db: Database,
  prices: () => PriceBook | Promise<PriceBook>,
  { log, stopping }: { readonly log: Logger; readonly stopping: AbortSignal },
): Promise<void> {
  try {
    if (!(await isReplayRequested(db))) return;
    while (!stopping.aborted) {
      const replayed = await replayDeadLetter(db, await prices());
      if (!replayed) return;
      log.info({ deadLetterId: replayed.id, outcome: replayed.outcome }, "dead letter replayed");
    }
  } catch (error) {
    const failure = classifyWriteError(error);
    log.warn({ code: failure.kind === "data" ? failure.sqlstate : failure.code }, "replay will be tried again");
  }
}
