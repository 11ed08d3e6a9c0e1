import { classifyWriteError, replayDeadLetter, type Database, type PriceBook } from "@xtrace/db";
import type { Logger } from "@xtrace/runtime";

/**
 * Replays the dead letters that were asked for, until none waits or `stopping` is aborted. A failure of the moment leaves the rest to the
 * next turn. No error is logged as it came: it would quote the letter.
 */
export async function replayLetters(
  db: Database,
  prices: PriceBook,
  { log, stopping }: { readonly log: Logger; readonly stopping: AbortSignal },
): Promise<void> {
  try {
    while (!stopping.aborted) {
      const replayed = await replayDeadLetter(db, prices);
      if (!replayed) return;
      log.info({ deadLetterId: replayed.id, outcome: replayed.outcome }, "dead letter replayed");
    }
  } catch (error) {
    const failure = classifyWriteError(error);
    log.warn({ code: failure.kind === "data" ? failure.sqlstate : failure.code }, "replay will be tried again");
  }
}
