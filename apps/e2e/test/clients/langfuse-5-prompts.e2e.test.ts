import { ChatPromptClient, LangfuseClient, TextPromptClient } from "@langfuse/client";
import { LangfuseSpanProcessor } from "@langfuse/otel";
import { setLangfuseTracerProvider, startObservation } from "@langfuse/tracing";
import { NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { describeEachSystem } from "../support/each-system.ts";

describeEachSystem("langfuse 5 prompts", ({ system, soon }) => {
  let client: LangfuseClient;
  beforeAll(() => {
    const { baseUrl, projectA } = system();
    client = new LangfuseClient({ publicKey: projectA.publicKey, secretKey: projectA.secretKey, baseUrl });
  });
  afterAll(async () => {
    await client.shutdown();
  });

  test("a text prompt is made, read and filled in", async () => {
    const created = await client.prompt.create({
      name: "folder/greet me+you 100% 🚀",
      prompt: "Hello {{name}}!",
      labels: ["production"],
      tags: ["t1", "t2"],
      config: { temperature: 0.5 },
      commitMessage: "first",
    });
    expect(created).toBeInstanceOf(TextPromptClient);
    expect(created.labels).toEqual(["production", "latest"]);
    const read = await client.prompt.get("folder/greet me+you 100% 🚀");
    expect(read).toMatchObject({
      name: created.name,
      version: 1,
      prompt: "Hello {{name}}!",
      config: { temperature: 0.5 },
      tags: ["t1", "t2"],
      commitMessage: "first",
      isFallback: false,
    });
    expect(read instanceof TextPromptClient && read.compile({ name: "Ada" })).toBe("Hello Ada!");
  });

  test("a chat prompt keeps its placeholders", async () => {
    const created = await client.prompt.create({
      name: "chat",
      type: "chat",
      prompt: [
        { role: "system", content: "You are {{who}}" },
        { type: "placeholder" as never, name: "history" },
        { role: "user", content: "{{question}}" },
      ],
      labels: ["production"],
    });
    expect(created).toBeInstanceOf(ChatPromptClient);
    const read = await client.prompt.get("chat", { type: "chat" });
    const history = [{ role: "assistant", content: "Hi" }];
    expect(read.compile({ who: "a bot", question: "Why?" }, { history })).toEqual([
      { role: "system", content: "You are a bot" },
      { role: "assistant", content: "Hi" },
      { role: "user", content: "Why?" },
    ]);
  });

  test("versions are read by number and by label, and labels move", async () => {
    for (const text of ["one", "two", "three"]) {
      await client.prompt.create({ name: "v", prompt: text, labels: text === "one" ? ["production"] : [] });
    }
    const textOf = async (options: { version?: number; label?: string } = {}) =>
      (await client.prompt.get("v", { ...options, cacheTtlSeconds: 0 })).prompt;
    expect([await textOf(), await textOf({ version: 2 }), await textOf({ label: "latest" })]).toEqual([
      "one",
      "two",
      "three",
    ]);
    const updated = await client.prompt.update({ name: "v", version: 2, newLabels: ["production", "staging"] });
    expect(updated.labels).toEqual(["production", "staging"]);
    expect([await textOf(), await textOf({ label: "staging" })]).toEqual(["two", "two"]);
    await expect(client.prompt.update({ name: "v", version: 9, newLabels: ["x"] })).rejects.toMatchObject({
      statusCode: 404,
    });
  });

  test("the client caches what it read, and knows what it changed", async () => {
    await client.prompt.create({ name: "cached", prompt: "x", labels: ["production"] });
    const get = vi.spyOn(client.api.prompts, "get");
    await client.prompt.get("cached");
    await client.prompt.get("cached");
    expect(get).toHaveBeenCalledTimes(1);
    await client.prompt.update({ name: "cached", version: 1, newLabels: ["fresh"] });
    expect((await client.prompt.get("cached")).labels).toContain("fresh");
    get.mockRestore();
  });

  test("a fallback stands in for what is not there, and only for that", async () => {
    const fallback = await client.prompt.get("none", { fallback: "fall {{x}}", type: "text" });
    expect(fallback).toMatchObject({ prompt: "fall {{x}}", isFallback: true });
    await client.prompt.create({ name: "there", prompt: "real", labels: ["production"] });
    expect(await client.prompt.get("there", { fallback: "fall" })).toMatchObject({ prompt: "real", isFallback: false });
    await expect(client.prompt.get("none")).rejects.toMatchObject({
      statusCode: 404,
      body: { message: "Prompt not found: 'none' with label 'production'", error: "LangfuseNotFoundError" },
    });
  });

  test("prompts are listed, resolved and deleted", async () => {
    await client.prompt.create({
      name: "list/leaf",
      prompt: "leaf of {{x}}",
      labels: ["production"],
      tags: ["listed"],
    });
    const tag = "@@@langfusePrompt:name=list/leaf|label=production@@@";
    await client.prompt.create({ name: "list/root", prompt: `<${tag}>`, labels: ["production"], tags: ["listed"] });
    const list = await client.api.prompts.list({ tag: "listed" });
    expect(list.meta).toEqual({ page: 1, limit: 10, totalItems: 2, totalPages: 1 });
    expect(list.data).toMatchObject([
      { name: "list/leaf", type: "text", versions: [1], labels: ["latest", "production"], lastConfig: {} },
      { name: "list/root" },
    ]);
    expect((await client.prompt.get("list/root")).prompt).toBe("<leaf of {{x}}>");
    expect((await client.api.prompts.get("list/root", { resolve: false })).prompt).toBe(`<${tag}>`);
    await expect(client.prompt.delete("list/leaf")).rejects.toMatchObject({ statusCode: 400 });
    await client.prompt.delete("list/root", { version: 1 });
    await client.prompt.delete("list/leaf");
    await expect(client.prompt.get("list/root")).rejects.toMatchObject({ statusCode: 404 });
    await expect(client.prompt.delete("list/leaf")).rejects.toMatchObject({ statusCode: 404 });
  });

  test("a generation that used a prompt names its id", async () => {
    const { baseUrl, projectA } = system();
    const { publicKey, secretKey } = projectA;
    const provider = new NodeTracerProvider({
      spanProcessors: [new LangfuseSpanProcessor({ publicKey, secretKey, baseUrl })],
    });
    setLangfuseTracerProvider(provider);
    const prompt = await client.prompt.create({ name: "used", prompt: "x", labels: ["production"] });
    const generation = startObservation("g", { prompt }, { asType: "generation" });
    generation.end();
    await provider.forceFlush();
    const stored = await client.api.prompts.get("used");
    const { data } = await soon(
      () => client.api.observations.getMany({ traceId: generation.traceId, fields: "core,prompt" }),
      (page) => page.data.length === 1,
    );
    expect(data).toMatchObject([{ promptName: "used", promptVersion: 1, promptId: (stored as { id?: string }).id }]);
    setLangfuseTracerProvider(null);
    await provider.shutdown();
  });
});
