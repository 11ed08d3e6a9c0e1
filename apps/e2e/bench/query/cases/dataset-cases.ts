import { END, SIZES } from "../settings.ts";
import { BAR_MS, dayBefore, limitOf, type QueryCase } from "./query-case.ts";

/** Runs of datasets, as such and as experiments. */
export function datasetCases(): QueryCase[] {
  const dataset = (n: number) => `dataset-${1 + (n % SIZES.datasets)}`;
  // Of that dataset.
  const run = (n: number) => `run-${n % SIZES.datasets || SIZES.datasets}`;
  const since = (n: number) => `fromStartTime=${dayBefore(END, 30 + (n % 20))}`;
  return [
    { name: "datasets", paths: (n) => `v2/datasets?limit=${limitOf(n)}`, barMs: BAR_MS },
    {
      name: "dataset items",
      paths: (n) => `dataset-items?datasetName=${dataset(n)}&limit=${limitOf(n)}`,
      barMs: BAR_MS,
    },
    { name: "runs of a dataset", paths: (n) => `datasets/${dataset(n)}/runs?limit=${limitOf(n)}`, barMs: BAR_MS },
    {
      name: "a run with its items",
      paths: (n) => `datasets/${dataset(n)}/runs/${run(n)}`,
      barMs: BAR_MS,
    },
    { name: "experiments: a month", paths: (n) => `experiments?limit=${limitOf(n)}&${since(n)}`, barMs: BAR_MS },
    {
      name: "experiments: a month of a dataset, with scores",
      paths: (n) => `experiments?limit=${limitOf(n)}&${since(n)}&datasetId=${dataset(n)}&fields=core,scores`,
      barMs: BAR_MS,
    },
    {
      name: "experiment items: a month",
      paths: (n) => `experiment-items?limit=${limitOf(n)}&${since(n)}`,
      barMs: BAR_MS,
    },
    {
      name: "experiment items: of a run, with what was said",
      paths: (n) => `experiment-items?limit=${limitOf(n)}&experimentId=${run(n)}&fields=core,io,scores`,
      barMs: BAR_MS,
    },
  ];
}
