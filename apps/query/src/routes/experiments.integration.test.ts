import { Experiment, ExperimentItemList, ExperimentList } from "@xtrace/contract";
import { addDatasetRunItem, deleteDatasetRun, scores, upsertDataset, upsertDatasetItem } from "@xtrace/db";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newProject, NOW_US, refused, startRoutes, type RouteApp } from "../../test/route-app.ts";
import { scoreRow } from "../../test/route-rows.ts";
import { insertObservations, insertTraces } from "../../test/rows.ts";
import { experimentsRoutes } from "./experiments.ts";

let app: RouteApp;
beforeAll(async () => {
  app = await startRoutes(experimentsRoutes);
});
afterAll(() => app[Symbol.asyncDispose]());

const HOUR_US = 3_600_000_000;
const FROM = { fromStartTime: "2020-01-01T00:00:00Z" };

const NEW_ITEM = { input: null, expectedOutput: null, sourceTraceId: null, sourceObservationId: null, status: null };

/** A dataset with the items `one` and `two`, and runs over them an hour apart. */
async function projectExperiments(runs: readonly string[] = ["first", "second"]) {
  const projectId = newProject();
  const { id: datasetId } = await upsertDataset(app.db, {
    projectId,
    name: "d",
    description: null,
    metadata: null,
    inputSchema: null,
    expectedOutputSchema: null,
  });
  for (const id of ["one", "two"]) {
    await upsertDatasetItem(app.db, {
      ...NEW_ITEM,
      projectId,
      datasetId,
      id,
      input: `in ${id}`,
      expectedOutput: `out ${id}`,
      metadata: { item: id },
    });
  }
  const ids = new Map<string, string>();
  for (const [index, runName] of runs.entries()) {
    for (const itemId of ["one", "two"]) {
      const { runId } = await addDatasetRunItem(app.db, {
        projectId,
        datasetId,
        runName,
        description: `about ${runName}`,
        metadata: { run: runName },
        itemId,
        traceId: `trace of ${itemId}`,
        observationId: itemId === "one" ? "o" : null,
        createdAtUs: NOW_US + index * HOUR_US + (itemId === "one" ? 0 : 1_000),
      });
      ids.set(runName, runId);
    }
  }
  return {
    projectId,
    datasetId,
    idOf: (run: string) => ids.get(run) ?? "",
    list: (params: object = {}) => app.read(ExperimentList, "/experiments", { ...FROM, ...params }, projectId),
    items: (params: object = {}) =>
      app.read(ExperimentItemList, "/experiment-items", { ...FROM, ...params }, projectId),
  };
}

test("runs are listed newest first, with what was asked for", async () => {
  const { projectId, datasetId, idOf, list } = await projectExperiments();
  await app.db
    .insert(scores)
    .values([
      scoreRow(projectId, { traceId: null, datasetRunId: idOf("first"), name: "average", value: 0.5 }),
      scoreRow(projectId, { traceId: null, datasetRunId: "other" }),
    ]);
  const core = await list();
  expect(core).toEqual({
    data: ["second", "first"].map((name, index) => ({
      id: idOf(name),
      name,
      description: `about ${name}`,
      startTime: `2026-01-31T${13 - index}:00:00.000Z`,
      endTime: `2026-01-31T${13 - index}:00:00.000Z`,
      itemCount: 2,
      datasetId,
    })),
    meta: {},
  });
  const full = await list({ fields: "core,metadata,scores" });
  expect(full.data).toMatchObject([
    { metadata: { run: "second" }, scores: [] },
    { metadata: { run: "first" }, scores: [{ name: "average", value: 0.5, subject: { kind: "experiment" } }] },
  ]);
  expect(await app.read(Experiment, `/experiments/${idOf("first")}`, {}, projectId)).toEqual(full.data[1]);
});

test("runs are found by id, name, dataset and time, and paged by cursor", async () => {
  const { datasetId, idOf, list } = await projectExperiments(["a", "b", "c"]);
  const names = async (params: object) => (await list(params)).data.map(({ name }) => name);
  expect(await names({ id: `${idOf("a")},${idOf("c")}` })).toEqual(["c", "a"]);
  expect(await names({ name: "b,none" })).toEqual(["b"]);
  expect(await names({ datasetId })).toEqual(["c", "b", "a"]);
  expect(await names({ datasetId: "none" })).toEqual([]);
  expect(await names({ fromStartTime: "2026-01-31T13:00:00Z", toStartTime: "2026-01-31T14:00:00Z" })).toEqual(["b"]);
  const first = await list({ limit: 2 });
  expect(first.data).toHaveLength(2);
  const rest = await list({ limit: 2, cursor: first.meta.cursor });
  expect(rest.data.map(({ name }) => name)).toEqual(["a"]);
  expect(rest.meta).toEqual({});
});

test("what came of an item is told by its observation, else by its trace, else by the item", async () => {
  const { projectId, datasetId, idOf, items } = await projectExperiments(["run"]);
  const fields = "core,dataset,io,metadata,itemMetadata,experimentMetadata,scores";
  const expected = {
    experimentId: idOf("run"),
    experimentName: "run",
    experimentDatasetId: datasetId,
    experimentItemVersion: expect.any(String),
    experimentMetadata: { run: "run" },
    experimentDescription: "about run",
  };
  const [two, one] = (await items({ fields })).data;
  expect(one).toMatchObject({
    ...expected,
    id: "o",
    traceId: "trace of one",
    startTime: "2026-01-31T12:00:00.000Z",
    endTime: null,
    level: "DEFAULT",
    environment: "default",
    experimentItemId: "one",
    experimentItemMetadata: { item: "one" },
    input: "in one",
    output: null,
    expectedOutput: "out one",
    metadata: {},
    scores: [],
  });
  expect(two).toMatchObject({ ...expected, id: "trace of two", experimentItemId: "two", input: "in two" });

  await insertTraces(app.db, projectId, [
    { id: "trace of one", output: "of the trace" },
    { id: "trace of two", environment: "staging", input: "asked", output: "of the trace", metadata: { k: 1 } },
  ]);
  const observed = { input: { q: 1 }, output: "ran", level: "ERROR", environment: "prod" } as const;
  await insertObservations(app.db, projectId, "trace of one", [
    { id: "o", startTime: NOW_US + 5_000_000, endTime: NOW_US + 7_000_000, ...observed },
  ]);
  await app.db
    .insert(scores)
    .values([
      scoreRow(projectId, { traceId: "trace of one", observationId: "o", name: "exact" }),
      scoreRow(projectId, { traceId: "trace of one", name: "whole" }),
    ]);
  const later = (await items({ fields })).data;
  expect(later[1]).toMatchObject({
    startTime: "2026-01-31T12:00:05.000Z",
    endTime: "2026-01-31T12:00:07.000Z",
    ...observed,
  });
  expect(later[1]?.scores?.map(({ name }) => name).toSorted()).toEqual(["exact", "whole"]);
  expect(later[0]).toMatchObject({
    environment: "staging",
    input: "asked",
    output: "of the trace",
    metadata: { k: 1 },
  });
  const [core] = (await items()).data;
  expect(Object.keys(core ?? {})).not.toContain("input");
});

test("items are found by what they are of, and paged by cursor", async () => {
  const { datasetId, idOf, items } = await projectExperiments();
  const found = async (params: object) =>
    (await items(params)).data.map(({ experimentName, experimentItemId }) => `${experimentName} ${experimentItemId}`);
  expect(await found({})).toEqual(["second two", "second one", "first two", "first one"]);
  expect(await found({ experimentId: idOf("first") })).toEqual(["first two", "first one"]);
  expect(await found({ experimentName: "second", experimentItemId: "one" })).toEqual(["second one"]);
  expect(await found({ datasetId, toStartTime: "2026-01-31T12:30:00Z" })).toEqual(["first two", "first one"]);
  const first = await items({ limit: 3 });
  expect((await items({ limit: 3, cursor: first.meta.cursor })).data).toMatchObject([{ experimentItemId: "one" }]);
});

test("another project sees nothing, and what is unclear is refused", async () => {
  const { idOf } = await projectExperiments();
  const stranger = newProject();
  expect((await app.read(ExperimentList, "/experiments", FROM, stranger)).data).toEqual([]);
  expect((await app.read(ExperimentItemList, "/experiment-items", FROM, stranger)).data).toEqual([]);
  expect((await app.get(`/experiments/${idOf("first")}`, {}, stranger)).status).toBe(404);
  expect(refused(await app.get("/experiments", {}))).toEqual(["fromStartTime"]);
  expect(refused(await app.get("/experiment-items", {}))).toEqual(["fromStartTime"]);
  expect((await app.get("/experiment-items", { experimentId: "x" })).status).toBe(200);
  for (const path of ["/experiments", "/experiment-items"]) {
    const filter = JSON.stringify([{ type: "string", column: "metadata", operator: "=", value: "x" }]);
    expect(refused(await app.get(path, { ...FROM, filter }))).toEqual(["filter.0.column"]);
    expect(refused(await app.get(path, { ...FROM, cursor: "x" }))).toEqual(["cursor"]);
    expect(refused(await app.get(path, { ...FROM, fields: "everything" }))).toEqual(["fields"]);
  }
});

/** Two experiments of two items each that only spans tell of, with the other spans of an item beside its root. */
async function spanExperiments(projectId: string) {
  const attributes = (experiment: string, item: string, root: string) => ({
    "langfuse.experiment.id": experiment,
    "langfuse.experiment.name": `${experiment} by name`,
    "langfuse.experiment.description": "by hand",
    "langfuse.experiment.metadata": '{"prompt":"v2"}',
    "langfuse.experiment.item.id": item,
    // As the Python client has it.
    "langfuse.experiment.item.metadata.hard": "true",
    "langfuse.experiment.item.metadata.from": "a book",
    "langfuse.experiment.item.expected_output": '"Paris"',
    "langfuse.experiment.item.root_observation_id": root,
  });
  await insertTraces(app.db, projectId, [{ id: "spans" }]);
  for (const [index, experiment] of ["early", "late"].entries()) {
    for (const item of ["one", "two"]) {
      const startTime = NOW_US + 500_000 + index * HOUR_US + (item === "one" ? 0 : 2_000_000);
      const root = `${experiment} ${item}`;
      const metadata = { attributes: attributes(experiment, item, root) };
      const ran = { startTime, endTime: startTime + 1_000_000, metadata, input: { q: item }, output: "Lyon" };
      await insertObservations(app.db, projectId, "spans", [
        { ...ran, id: root },
        { ...ran, id: `child of ${root}`, parentObservationId: root },
      ]);
    }
  }
}

test("experiments that only spans tell of are listed with those of datasets", async () => {
  const { projectId, idOf, list, items } = await projectExperiments(["run"]);
  await spanExperiments(projectId);
  await app.db
    .insert(scores)
    .values([scoreRow(projectId, { traceId: null, datasetRunId: "early", name: "average", value: 0.5 })]);
  const { data } = await list({ fields: "metadata,scores", toStartTime: "2026-02-02T00:00:00Z" });
  expect(data.map(({ id }) => id)).toEqual(["late", "early", idOf("run")]);
  expect(data[1]).toEqual({
    id: "early",
    name: "early by name",
    description: "by hand",
    startTime: "2026-01-31T12:00:00.500Z",
    endTime: "2026-01-31T12:00:03.500Z",
    itemCount: 2,
    datasetId: null,
    metadata: { prompt: "v2" },
    scores: [expect.objectContaining({ name: "average", value: 0.5 })],
  });
  expect(await app.read(Experiment, "/experiments/early", {}, projectId)).toEqual(data[1]);

  const fields = "core,dataset,io,itemMetadata,experimentMetadata";
  const [two, one] = (await items({ experimentId: "late", fields })).data;
  expect(one).toMatchObject({
    id: "late one",
    traceId: "spans",
    startTime: "2026-01-31T13:00:00.500Z",
    endTime: "2026-01-31T13:00:01.500Z",
    experimentId: "late",
    experimentName: "late by name",
    experimentItemId: "one",
    experimentDatasetId: null,
    experimentItemVersion: null,
    input: { q: "one" },
    output: "Lyon",
    expectedOutput: "Paris",
    experimentItemMetadata: { hard: true, from: "a book" },
    experimentMetadata: { prompt: "v2" },
    experimentDescription: "by hand",
  });
  expect(two).toMatchObject({ id: "late two", experimentItemId: "two" });
  expect((await app.read(ExperimentList, "/experiments", FROM, newProject())).data).toEqual([]);
});

test("both kinds are filtered and paged alike", async () => {
  const { projectId, datasetId, list, items } = await projectExperiments(["run"]);
  await spanExperiments(projectId);
  const condition = (column: string, operator: string, value: string) =>
    JSON.stringify([{ type: "string", column, operator, value }]);
  const names = async (params: object) => (await list(params)).data.map(({ name }) => name);
  expect(await names({ name: "run,late by name" })).toEqual(["late by name", "run"]);
  expect(await names({ datasetId })).toEqual(["run"]);
  expect(await names({ filter: condition("name", "contains", "by name") })).toEqual(["late by name", "early by name"]);
  expect(await names({ filter: condition("datasetId", "<>", datasetId) })).toEqual(["late by name", "early by name"]);
  expect(await names({ filter: condition("id", "=", "early") })).toEqual(["early by name"]);
  expect(await names({ fromStartTime: "2026-01-31T12:30:00Z" })).toEqual(["late by name"]);

  const found = async (params: object) =>
    (await items(params)).data.map(({ experimentName, experimentItemId }) => `${experimentName} ${experimentItemId}`);
  const all = ["late by name two", "late by name one", "early by name two", "early by name one", "run two", "run one"];
  expect(await found({})).toEqual(all);
  const read: string[] = [];
  for (let page = await items({ limit: 1 }); ; page = await items({ limit: 1, cursor: page.meta.cursor })) {
    read.push(...page.data.map(({ experimentName, experimentItemId }) => `${experimentName} ${experimentItemId}`));
    if (page.meta.cursor === undefined) break;
  }
  expect(read).toEqual(all);
  expect(await found({ filter: condition("experimentItemId", "=", "one") })).toEqual(
    all.filter((name) => name.endsWith("one")),
  );
  expect(await found({ filter: condition("experimentName", "=", "run") })).toEqual(["run two", "run one"]);
});

test("a run of a dataset whose spans tell of it too is listed once, and not at all when it was deleted", async () => {
  const { projectId, datasetId, idOf, list, items } = await projectExperiments(["run"]);
  await insertTraces(app.db, projectId, [{ id: "spans" }]);
  const spanOf = (id: string) => {
    const attributes = {
      "langfuse.experiment.id": idOf("run"),
      "langfuse.experiment.item.id": "one",
      "langfuse.experiment.item.root_observation_id": id,
    };
    return { id, startTime: NOW_US, metadata: { attributes } };
  };
  await insertObservations(app.db, projectId, "spans", [spanOf("root")]);
  expect((await list()).data).toMatchObject([{ id: idOf("run"), itemCount: 2 }]);
  expect((await items()).data).toHaveLength(2);
  expect(await deleteDatasetRun(app.db, { projectId, dataset: { id: datasetId }, runName: "run" })).toBe(true);
  await insertObservations(app.db, projectId, "spans", [spanOf("late")]);
  expect((await list()).data).toEqual([]);
  expect((await items({ experimentId: idOf("run") })).data).toEqual([]);
  expect((await app.get(`/experiments/${idOf("run")}`, {}, projectId)).status).toBe(404);
  // Another project may have given its experiment the same name.
  const other = newProject();
  await insertTraces(app.db, other, [{ id: "spans" }]);
  await insertObservations(app.db, other, "spans", [spanOf("root")]);
  expect((await app.read(ExperimentList, "/experiments", FROM, other)).data).toHaveLength(1);
});

test("metadata that is no object is shown as one, since clients refuse the page otherwise", async () => {
  const { projectId, datasetId, list, items } = await projectExperiments([]);
  const itemId = "one";
  await upsertDatasetItem(app.db, { ...NEW_ITEM, projectId, datasetId, id: itemId, metadata: "hard" });
  const metadata = ["a", "b"];
  const told = { description: null, traceId: "t", observationId: null, createdAtUs: NOW_US };
  await addDatasetRunItem(app.db, { ...told, projectId, datasetId, itemId, runName: "run", metadata });
  expect((await list({ fields: "metadata" })).data).toMatchObject([{ metadata: { metadata } }]);
  expect((await items({ fields: "itemMetadata,experimentMetadata" })).data).toMatchObject([
    { experimentMetadata: { metadata }, experimentItemMetadata: { metadata: "hard" } },
  ]);
});
