/* oxlint-disable typescript/no-deprecated -- what the client calls deprecated is what self-hosted users of it call. */
import { LangfuseClient } from "@langfuse/client";
import { LangfuseSpanProcessor } from "@langfuse/otel";
import { setLangfuseTracerProvider, startObservation } from "@langfuse/tracing";
import { NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeEachSystem } from "../support/each-system.ts";

const CAPITALS = [
  { input: "Germany", expectedOutput: "Berlin" },
  { input: "France", expectedOutput: "Paris" },
  { input: "Spain", expectedOutput: "Madrid" },
];

describeEachSystem("langfuse 5 datasets", ({ system, soon }) => {
  let provider: NodeTracerProvider;
  let client: LangfuseClient;
  beforeAll(() => {
    const { baseUrl, projectA } = system();
    const credentials = { publicKey: projectA.publicKey, secretKey: projectA.secretKey, baseUrl };
    provider = new NodeTracerProvider({ spanProcessors: [new LangfuseSpanProcessor(credentials)] });
    provider.register();
    setLangfuseTracerProvider(provider);
    client = new LangfuseClient(credentials);
  });
  afterAll(async () => {
    setLangfuseTracerProvider(null);
    await Promise.all([provider.shutdown(), client.shutdown()]);
  });

  test("a dataset is made and read with all its items, over many pages", async () => {
    const name = "many + 7? / items";
    await client.api.datasets.create({ name, description: "test", metadata: { test: "test" } });
    const ids = await Promise.all(
      Array.from({ length: 25 }, async (_, index) => {
        const item = await client.api.datasetItems.create({ datasetName: name, input: index, expectedOutput: [index] });
        return item.id;
      }),
    );
    const dataset = await client.dataset.get(name, { fetchItemsPageSize: 8 });
    expect(dataset).toMatchObject({ name, description: "test", metadata: { test: "test" } });
    expect(dataset.items.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
    expect((await client.api.datasets.list({ limit: 1 })).data).toHaveLength(1);
  });

  test("an item is changed by its id, read as it was, and deleted", async () => {
    await client.api.datasets.create({ name: "changing" });
    const { id, createdAt } = await client.api.datasetItems.create({ datasetName: "changing", input: { v: 1 } });
    const changed = { datasetName: "changing", id, input: { v: 2 }, status: "ARCHIVED" } as const;
    await soon(
      () => client.api.datasetItems.create(changed),
      ({ updatedAt }) => updatedAt > createdAt,
    );
    expect(await client.api.datasetItems.get(id)).toMatchObject({ input: { v: 2 }, status: "ARCHIVED", createdAt });
    expect((await client.dataset.get("changing")).items).toEqual([]);
    const then = new Date(Date.parse(createdAt) + 1).toISOString();
    const { data } = await client.api.datasetItems.list({ datasetName: "changing", version: then });
    expect(data).toMatchObject([{ id, input: { v: 1 }, status: "ACTIVE" }]);
    expect(await client.api.datasetItems.delete(id)).toEqual({ message: "Dataset item successfully deleted" });
    await expect(client.api.datasetItems.get(id)).rejects.toMatchObject({ statusCode: 404 });
  });

  test("items are linked to what ran", async () => {
    await client.api.datasets.create({ name: "linked" });
    await client.api.datasetItems.create({ datasetName: "linked", input: "Hello" });
    const span = startObservation("run me");
    const generation = span.startObservation("answer", {}, { asType: "generation" });
    const dataset = await client.dataset.get("linked");
    for (const index of [0, 1, 2]) {
      for (const item of dataset.items) {
        await item.link(generation, `run ${index}`, { description: "why", metadata: { k: index } });
      }
    }
    generation.end();
    span.end();
    const runs = await client.api.datasets.getRuns("linked", { limit: 2 });
    expect(runs.meta).toEqual({ page: 1, limit: 2, totalItems: 3, totalPages: 2 });
    expect(runs.data).toMatchObject([{ name: "run 2", description: "why", metadata: { k: 2 } }, { name: "run 1" }]);
    expect(await client.api.datasets.getRun("linked", "run 0")).toMatchObject({
      datasetId: dataset.id,
      datasetRunItems: [{ traceId: span.traceId, observationId: generation.id, datasetItemId: dataset.items[0]?.id }],
    });
    await client.api.datasets.deleteRun("linked", "run 0");
    await expect(client.api.datasets.getRun("linked", "run 0")).rejects.toMatchObject({ statusCode: 404 });
  });

  test("an experiment over a dataset links every item to its trace, with its scores", async () => {
    await client.api.datasets.create({ name: "capitals" });
    await Promise.all(CAPITALS.map((item) => client.api.datasetItems.create({ datasetName: "capitals", ...item })));
    const dataset = await client.dataset.get("capitals");
    const result = await dataset.runExperiment({
      name: "Capitals",
      description: "by heart",
      metadata: { model: "none" },
      task: ({ input }) =>
        Promise.resolve(input === "Spain" ? "Barcelona" : CAPITALS.find((one) => one.input === input)?.expectedOutput),
      evaluators: [
        ({ output, expectedOutput }) => Promise.resolve({ name: "exact", value: output === expectedOutput ? 1 : 0 }),
      ],
      runEvaluators: [() => Promise.resolve({ name: "average", value: 2 / 3 })],
    });
    await provider.forceFlush();
    expect(result.itemResults).toHaveLength(3);
    expect(result.datasetRunId).toBeTruthy();
    const run = await client.api.datasets.getRun("capitals", result.runName);
    expect(run).toMatchObject({ id: result.datasetRunId, description: "by heart", metadata: { model: "none" } });
    const traceIds = result.itemResults.map(({ traceId }) => traceId);
    expect(run.datasetRunItems.map(({ traceId }) => traceId).toSorted()).toEqual(traceIds.toSorted());
    for (const { traceId = "", output } of result.itemResults) {
      const trace = await soon(
        () => client.api.trace.get(traceId),
        ({ scores, output }) => scores.length === 1 && output !== null,
      );
      expect(trace).toMatchObject({ name: "experiment-item-run", output });
      expect(trace.scores).toMatchObject([{ name: "exact", value: output === "Barcelona" ? 0 : 1 }]);
    }
    const experiments = await client.api.experiments.list({
      fromStartTime: "2020-01-01T00:00:00Z",
      id: result.experimentId,
      fields: "core,metadata,scores",
    });
    expect(experiments.data).toMatchObject([
      { id: result.datasetRunId, name: result.runName, itemCount: 3, datasetId: dataset.id },
    ]);
    const items = await client.api.experiments.listItems({
      fromStartTime: "2020-01-01T00:00:00Z",
      experimentId: result.experimentId,
      fields: "io,dataset",
    });
    expect(items.data.map(({ traceId }) => traceId).toSorted()).toEqual(traceIds.toSorted());
    expect(items.data.map(({ expectedOutput }) => String(expectedOutput)).toSorted()).toEqual([
      "Berlin",
      "Madrid",
      "Paris",
    ]);
    const average = await soon(
      () => client.api.scoresV3.getManyV3({ experimentId: result.datasetRunId ?? "", fields: "subject" }),
      ({ data }) => data.length === 1,
    );
    expect(average.data).toMatchObject([{ name: "average", subject: { kind: "experiment", id: result.datasetRunId } }]);
  });

  test("an experiment on data that is no dataset is listed by what its spans tell", async () => {
    const result = await client.experiment.run({
      name: "Sums",
      description: "in the head",
      metadata: { model: "none" },
      data: [
        { input: "1+1", expectedOutput: "two", metadata: { digits: 1 } },
        { input: "2+3", expectedOutput: "five" },
      ],
      task: ({ input }) => Promise.resolve(input === "1+1" ? "two" : "six"),
      evaluators: [
        ({ output, expectedOutput }) => Promise.resolve({ name: "exact", value: output === expectedOutput ? 1 : 0 }),
      ],
    });
    await provider.forceFlush();
    const { experimentId, runName } = result;
    const listed = await soon(
      () =>
        client.api.experiments.list({ fromStartTime: "2020-01-01T00:00:00Z", name: runName, fields: "core,metadata" }),
      ({ data }) => data[0]?.itemCount === 2,
    );
    expect(listed.data).toMatchObject([
      { id: experimentId, name: runName, description: "in the head", datasetId: null, metadata: { model: "none" } },
    ]);
    const filter = JSON.stringify([{ type: "string", column: "experimentId", operator: "=", value: experimentId }]);
    const items = await soon(
      () =>
        client.api.experiments.listItems({
          fromStartTime: "2020-01-01T00:00:00Z",
          filter,
          fields: "io,itemMetadata,scores",
        }),
      ({ data }) => data.length === 2 && data.every(({ scores }) => scores?.length === 1),
    );
    const told = items.data.map(({ input, output, expectedOutput, scores }) => [
      input,
      output,
      expectedOutput,
      scores?.[0]?.value,
    ]);
    expect(told.toSorted()).toEqual([
      ["1+1", "two", "two", 1],
      ["2+3", "six", "five", 0],
    ]);
    expect(items.data.map(({ experimentItemMetadata }) => experimentItemMetadata)).toContainEqual({ digits: 1 });
  });

  test("annotation queues take what is to be judged", async () => {
    const { annotationQueues } = client.api;
    const queue = await annotationQueues.createQueue({ name: "to judge", scoreConfigIds: [] });
    const item = await annotationQueues.createQueueItem(queue.id, { objectId: "some trace", objectType: "TRACE" });
    expect(await annotationQueues.updateQueueItem(queue.id, item.id, { status: "COMPLETED" })).toMatchObject({
      status: "COMPLETED",
    });
    expect((await annotationQueues.listQueueItems(queue.id, { status: "PENDING" })).data).toEqual([]);
    const assignment = { userId: "ada" };
    expect(await annotationQueues.createQueueAssignment(queue.id, assignment)).toMatchObject(assignment);
    expect(await annotationQueues.deleteQueueAssignment(queue.id, assignment)).toEqual({ success: true });
    expect(await annotationQueues.deleteQueueItem(queue.id, item.id)).toMatchObject({ success: true });
    expect((await annotationQueues.listQueues()).data.map(({ name }) => name)).toContain("to judge");
    await expect(annotationQueues.createQueue({ name: "to judge", scoreConfigIds: [] })).rejects.toMatchObject({
      statusCode: 409,
    });
  });
});
