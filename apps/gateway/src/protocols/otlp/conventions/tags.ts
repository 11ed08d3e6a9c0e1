import { isJsonArray, type JsonValue, LIMITS } from "@xtrace/contract";
import { cutText } from "../../fields/cut-text.ts";

/** From a list, or from a text of tags with commas between. Each once, and of too many those that sort first; `undefined` for none. */
export function tagsOf(value: JsonValue | undefined): readonly string[] | undefined {
  const tags = new Set<string>();
  for (const part of partsOf(value)) {
    const tag = part.trim();
    if (tag !== "") tags.add(cutText(tag, LIMITS.maxTagLength));
  }
  if (tags.size === 0) return undefined;
  return tags.size <= LIMITS.maxTags ? [...tags] : [...tags].toSorted().slice(0, LIMITS.maxTags);
}

function partsOf(value: JsonValue | undefined): readonly string[] {
  if (isJsonArray(value)) return value.filter((item) => typeof item !== "object").map(String);
  if (typeof value === "string") return value.split(",");
  return typeof value === "number" ? [String(value)] : [];
}
