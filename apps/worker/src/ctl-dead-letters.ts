import { isoFromUs } from "@xtrace/contract";
import {
  discardDeadLetters,
  getDeadLetter,
  listDeadLetters,
  replayDeadLetter,
  requestReplay,
  type Database,
  type DeadLetterFilter,
  type DeadLetterRow,
} from "@xtrace/db";
import { ConfigError } from "@xtrace/runtime";

/** Letters of one `list`; the newest. */
const MAX_LISTED = 1_000;
/** Characters of a payload that `show` prints. */
const MAX_SHOWN = 20_000;

export const DEAD_LETTERS_USAGE = `  dead-letters list                 what PostgreSQL refused, newest first, a JSON line each (also: dlq list)
       [--project ID] [--state open|requested|replayed|discarded] [--reason SQLSTATE|other]
  dead-letters show ID              one with its payload, cut after ${MAX_SHOWN} characters
  dead-letters replay ID ...        write them once more, and say what came of each; again is harmless
  dead-letters replay --all         the same for all that are open [--project ID] [--reason SQLSTATE|other]
  dead-letters discard ID ...       give them up and forget what was in them
`;

export type DeadLetterOptions = {
  readonly project?: string;
  readonly state?: string;
  readonly reason?: string;
  readonly all?: boolean;
};

/** Returns the exit code, or `undefined` for no such command. 1 when a letter was refused again or is not there. */
export async function runDeadLetters(
  db: Database,
  [verb, ...ids]: readonly string[],
  options: DeadLetterOptions,
  print: (text: string) => void,
): Promise<number | undefined> {
  const filter: DeadLetterFilter = { projectId: options.project, reason: options.reason };
  switch (verb) {
    case "list": {
      const state = STATES.find((known) => known === options.state);
      if (options.state !== undefined && !state) throw new ConfigError(`--state: expected one of ${STATES.join(", ")}`);
      const rows = await listDeadLetters(db, { filter: { ...filter, state }, limit: MAX_LISTED, offset: 0 });
      for (const row of rows) print(`${asciiJson(present(row))}\n`);
      return 0;
    }
    case "show": {
      const [id] = ids;
      if (id === undefined) throw new ConfigError("dead-letters show: the id is missing");
      const letter = await getDeadLetter(db, { id, projectId: options.project, maxChars: MAX_SHOWN });
      if (!letter) return missing([id], print);
      print(`${asciiJson({ ...present(letter), payload: letter.payload })}\n`);
      return 0;
    }
    case "replay":
      return await replay(db, { ...filter, ids: chosen(verb, ids, options) }, print);
    case "discard": {
      const gone = await discardDeadLetters(db, { projectId: options.project, ids: chosen(verb, ids, {}) ?? [] });
      for (const id of gone) print(`Discarded ${id}.\n`);
      return missing(
        ids.filter((id) => !gone.includes(id)),
        print,
      );
    }
    default:
      return undefined;
  }
}

const STATES = ["open", "requested", "replayed", "discarded"] as const;

/** `undefined` for all. Discarding takes no `--all`: what is forgotten should have been looked at. */
function chosen(verb: string, ids: readonly string[], { all }: DeadLetterOptions): readonly string[] | undefined {
  if (all && ids.length === 0) return undefined;
  if (!all && ids.length > 0) return ids;
  throw new ConfigError(
    `dead-letters ${verb}: ${verb === "replay" ? "give ids or --all, one of the two" : "give ids"}`,
  );
}

/** Does itself what it asked the workers for, beside them: whoever is first, each letter is written once. */
async function replay(db: Database, filter: DeadLetterFilter, print: (text: string) => void): Promise<number> {
  const asked = await requestReplay(db, filter);
  while (await replayDeadLetter(db));
  let refused = 0;
  for (const id of asked) {
    const letter = await getDeadLetter(db, { id, maxChars: 0 });
    if (letter?.state === "open") refused += 1;
    // Held by a worker at this moment, which will say what came of it in its log.
    const outcome =
      letter?.state === "open" ? `refused again: ${letter.sqlstate ?? "other"}` : (letter?.state ?? "gone");
    print(`${id} ${outcome}\n`);
  }
  const absent = missing(
    (filter.ids ?? []).filter((id) => !asked.includes(id)),
    print,
  );
  return refused > 0 ? 1 : absent;
}

function missing(ids: readonly string[], print: (text: string) => void): number {
  for (const id of ids) print(`There is no unsettled dead letter ${asciiJson(id)}.\n`);
  return ids.length > 0 ? 1 : 0;
}

function present({ receivedAt, createdAt, replayRequestedAt, replayedAt, discardedAt, ...letter }: DeadLetterRow) {
  const iso = (timeUs: number | null) => (timeUs === null ? null : isoFromUs(timeUs));
  return {
    ...letter,
    receivedAt: iso(receivedAt),
    createdAt: iso(createdAt),
    replayRequestedAt: iso(replayRequestedAt),
    replayedAt: iso(replayedAt),
    discardedAt: iso(discardedAt),
  };
}

/** What is in a letter came from anybody: nothing of it may reach the terminal but printable ASCII. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[^\x20-\x7e]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
