import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import type { LoggedAnswer } from "./answer-log.ts";

type Schema = Readonly<Record<string, unknown>>;
type Operation = {
  readonly responses?: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>
  >;
};
export type ApiDocument = { readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> };

/** What of a response its API description does not say; `undefined` when it says all of it, or need not. */
export type ResponseCheck = (response: LoggedAnswer) => string | undefined;

/** Where the API is. A process also answers its probes, and whoever asks for what is not there. */
const API_PATH = /^\/(api|v1)\//;

/**
 * A response has what its schema requires, and no key that its schema does not name. Of an operation that is not described
 * nothing but refusals are right.
 */
export function createResponseCheck(document: ApiDocument): ResponseCheck {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema(closed(document) as Schema, "api");
  const paths = Object.keys(document.paths)
    .toSorted((a, b) => countOf(a, "{") - countOf(b, "{"))
    .map((path) => ({ path, pattern: patternOf(path) }));
  const validators = new Map<string, ValidateFunction>();

  return ({ method, path, status, mediaType, bytes, text }) => {
    // A browser's question about an operation, not an operation.
    if (method === "OPTIONS") return undefined;
    const template = paths.find(
      ({ path: one, pattern }) => pattern.test(path) && operationOf(document, one, method),
    )?.path;
    if (template === undefined) {
      const isServed = API_PATH.test(path) && (status < 400 || status === 500);
      return isServed ? `${method} ${path} ${status}: no such operation is described` : undefined;
    }
    const name = `${method} ${template} ${status}`;
    const described = operationOf(document, template, method)?.responses?.[status];
    if (!described) return `${name}: no such answer is described`;
    if (!described.content) return bytes === 0 ? undefined : `${name}: a body that is not described`;
    if (method === "HEAD") return undefined;
    const range = [mediaType, "*/*"].find((one) => described.content?.[one]);
    if (range === undefined) return `${name}: a body that is not described, of the type "${mediaType}"`;
    if (range !== "application/json" || text === undefined) return undefined;
    const pointer = ["paths", template, method.toLowerCase(), "responses", String(status), "content", range, "schema"];
    const ref = `api#/${pointer.map((part) => encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"))).join("/")}`;
    const validate = validators.get(ref) ?? ajv.compile({ $ref: ref });
    validators.set(ref, validate);
    return validate(parsed(text))
      ? undefined
      : `${name}: ${ajv.errorsText(validate.errors, { dataVar: "body" })}${keysOf(validate)}`;
  };
}

/** Those that no schema names. */
function keysOf({ errors }: ValidateFunction): string {
  const keys = (errors ?? []).flatMap(({ params }) => (params["additionalProperty"] as string | undefined) ?? []);
  return keys.length === 0 ? "" : ` (${[...new Set(keys)].join(", ")})`;
}

/** `undefined` where it is no JSON, which no schema allows. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `HEAD` is answered as `GET` is, without the body. */
function operationOf(document: ApiDocument, path: string, method: string): Operation | undefined {
  return document.paths[path]?.[method === "HEAD" ? "get" : method.toLowerCase()];
}

function patternOf(path: string): RegExp {
  const parts = path.split(/\{\w+\}/).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join("[^/]+")}$`);
}

function countOf(text: string, part: string): number {
  return text.split(part).length;
}

/** A schema that names properties allows no others, so that a key that nobody described shows. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, closed(inner)] as const);
  const isOpen = "properties" in value && "type" in value && !("additionalProperties" in value);
  return Object.fromEntries(isOpen ? [...entries, ["additionalProperties", false] as const] : entries);
}
