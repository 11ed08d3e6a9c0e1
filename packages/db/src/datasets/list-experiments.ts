import type { Database } from "../client.ts";
import type {
  ExperimentFilter,
  ExperimentItemFilter,
  ExperimentItemRow,
  ExperimentPage,
  ExperimentRow,
} from "./experiment.ts";
import { listRunExperimentItems } from "./list-run-experiment-items.ts";
import { listRunExperiments } from "./list-run-experiments.ts";
import { listSpanExperimentItems } from "./list-span-experiment-items.ts";
import { listSpanExperiments } from "./list-span-experiments.ts";
import { newestFirst } from "./newest-first.ts";

/** Runs of datasets and experiments that only spans tell of, by their last activity, newest first. */
export async function listExperiments(
  db: Database,
  options: ExperimentPage & { readonly filter: ExperimentFilter },
): Promise<ExperimentRow[]> {
  const [ofRuns, ofSpans] = [await listRunExperiments(db, options), await listSpanExperiments(db, options)];
  return newestFirst(ofRuns, ofSpans, { timeOf: ({ activeAt }) => activeAt, limit: options.limit });
}

/** What came of items in them, newest first. `ids` and `names` are the experiments'. */
export async function listExperimentItems(
  db: Database,
  options: ExperimentPage & { readonly filter: ExperimentItemFilter },
): Promise<ExperimentItemRow[]> {
  const [ofRuns, ofSpans] = [await listRunExperimentItems(db, options), await listSpanExperimentItems(db, options)];
  return newestFirst(ofRuns, ofSpans, { timeOf: ({ createdAt }) => createdAt, limit: options.limit });
}
