import { createContext, Script } from "node:vm";

/** Longer ones are no names of models. Bounds what a pattern can cost. */
export const MAX_NAME_LENGTH = 200;

/** What one look through a list of patterns may take. Sound ones take microseconds. */
const BUDGET_MS = 100;

const sandbox = createContext({ patterns: [] as RegExp[], text: "", at: 0, found: [] as number[] });
const SEARCH = new Script("for (; at < patterns.length; at++) if (patterns[at].test(text)) found.push(at)");

/**
 * Which of the patterns match, by their places. They are a user's, and a regular expression may run for years: a
 * time limit ends the one that does, which then matches nothing, and is told to `onSlow`.
 *
 * A call costs a tenth of a millisecond, so what it says is kept.
 */
export function guardedMatches(
  patterns: readonly RegExp[],
  text: string,
  onSlow: (place: number) => void,
): readonly number[] {
  if (patterns.length === 0 || text.length > MAX_NAME_LENGTH) return [];
  Object.assign(sandbox, { patterns, text, at: 0, found: [] });
  while (Number(sandbox["at"]) < patterns.length) {
    try {
      SEARCH.runInContext(sandbox, { timeout: BUDGET_MS });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
      onSlow(Number(sandbox["at"]));
      sandbox["at"] = Number(sandbox["at"]) + 1;
    }
  }
  const found = sandbox["found"] as readonly number[];
  Object.assign(sandbox, { patterns: [], text: "" });
  return found;
}
