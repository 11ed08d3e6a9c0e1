import type { JsonValue } from "@xtrace/contract";
import { listDatasetItems, type Database, type DatasetRow } from "@xtrace/db";
import { InvalidRequest } from "@xtrace/runtime";
import { compileJsonSchema, JsonSchemaError, type JsonSchemaCheck } from "../json-schema/json-schema.ts";

type Schemas = { readonly [Key in `${Field}Schema`]?: JsonValue | null | undefined };
type Field = "input" | "expectedOutput";

const FIELDS = ["input", "expectedOutput"] as const satisfies readonly Field[];
/** Items are read and checked so many at a time. */
const SLICE = 500;

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

/** Refuses schemas that are none, and those that an item of the dataset does not fit. `stored` is the dataset as it is, if it is. */
export async function requireFittingSchemas(
  db: Database,
  projectId: string,
  given: Schemas,
  stored: DatasetRow | undefined,
): Promise<void> {
  const checks: Array<{ readonly field: Field; readonly check: JsonSchemaCheck }> = [];
  for (const field of FIELDS) {
    const schema = given[`${field}Schema`] ?? null;
    if (schema !== null) checks.push({ field, check: await compiled(projectId, field, schema) });
  }
  if (checks.length === 0 || !stored) return;
  const filter = { projectId, datasetId: stored.id };
  for (let offset = 0; ; offset += SLICE) {
    const items = await listDatasetItems(db, { filter, limit: SLICE, offset });
    for (const { field, check } of checks) {
      const said = items.filter((item) => item[field] !== null);
      const misfit = asked(field, () => check.firstMisfit(said.map((item) => item[field])));
      if (misfit) {
        const { id } = said[misfit.place] ?? { id: "" };
        throw refusal(`${field}Schema`, `item ${id} does not fit: ${misfit.problem}`);
      }
    }
    if (items.length < SLICE) return;
  }
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
