export const TRACE_ID_BYTES = 16;
export const SPAN_ID_BYTES = 8;

/** What an id of the wrong length is read as: it is no hex, so it never passes for one. */
export const INVALID_ID = "invalid";

/** Lower-case hex; "" for an id that is absent or all zero, which W3C Trace Context defines to be none. */
export function idFromBytes(bytes: Buffer, byteLength: number, start = 0, end = bytes.length): string {
  if (end - start === byteLength) return unlessZero(bytes.toString("hex", start, end));
  return bytes.subarray(start, end).every((byte) => byte === 0) ? "" : INVALID_ID;
}

/** Hex in any case, as OTLP's JSON has it, or the base64 that a plain proto3 JSON writer makes of the bytes. */
export function idFromText(text: string, byteLength: number): string {
  if (text.length === byteLength * 2 && HEX.test(text)) return unlessZero(text.toLowerCase());
  if (ZEROS.test(text)) return "";
  if (!BASE64.test(text)) return INVALID_ID;
  // Refuses by length before decoding: an id may be as long as the body.
  const unpadded = text.replace(/=+$/, "");
  if (unpadded.length !== Math.ceil((byteLength * 4) / 3)) return INVALID_ID;
  return idFromBytes(Buffer.from(unpadded, "base64"), byteLength);
}

const HEX = /^[0-9a-fA-F]+$/;
const ZEROS = /^0*$/;
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;

function unlessZero(hex: string): string {
  return hex.startsWith("0") && ZEROS.test(hex) ? "" : hex;
}
