import { closeSync, openSync, writeSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { KINDS, type Kind, type Part } from "./part.ts";

/*
 * Two files a sender, one line a part: `sent` has each part before its request leaves for the first time,
 * `acked` each part after an answer said that it was taken. Written at once and in order, so that a
 * sender which dies leaves no line too many in `acked` and none too few in `sent`.
 */

export type Entry = Part & {
  /** Unix epoch milliseconds of the writing. */
  readonly atMs: number;
};

export type LedgerFile = { append(parts: readonly Part[]): void; close(): void };

export function openLedgerFile(path: string): LedgerFile {
  const file = openSync(path, "a");
  return {
    append(parts) {
      const atMs = Date.now();
      writeSync(
        file,
        parts.map(({ kind, id, field, digest }) => `${[atMs, kind, id, field, digest].join("\t")}\n`).join(""),
      );
    },
    close: () => closeSync(file),
  };
}

/** A last line that is cut short belongs to a write that had not returned, so it is left out. */
export async function readLedgerFile(path: string): Promise<Entry[]> {
  const text = await readFile(path, "utf8").catch(() => "");
  return text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .filter(Boolean)
    .map(parseLine);
}

function parseLine(line: string): Entry {
  const [atMs, kind, id, field, digest] = line.split("\t");
  if (!isKind(kind) || !id || !field || !digest) throw new Error(`Not a line of a ledger: ${line}`);
  return { atMs: Number(atMs), kind, id, field, digest };
}

function isKind(text: string | undefined): text is Kind {
  return KINDS.some((kind) => kind === text);
}
