import type { PromptContent } from "@xtrace/contract";

/** What a prompt names another one by. */
export type PromptReference =
  | { readonly name: string; readonly version: number; readonly label?: undefined }
  | { readonly name: string; readonly label: string; readonly version?: undefined };

/** Whatever stands between the marks; what is no reference stays text. Source: Langfuse's prompt composability. */
const TAG = /@@@langfusePrompt:(.*?)@@@/g;
const VERSION = /^[1-9]\d{0,8}$/;

/** Every prompt that is referred to, once each, in the order of their first mention. */
export function referencesIn(content: PromptContent): PromptReference[] {
  const found = new Map<string, PromptReference>();
  mapTexts(content, (text) => {
    for (const [, inner = ""] of text.matchAll(TAG)) {
      const reference = referenceOf(inner);
      if (reference) found.set(keyOf(reference), reference);
    }
    return text;
  });
  return [...found.values()];
}

/** The same content with each reference replaced by the text it stands for. */
export function replaceReferences(
  content: PromptContent,
  textOf: (reference: PromptReference) => string,
): PromptContent {
  return mapTexts(content, (text) =>
    text.replace(TAG, (tag, inner: string) => {
      const reference = referenceOf(inner);
      return reference ? textOf(reference) : tag;
    }),
  );
}

export function keyOf({ name, version, label }: PromptReference): string {
  return JSON.stringify([name, version ?? label]);
}

/** For people. */
export function describeReference({ name, version, label }: PromptReference): string {
  return version === undefined ? `${name} - label ${label}` : `${name} - version ${version}`;
}

/** The name comes first, then a version or a label, and nothing else. */
function referenceOf(inner: string): PromptReference | undefined {
  const [first = "", second = "", ...rest] = inner.split("|");
  const name = valueOf(first, "name");
  if (!name || rest.length > 0) return undefined;
  const version = valueOf(second, "version");
  if (version !== undefined) return VERSION.test(version) ? { name, version: Number(version) } : undefined;
  const label = valueOf(second, "label");
  return label ? { name, label } : undefined;
}

function valueOf(part: string, key: string): string | undefined {
  return part.startsWith(`${key}=`) ? part.slice(key.length + 1) : undefined;
}

function mapTexts(content: PromptContent, change: (text: string) => string): PromptContent {
  if (typeof content === "string") return change(content);
  return content.map((message) => ("content" in message ? { ...message, content: change(message.content) } : message));
}
