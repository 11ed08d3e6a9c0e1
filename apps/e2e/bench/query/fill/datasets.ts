import { END, SIZES, traceCountOf, type FillSettings } from "../settings.ts";

export const DATASET_TABLES = ["datasets", "dataset_items", "dataset_runs", "dataset_run_items"];

/** Runs of all datasets together, each over every item of its own. */
function runCountOf(settings: FillSettings): number {
  return Math.max(Math.round(SIZES.runs * settings.scale), SIZES.datasets);
}

/** The traces of a run follow each other, and are made when it is. */
export function insertDatasets(settings: FillSettings): string[] {
  const { datasets, itemsPerDataset } = SIZES;
  const runs = runCountOf(settings);
  const traces = traceCountOf(settings);
  const at = `timestamptz '${END}' - interval '1 minute' * (1 + (${runs} - r) * ${settings.days * 1_440}::bigint / ${runs + 1})`;
  return [
    `insert into datasets (project_id, id, name)
     select 'bench', 'dataset-' || d, 'dataset-' || d from generate_series(1, ${datasets}) d`,
    `insert into dataset_items (project_id, id, dataset_id, status, input, expected_output)
     select 'bench', 'item-' || d || '-' || i, 'dataset-' || d, 'ACTIVE', to_json(pg_temp.words(i, 100)), to_json(pg_temp.words(i + 1, 100))
     from generate_series(1, ${datasets}) d, generate_series(1, ${itemsPerDataset}) i`,
    `insert into dataset_runs (project_id, id, dataset_id, name, metadata, created_at, updated_at)
     select 'bench', 'run-' || r, 'dataset-' || 1 + r % ${datasets}, 'run-' || r, '{}', ${at}, ${at}
     from generate_series(1, ${runs}) r`,
    `insert into dataset_run_items (project_id, id, run_id, item_id, trace_id, created_at, updated_at)
     select 'bench', 'run-item-' || r || '-' || i, 'run-' || r, 'item-' || 1 + r % ${datasets} || '-' || i,
       pg_temp.long_id(1 + (r::bigint * ${Math.floor(traces / runs)} + i) % ${traces}, 'trace'),
       ${at} + i * interval '1 second', ${at} + i * interval '1 second'
     from generate_series(1, ${runs}) r, generate_series(1, ${itemsPerDataset}) i
     order by r, i`,
  ];
}
