import { createHash } from "node:crypto";

/*
 * Ids for what the sender left without one, made from what was sent: the same request sent twice
 * writes the same rows. All are UUIDs of version 8, the version for a method of one's own (RFC 9562).
 */

/** From a text that is unique in itself. */
export function idFromText(text: string): string {
  return formatUuid(createHash("sha256").update(text).digest("hex"));
}

/**
 * From a request: its project and bytes name the request, `position` the item in it.
 *
 * The position is the last 32 bits, so ids of one request sort together and enter an index side by
 * side; 90 bits are left to tell requests apart. The digest is made once, and only if asked for.
 */
export function requestIds(projectId: string, body: Uint8Array): (position: number) => string {
  let digest: string | undefined;
  return function idAt(position) {
    digest ??= createHash("sha256").update(projectId).update("\0").update(body).digest("hex");
    return formatUuid(digest.slice(0, 24) + position.toString(16).padStart(8, "0"));
  };
}

function formatUuid(hex: string): string {
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
