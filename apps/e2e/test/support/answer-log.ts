import { closeSync, mkdtempSync, openSync, readdirSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** An answer as record-answers.mjs writes it down. */
export type LoggedAnswer = {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly status: number;
  /** Without parameters; empty where the answer has none. */
  readonly mediaType: string;
  /** Of the body. */
  readonly bytes: number;
  /** The body of a JSON answer, unless it is very large. */
  readonly text?: string | undefined;
};

export type AnswerLog = {
  readonly dir: string;
  /** What makes a process write its answers down, to be given to Node in NODE_OPTIONS. */
  readonly nodeOption: string;
  /** The answers since the last call, of all processes that were given the option. */
  take(): Generator<LoggedAnswer>;
  remove(): void;
};

const RECORDER = new URL("record-answers.mjs", import.meta.url);
const READ_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;

/** A folder into which processes write their answers, each into a file of its own. */
export function openAnswerLog(): AnswerLog {
  const dir = mkdtempSync(join(tmpdir(), "xtrace-answers-"));
  const offsets = new Map<string, number>();
  const recorder = new URL(RECORDER);
  recorder.searchParams.set("dir", dir);

  function* linesOf(name: string): Generator<string> {
    const file = openSync(join(dir, name), "r");
    try {
      let rest = Buffer.alloc(0);
      for (;;) {
        const offset = offsets.get(name) ?? 0;
        const chunk = Buffer.allocUnsafe(READ_BYTES);
        const length = readSync(file, chunk, 0, READ_BYTES, offset + rest.length);
        if (length === 0) return;
        rest = Buffer.concat([rest, chunk.subarray(0, length)]);
        // A line that is being written is left for the next time.
        const end = rest.lastIndexOf(NEWLINE) + 1;
        offsets.set(name, offset + end);
        const lines = rest.subarray(0, end).toString().split("\n");
        rest = rest.subarray(end);
        yield* lines.filter((line) => line !== "");
      }
    } finally {
      closeSync(file);
    }
  }

  return {
    dir,
    nodeOption: `--import=${recorder.href}`,
    *take() {
      for (const name of readdirSync(dir)) {
        for (const line of linesOf(name)) yield JSON.parse(line) as LoggedAnswer;
      }
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}
