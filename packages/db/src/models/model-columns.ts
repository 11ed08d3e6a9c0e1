import { getTableColumns } from "drizzle-orm";
import type { ModelDefinition } from "../prices/model-definition.ts";
import { models } from "../schema/models.ts";

const { updatedAt, ...columns } = getTableColumns(models);

/** What a model is, as the price book takes it. */
export const modelColumns = columns;

export type StoredModel = ModelDefinition & { readonly projectId: string };
