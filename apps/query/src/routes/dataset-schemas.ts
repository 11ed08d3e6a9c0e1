import type { JsonValue } from "@xtrace/contract";
import type { WalkedItem } from "@xtrace/db";
import { InvalidRequest } from "@xtrace/runtime";
import { compileJsonSchema, JsonSchemaError, type JsonSchemaCheck } from "../json-schema/json-schema.ts";

type Schemas = { readonly [Key in `${Field}Schema`]?: JsonValue | null | undefined };
type Field = "input" | "expectedOutput";

const FIELDS = ["input", "expectedOutput"] as const satisfies readonly Field[];

/** Refuses an item that does not fit its dataset's schemas. What is absent says nothing, and fits. */
export async function requireFittingItem(
  dataset: Schemas & { readonly projectId: string },
  item: Readonly<Record<Field, JsonValue | null>>,
): Promise<void> {
  for (const field of FIELDS) {
    const [schema = null, value] = [dataset[`${field}Schema`], item[field]];
    if (schema === null || value === null) continue;
    const check = await compiled(dataset.projectId, field, schema);
    const misfit = asked(field, () => check.firstMisfit([value]));
    if (misfit) throw refusal(field, `does not fit the dataset's ${field}Schema: ${misfit.problem}`);
  }
}

/**
 * What a dataset's items have to fit, once they are shown; `undefined` without schemas. Refuses schemas that are none, and
 * then those that an item does not fit.
 */
export async function schemasCheck(
  projectId: string,
  given: Schemas,
): Promise<((items: AsyncIterable<readonly WalkedItem[]>) => Promise<void>) | undefined> {
  const checks: Array<{ readonly field: Field; readonly check: JsonSchemaCheck }> = [];
  for (const field of FIELDS) {
    const schema = given[`${field}Schema`] ?? null;
    if (schema !== null) checks.push({ field, check: await compiled(projectId, field, schema) });
  }
  if (checks.length === 0) return undefined;
  return async function requireFittingItems(items) {
    for await (const slice of items) {
      for (const { field, check } of checks) requireFit(field, check, slice);
    }
  };
}

function requireFit(field: Field, check: JsonSchemaCheck, items: readonly WalkedItem[]): void {
  const said = items.filter((item) => item[field] !== null);
  const misfit = asked(field, () => check.firstMisfit(said.map((item) => item[field])));
  if (!misfit) return;
  const { id } = said[misfit.place] ?? { id: "" };
  throw refusal(`${field}Schema`, `item ${id} does not fit: ${misfit.problem}`);
}

async function compiled(projectId: string, field: Field, schema: JsonValue): Promise<JsonSchemaCheck> {
  try {
    return await compileJsonSchema(schema, { projectId });
  } catch (error) {
    throw ofSchema(field, error);
  }
}

function asked<T>(field: Field, ask: () => T): T {
  try {
    return ask();
  } catch (error) {
    throw ofSchema(field, error);
  }
}

function ofSchema(field: Field, error: unknown): unknown {
  return error instanceof JsonSchemaError ? refusal(`${field}Schema`, error.message) : error;
}

function refusal(path: string, message: string): InvalidRequest {
  return new InvalidRequest([{ path, message }], { message: `${path}: ${message}` });
}
