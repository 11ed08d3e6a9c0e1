import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";

type Schema = Readonly<Record<string, unknown>>;
type Operation = {
  readonly responses?: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>
  >;
};
export type ApiDocument = { readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> };

export type CheckedResponse = {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly status: number;
  /** `undefined` for none, or for one that is no JSON. */
  readonly body: unknown;
};

/** What of a response its API description does not say; `undefined` when it says all of it, or nothing of its operation. */
export type ResponseCheck = (response: CheckedResponse) => string | undefined;

/** A response has what its schema requires, and no key that its schema does not name. */
export function createResponseCheck(document: ApiDocument): ResponseCheck {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema(closed(document) as Schema, "api");
  const paths = Object.keys(document.paths)
    .toSorted((a, b) => countOf(a, "{") - countOf(b, "{"))
    .map((path) => ({ path, pattern: patternOf(path) }));
  const validators = new Map<string, ValidateFunction>();

  return ({ method, path, status, body }) => {
    const template = paths.find(
      ({ path: one, pattern }) => pattern.test(path) && operationOf(document, one, method),
    )?.path;
    if (template === undefined) return undefined;
    const name = `${method} ${template} ${status}`;
    const described = operationOf(document, template, method)?.responses?.[status];
    if (!described) return `${name}: no such answer is described`;
    if (!described.content) return body === undefined ? undefined : `${name}: a body that is not described`;
    if (!described.content["application/json"]) return undefined;
    const pointer = [
      "paths",
      template,
      method.toLowerCase(),
      "responses",
      String(status),
      "content",
      "application/json",
      "schema",
    ];
    const ref = `api#/${pointer.map((part) => encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"))).join("/")}`;
    const validate = validators.get(ref) ?? ajv.compile({ $ref: ref });
    validators.set(ref, validate);
    return validate(body) ? undefined : `${name}: ${ajv.errorsText(validate.errors, { dataVar: "body" })}`;
  };
}

function operationOf(document: ApiDocument, path: string, method: string): Operation | undefined {
  return document.paths[path]?.[method.toLowerCase()];
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
