import type { Answer } from "../api.ts";

/** A row that has to exist in the end if `isAccepted` says that its event was. */
export type ExpectedRow = {
  readonly table: "traces" | "observations" | "scores" | "metrics";
  readonly id: string;
  readonly isAccepted: (answer: Answer) => boolean;
};

export type FuzzRequest = {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly rows: readonly ExpectedRow[];
  /** An event in order among the others, which no other may take with it. */
  readonly neighbour?: ExpectedRow;
};

/** A request that names its rows by a number of its own. */
export type MakeRequest = (serial: number) => FuzzRequest;

/** What a template has where the serial number belongs. */
export const SERIAL = "@serial@";

export function numbered(text: string, serial: number): string {
  return text.replaceAll(SERIAL, String(serial));
}
