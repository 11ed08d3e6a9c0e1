/**
 * Under which ids a trace that was asked for by `id` may be stored, the likeliest first.
 *
 * Ids are kept as they were sent: OTLP's as 32 hex digits, which clients of UUIDs write with hyphens.
 */
export function traceIdCandidates(id: string): string[] {
  if (UUID.test(id)) return [id, id.replaceAll("-", "").toLowerCase()];
  if (HEX_32.test(id)) return [id, dashed(id.toLowerCase())];
  return [id];
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const HEX_32 = /^[0-9a-f]{32}$/i;

function dashed(hex: string): string {
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
