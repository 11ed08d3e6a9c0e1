import { endAbandonedTransactions, type Database } from "@xtrace/db";
import { startRefresh, type Logger } from "@xtrace/runtime";

const INTERVAL_MS = 1_000;

/** SQLSTATEs of a write that waited too long: lock_not_available, and query_canceled if its other time-out came first. */
const WAITED_TOO_LONG = new Set(["55P03", "57014"]);

/** After a write that waited too long for a lock, ends whoever may hold it and is gone; see endAbandonedTransactions. */
export function unblockWrites({ db, log }: { readonly db: Database; readonly log: Logger }) {
  let hasWaited = false;
  const refresh = startRefresh({
    name: "end abandoned transactions",
    intervalMs: INTERVAL_MS,
    log,
    task: async () => {
      if (!hasWaited) return;
      hasWaited = false;
      const count = await endAbandonedTransactions(db);
      if (count > 0) log.warn({ count }, "transactions ended whose clients had fallen silent");
    },
  });
  return {
    /** A write failed with this code and will be tried again. */
    retried(code: string): void {
      hasWaited ||= WAITED_TOO_LONG.has(code);
    },
    stop: async () => await refresh.stop(),
  };
}
