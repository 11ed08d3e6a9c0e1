import { isJsonObject } from "@xtrace/contract";

/** A file that a text names, and where the text stands. */
export type FoundReference = { readonly referenceString: string; readonly mediaId: string; readonly jsonPath: string };

/** Of one value. */
const MAX_REFERENCES = 100;
/** As clients write it: type, id and source, apart from each other by bars. */
const REFERENCE = /@@@langfuseMedia:([^@]{1,1000})@@@/g;

/** What a JSON value names of files, in the order in which it stands there, up to 100. Source: Langfuse's `mediaReferences`. */
export function findReferences(value: unknown): FoundReference[] {
  const found: FoundReference[] = [];
  walk(value, "$", found);
  return found.slice(0, MAX_REFERENCES);
}

function walk(value: unknown, jsonPath: string, found: FoundReference[]): void {
  if (found.length >= MAX_REFERENCES) return;
  if (typeof value === "string") {
    for (const [referenceString, fields = ""] of value.matchAll(REFERENCE)) {
      const mediaId = /(?:^|\|)id=([^|]+)/.exec(fields)?.[1];
      if (mediaId !== undefined) found.push({ referenceString, mediaId, jsonPath });
    }
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) walk(item, `${jsonPath}[${index}]`, found);
  } else if (isJsonObject(value)) {
    for (const [key, item] of Object.entries(value)) walk(item, `${jsonPath}['${escaped(key)}']`, found);
  }
}

function escaped(key: string): string {
  return key.replaceAll(/['\\]/g, String.raw`\$&`);
}
