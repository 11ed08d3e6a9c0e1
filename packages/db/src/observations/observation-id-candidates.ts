import { traceIdCandidates } from "../traces/trace-id-candidates.ts";

/**
 * Under which ids an observation that was asked for by `id` may be stored, the likeliest first.
 *
 * An OTLP span id has 8 bytes; clients of UUIDs write it with 8 zero bytes in front.
 */
export function observationIdCandidates(id: string): string[] {
  if (HEX_16.test(id)) return [id, ...traceIdCandidates(`${ZEROS}${id.toLowerCase()}`).toReversed()];
  const candidates = traceIdCandidates(id);
  const hex = candidates.find((candidate) => PADDED.test(candidate));
  return hex === undefined ? candidates : [...candidates, hex.slice(ZEROS.length).toLowerCase()];
}

const ZEROS = "0".repeat(16);
const HEX_16 = /^[0-9a-f]{16}$/i;
const PADDED = /^0{16}[0-9a-f]{16}$/i;
