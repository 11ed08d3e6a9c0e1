import { Langfuse } from "langfuse";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeEachSystem } from "../support/each-system.ts";

describeEachSystem("langfuse 3 prompts and datasets", ({ system, soon }) => {
  let client: Langfuse;
  beforeAll(() => {
    const { baseUrl, projectA } = system();
    client = new Langfuse({ publicKey: projectA.publicKey, secretKey: projectA.secretKey, baseUrl });
  });
  afterAll(async () => {
    await client.shutdownAsync();
  });

  test("prompts", async () => {
    await client.createPrompt({ name: "a/b c", prompt: "Hi {{name}}", labels: ["production"], config: { k: 1 } });
    const prompt = await client.getPrompt("a/b c");
    expect(prompt).toMatchObject({ version: 1, config: { k: 1 }, isFallback: false });
    expect(prompt.compile({ name: "Ada" })).toBe("Hi Ada");
    await client.createPrompt({
      name: "chat",
      type: "chat",
      prompt: [{ role: "system", content: "You are {{who}}" }],
      labels: ["staging"],
    });
    const chat = await client.getPrompt("chat", undefined, { type: "chat", label: "staging" });
    expect(chat.compile({ who: "a bot" })).toEqual([{ role: "system", content: "You are a bot" }]);
    await client.updatePrompt({ name: "chat", version: 1, newLabels: ["production"] });
    expect((await client.getPrompt("chat", 1, { type: "chat", cacheTtlSeconds: 0 })).labels).toContain("production");
    expect((await client.getPrompt("none", undefined, { fallback: "fall" })).isFallback).toBe(true);
    await expect(client.getPrompt("none")).rejects.toThrow();
  });

  test("datasets, items and runs", async () => {
    const name = "old clients / too";
    await client.createDataset({ name, description: "d", metadata: { k: 1 } });
    for (const input of ["one", "two", "three"]) {
      await client.createDatasetItem({ datasetName: name, input, expectedOutput: { input } });
    }
    const dataset = await client.getDataset(name, { fetchItemsPageSize: 2 });
    expect(dataset).toMatchObject({ name, description: "d", metadata: { k: 1 } });
    expect(dataset.items.map(({ input }) => String(input))).toEqual(["three", "two", "one"]);
    const trace = client.trace({ name: "run" });
    for (const item of dataset.items) {
      await item.link(trace, "first run", { description: "why", metadata: { m: 1 } });
    }
    await client.flushAsync();
    const run = await soon(() => client.getDatasetRun({ datasetName: name, runName: "first run" }));
    expect(run).toMatchObject({ description: "why", metadata: { m: 1 }, datasetId: dataset.id });
    expect(run.datasetRunItems.map(({ traceId }) => traceId)).toEqual([trace.id, trace.id, trace.id]);
    expect((await client.getDatasetRuns(name)).data).toMatchObject([{ name: "first run" }]);
    const [item] = dataset.items;
    expect(await client.getDatasetItem(item?.id ?? "")).toMatchObject({ input: "three" });
    await client.createDatasetItem({ datasetName: name, id: item?.id ?? "", status: "ARCHIVED" });
    expect((await client.getDataset(name)).items.map(({ status }) => status)).toEqual(["ARCHIVED", "ACTIVE", "ACTIVE"]);
  });
});
