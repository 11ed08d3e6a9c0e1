import { messageOf } from "./error-info.ts";
import type { Logger } from "./logger.ts";

const QUIET_MS = 10_000;
const MAX_KNOWN = 100;

/**
 * Logs errors that come in swarms, as from every connection to a server that is away: each message
 * at once, and then every ten seconds at most, with how many there were in between.
 */
export function logRepeatedErrors(log: Logger, event: string): (err: unknown) => void {
  const known = new Map<string, { loggedAt: number; suppressed: number }>();
  return function onError(err) {
    const now = performance.now();
    const entry = known.get(messageOf(err));
    if (entry && now - entry.loggedAt < QUIET_MS) {
      entry.suppressed += 1;
      return;
    }
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(messageOf(err), { loggedAt: now, suppressed: 0 });
    log.warn({ err, ...(entry?.suppressed ? { suppressed: entry.suppressed } : {}) }, event);
  };
}
