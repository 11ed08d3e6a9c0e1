import { sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { PatternError } from "../prices/match-pattern.ts";
import { createPriceBook, type PriceBook } from "../prices/price-book.ts";
import { models } from "../schema/models.ts";
import { modelColumns } from "./model-columns.ts";

/** A price book and the state of the table that it was made of. */
export type LoadedPriceBook = { readonly book: PriceBook; readonly version: string };

export type PriceBookProblem = { readonly modelId: string; readonly problem: "slow pattern" | "bad pattern" };

/**
 * The prices of all projects, to look up without a query. Given the book that stands, it is returned as it is while no model has
 * changed: one look at a small table. A model whose pattern cannot be used is left out, and told.
 */
export async function loadPriceBook(
  db: Database,
  options: {
    readonly current?: LoadedPriceBook | undefined;
    readonly onProblem: (problem: PriceBookProblem) => void;
  },
): Promise<LoadedPriceBook> {
  const { current, onProblem } = options;
  // Of every row, as who writes first need not commit first.
  const row = sql`${models.projectId} || ${models.id} || ${models.updatedAt}`;
  const [state] = await db.execute(sql`
    select count(*) || ' ' || coalesce(sum(hashtextextended(${row}, 0)), 0) as version from ${models}`);
  const version = String(state?.["version"]);
  if (current?.version === version) return current;
  const rows = await db.select(modelColumns).from(models);
  const usable = rows.filter((model) => {
    try {
      createPriceBook([model]);
      return true;
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      onProblem({ modelId: model.id, problem: "bad pattern" });
      return false;
    }
  });
  const book = createPriceBook(usable, { onSlow: (modelId) => onProblem({ modelId, problem: "slow pattern" }) });
  return { book, version };
}
