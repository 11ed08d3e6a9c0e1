import { createHash } from "node:crypto";
import { isJsonObject, type JsonObject, type JsonValue } from "@xtrace/contract";
import type { ValidateFunction } from "ajv";
import { OverBudgetError, withinBudget } from "./within-budget.ts";

/** A schema that cannot be used. */
export class JsonSchemaError extends Error {
  override readonly name = "JsonSchemaError";
}

/** A schema, ready to be asked. */
export type JsonSchemaCheck = {
  /** What is wrong with the first of the values that does not fit, and its place; `undefined` when all fit. */
  firstMisfit(values: readonly JsonValue[]): { readonly place: number; readonly problem: string } | undefined;
};

const MAX_SCHEMA_LENGTH = 100_000;

/** What asking a schema may take of the event loop in all, however many items a dataset has. */
const TOTAL_BUDGET_MS = 5_000;

/** How long a schema that was too costly is refused unasked, so that it does not take all the time there is. */
const COSTLY_FOR_MS = 60_000;
const MAX_COSTLY = 1_000;
/** By their project and text, until when: how long one takes is also for its items, and another project's may be cheap. */
const costly = new Map<string, number>();

/**
 * Makes a JSON Schema usable: draft 7, or 2019-09 and 2020-12 where `$schema` says so. Formats are not checked, and
 * nothing is fetched. It is a stranger's program, so making it and each asking may take half a second, and all askings `totalMs`.
 *
 * Throws JsonSchemaError. Loads the library when a schema is met first: most processes never meet one.
 */
export async function compileJsonSchema(
  schema: JsonValue,
  { projectId, totalMs = TOTAL_BUDGET_MS }: { readonly projectId: string; readonly totalMs?: number },
): Promise<JsonSchemaCheck> {
  if (typeof schema !== "boolean" && !isJsonObject(schema)) throw new JsonSchemaError("expected an object");
  const text = JSON.stringify(schema);
  if (text.length > MAX_SCHEMA_LENGTH) {
    throw new JsonSchemaError(`expected at most ${MAX_SCHEMA_LENGTH} characters`);
  }
  const key = createHash("sha256")
    .update(JSON.stringify([projectId, text]))
    .digest("base64");
  if ((costly.get(key) ?? 0) > Date.now()) throw new JsonSchemaError("was too costly a moment ago");
  // What says which draft it is would be looked up, and may name anything.
  const { $schema: draft, ...rest }: JsonObject = isJsonObject(schema) ? schema : {};
  const { default: Ajv } = await importDraft(typeof draft === "string" ? draft : "");
  // Its own each time: one schema may not be referred to by another, nor stay in memory for it.
  const ajv = new Ajv.default({ strict: false, validateFormats: false, logger: false });
  // What the library needs once is nobody's cost.
  ajv.compile({});
  const validate = usable(key, () => {
    const compiled = ajv.compile(isJsonObject(schema) ? rest : schema);
    // The library's own word, for a check that answers with a promise: any value fits a promise, and no time limit reaches it.
    if ("$async" in compiled) throw new Error("$async is not supported");
    return compiled;
  });
  let spentMs = 0;
  return {
    firstMisfit(values) {
      // Not noted as costly: it may be for the number of one dataset's items, and others may have the same schema.
      if (spentMs >= totalMs) throw new JsonSchemaError(`is too costly: it took more than ${totalMs} ms in all`);
      const startedAt = performance.now();
      try {
        return usable(key, () => firstMisfit(validate, values));
      } finally {
        spentMs += performance.now() - startedAt;
      }
    },
  };
}

/** What `items` means differs between them. */
async function importDraft(draft: string) {
  if (draft.includes("2020-12")) return await import("ajv/dist/2020.js");
  return draft.includes("2019-09") ? await import("ajv/dist/2019.js") : await import("ajv");
}

function firstMisfit(validate: ValidateFunction, values: readonly JsonValue[]) {
  const place = values.findIndex((value) => !validate(value));
  if (place === -1) return undefined;
  const [error] = validate.errors ?? [];
  const at = error?.instancePath ?? "";
  return { place, problem: [at, error?.message ?? "does not fit"].filter((text) => text !== "").join(" ") };
}

function usable<T>(key: string, work: () => T): T {
  try {
    return withinBudget(work);
  } catch (error) {
    if (error instanceof OverBudgetError) {
      if (costly.size >= MAX_COSTLY) costly.clear();
      costly.set(key, Date.now() + COSTLY_FOR_MS);
      throw new JsonSchemaError(`is too costly: it ${error.message}`);
    }
    throw new JsonSchemaError(`is no JSON Schema: ${error instanceof Error ? error.message : String(error)}`);
  }
}
