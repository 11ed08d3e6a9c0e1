import { LIMITS } from "@xtrace/contract";

/** At most `maxLength` UTF-16 code units, and never half a surrogate pair, which PostgreSQL would refuse. */
export function cutText(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const lastUnit = text.charCodeAt(maxLength - 1);
  const splitsPair = lastUnit >= 0xd800 && lastUnit <= 0xdbff;
  return text.slice(0, splitsPair ? maxLength - 1 : maxLength);
}

/** A name, user, session or version: what lists show and indexes hold. Keeps `null`, which clears. */
export function cutName<T extends string | null | undefined>(name: T): T | string {
  return typeof name === "string" ? cutText(name, LIMITS.maxNameLength) : name;
}
