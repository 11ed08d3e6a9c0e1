import type { Buffer } from "node:buffer";

/*
 * Names of attributes are the same few in every span. Those that were read lately are kept and found again
 * by their bytes: no string has to be made, and a map finds the string that it was given sooner than one like it.
 */

const SLOTS = 1024;
/** Longer ones, which are made up for one span as a rule, are not kept. */
const MAX_LENGTH = 96;

const lately: string[] = Array.from({ length: SLOTS }, () => "");

/** The text of these bytes if it was remembered, else `undefined`. */
export function recallName(bytes: Buffer, start: number, end: number): string | undefined {
  if (end - start > MAX_LENGTH) return undefined;
  const name = lately[slotOf(bytes, start, end)] ?? "";
  return isWrittenAt(name, bytes, start, end) ? name : undefined;
}

/** Takes the place of another name now and then, so that no sender can make it many. */
export function rememberName(name: string, bytes: Buffer, start: number, end: number): void {
  // Of another length is what is not plain ASCII, whose characters are no bytes.
  if (end - start <= MAX_LENGTH && name.length === end - start) lately[slotOf(bytes, start, end)] = name;
}

function slotOf(bytes: Buffer, start: number, end: number): number {
  let hash = 0;
  for (let index = start; index < end; index++) hash = (Math.imul(hash, 31) + (bytes[index] ?? 0)) | 0;
  return hash & (SLOTS - 1);
}

function isWrittenAt(name: string, bytes: Buffer, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let index = 0; index < name.length; index++) {
    if (name.charCodeAt(index) !== bytes[start + index]) return false;
  }
  return true;
}
