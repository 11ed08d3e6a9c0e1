import { Prompt, PromptMetaList } from "@xtrace/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { z } from "zod";
import { newProject, refused, startRoutes, type RouteApp } from "../../test/route-app.ts";
import { promptsRoutes } from "./prompts.ts";

let app: RouteApp;
beforeAll(async () => {
  app = await startRoutes(promptsRoutes);
});
afterAll(() => app[Symbol.asyncDispose]());

/** Prompts of a project of their own. */
function projectPrompts() {
  const project = newProject();
  const pathOf = (name: string) => `/v2/prompts/${encodeURIComponent(name)}`;
  return {
    project,
    send: (body: unknown) => app.send("POST", "/v2/prompts", body, project),
    async create(name: string, prompt: unknown = "text", more: object = {}): Promise<Prompt> {
      const type = typeof prompt === "string" ? {} : { type: "chat" };
      const { status, body } = await app.send("POST", "/v2/prompts", { name, prompt, ...type, ...more }, project);
      if (status !== 201) throw new Error(`expected 201, got ${status}: ${JSON.stringify(body)}`);
      return Prompt.parse(body);
    },
    read: (name: string, params = {}) => app.read(Prompt, pathOf(name), params, project),
    get: (name: string, params = {}) => app.get(pathOf(name), params, project),
    list: (params = {}) => app.read(PromptMetaList, "/v2/prompts", params, project),
    label: (name: string, version: number | string, newLabels: unknown) =>
      app.send("PATCH", `${pathOf(name)}/versions/${version}`, { newLabels }, project),
    remove: (name: string, search = "") => app.send("DELETE", `${pathOf(name)}${search}`, undefined, project),
  };
}

const tag = (name: string, which = "label=production") => `@@@langfusePrompt:name=${name}|${which}@@@`;

test("a text prompt is read back as it was written", async () => {
  const { project, create, read } = projectPrompts();
  const created = await create("greet", "Hello {{name}} 👋", {
    labels: ["production"],
    tags: ["a", "b"],
    config: { z: 1, a: [null] },
    commitMessage: "first",
  });
  expect(created).toMatchObject({
    projectId: project,
    name: "greet",
    version: 1,
    type: "text",
    prompt: "Hello {{name}} 👋",
    labels: ["production", "latest"],
    tags: ["a", "b"],
    config: { z: 1, a: [null] },
    commitMessage: "first",
    createdBy: "API",
  });
  expect(await read("greet")).toEqual({ ...created, resolutionGraph: null });
  // Keys keep their order.
  expect(JSON.stringify((await read("greet")).config)).toBe('{"z":1,"a":[null]}');
});

test("a chat keeps its messages and placeholders, and nothing else of them", async () => {
  const { create, read } = projectPrompts();
  await create("chat", [
    { type: "chatmessage", role: "system", content: "You are {{who}}" },
    { type: "placeholder", name: "history" },
    { role: "user", content: "Hi", name: "x" },
  ]);
  expect(await read("chat", { label: "latest" })).toMatchObject({
    type: "chat",
    prompt: [
      { role: "system", content: "You are {{who}}" },
      { type: "placeholder", name: "history" },
      { role: "user", content: "Hi" },
    ],
    config: {},
    labels: ["latest"],
    tags: [],
    commitMessage: null,
  });
});

test("a config of null is an empty one", async () => {
  const { create } = projectPrompts();
  expect((await create("p", "x", { config: null })).config).toEqual({});
});

test("each version is a new one, and a label is on one version only", async () => {
  const { create, read, get } = projectPrompts();
  await create("p", "one", { labels: ["production", "staging"] });
  await create("p", "two", { labels: ["staging"] });
  await create("p", "three");
  const labels = async (version: number) => (await read("p", { version })).labels;
  expect([await labels(1), await labels(2), await labels(3)]).toEqual([["production"], ["staging"], ["latest"]]);
  expect((await read("p")).prompt).toBe("one");
  expect((await read("p", { label: "staging" })).prompt).toBe("two");
  expect((await read("p", { label: "latest" })).prompt).toBe("three");
  expect(await get("p", { version: 1, label: "staging" })).toMatchObject({ status: 400 });
});

test("many at once get a number each, and the last one has the label", async () => {
  const { create, read, list } = projectPrompts();
  const made = await Promise.all(
    Array.from({ length: 12 }, (_, index) => create("busy", `${index}`, { labels: ["production"] })),
  );
  expect(made.map(({ version }) => version).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 12 }, (_, index) => index + 1),
  );
  expect((await read("busy")).version).toBe(12);
  expect((await list()).data).toMatchObject([{ labels: ["latest", "production"] }]);
});

test("tags are the same for all versions, and stay unless others are given", async () => {
  const { create, read } = projectPrompts();
  await create("p", "one", { tags: ["old"] });
  expect((await create("p", "two")).tags).toEqual(["old"]);
  await create("p", "three", { tags: ["new", "new"] });
  expect((await read("p", { version: 1 })).tags).toEqual(["new"]);
  await create("p", "four", { tags: [] });
  expect((await read("p", { version: 1 })).tags).toEqual([]);
});

describe("labels", () => {
  test("move to the version that is given them, and add to those it has", async () => {
    const { create, read, label } = projectPrompts();
    await create("p", "one", { labels: ["production"] });
    await create("p", "two");
    const { status, body } = await label("p", 2, ["production", "testing"]);
    expect(status).toBe(200);
    expect(body).toMatchObject({ version: 2, labels: ["latest", "production", "testing"] });
    expect((await read("p", { version: 1 })).labels).toEqual([]);
  });

  test("are refused where they are none, and for what does not exist", async () => {
    const { create, label } = projectPrompts();
    await create("p");
    expect(refused(await label("p", 1, ["latest"]))).toEqual(["newLabels"]);
    expect(refused(await label("p", 1, ["Upper"]))).toEqual(["newLabels.0"]);
    expect(refused(await label("p", 1, ["x".repeat(37)]))).toEqual(["newLabels.0"]);
    expect(refused(await label("p", 1, undefined))).toEqual(["newLabels"]);
    expect(refused(await label("p", "one", ["a"]))).toEqual(["version"]);
    for (const version of [2, 0, -1, 99_999_999_999]) {
      expect((await label("p", version, ["a"])).status, String(version)).toBe(404);
    }
    expect(await label("q", 1, ["a"])).toMatchObject({ status: 404, body: { error: "LangfuseNotFoundError" } });
  });
});

describe("what is not there", () => {
  test("is answered as Langfuse does", async () => {
    const { create, get } = projectPrompts();
    await create("p", "x", { labels: ["staging"] });
    const messages = async (params = {}) => (await get("p", params)).body;
    expect(await messages()).toMatchObject({
      message: "Prompt not found: 'p' with label 'production'",
      error: "LangfuseNotFoundError",
    });
    expect(await messages({ label: "nope" })).toMatchObject({ message: "Prompt not found: 'p' with label 'nope'" });
    expect(await messages({ version: -1 })).toMatchObject({ message: "Prompt not found: 'p' with version -1" });
    expect((await get("p", { version: "9".repeat(30) })).status).toBe(400);
    expect((await get("p", { version: 4_000_000_000 })).status).toBe(404);
    expect((await get("absent")).status).toBe(404);
  });

  test("is not seen, changed or deleted from another project", async () => {
    const mine = projectPrompts();
    const other = projectPrompts();
    await mine.create("p", "mine", { labels: ["production"] });
    expect(await other.send({ name: "q", prompt: tag("p") })).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining("Prompt dependency not found") },
    });
    expect((await other.get("p")).status).toBe(404);
    expect((await other.label("p", 1, ["a"])).status).toBe(404);
    expect((await other.remove("p")).status).toBe(404);
    expect((await other.list()).meta.totalItems).toBe(0);
    await other.create("p", "theirs", { labels: ["production"] });
    expect((await mine.read("p")).prompt).toBe("mine");
    expect((await other.remove("p")).status).toBe(204);
    expect((await mine.read("p")).prompt).toBe("mine");
  });
});

test.each([
  "folder/sub/name",
  "a b",
  "prompt?with=query&chars#hash",
  "50%",
  "%2F already",
  "50%25",
  "a+b",
  "名前 🚀",
  `quotes"'\\`,
  "{braces}[x]:y",
  "<b>",
  "__proto__",
  "it's; drop table prompts --",
  "x".repeat(512),
])("a prompt can be called %s", async (name) => {
  const { create, read, label, remove } = projectPrompts();
  await create(name, "x", { labels: ["production"] });
  expect((await read(name)).name).toBe(name);
  expect((await label(name, 1, ["staging"])).status).toBe(200);
  expect((await remove(name)).status).toBe(204);
});

test("bad bodies are refused, and leave nothing behind", async () => {
  const { send, list } = projectPrompts();
  const prompt = { name: "p", prompt: "x" };
  const bodies = [
    {},
    { ...prompt, name: "" },
    { ...prompt, name: "a|b" },
    { ...prompt, name: "x".repeat(513) },
    { ...prompt, prompt: 1 },
    { ...prompt, prompt: [{ role: "user", content: "x" }] },
    { ...prompt, type: "chat" },
    { ...prompt, type: "chat", prompt: [{ role: "user" }] },
    { ...prompt, type: "chat", prompt: [{ type: "placeholder", name: "" }] },
    { ...prompt, type: "other" },
    { ...prompt, labels: ["No Label"] },
    { ...prompt, labels: { length: { toString: 1 } } },
    { ...prompt, tags: [""] },
    { ...prompt, tags: Array.from({ length: 101 }, (_, index) => `${index}`) },
    { ...prompt, commitMessage: "x".repeat(501) },
    [],
    "text",
  ];
  for (const body of bodies) expect.soft((await send(body)).status, JSON.stringify(body).slice(0, 80)).toBe(400);
  expect((await list()).data).toEqual([]);
});

test("a prompt keeps its type", async () => {
  const { create, send, list } = projectPrompts();
  await create("p", "text");
  const answer = await send({ name: "p", type: "chat", prompt: [] });
  expect(answer).toMatchObject({ status: 400, body: { error: "InvalidRequestError" } });
  expect((await list()).data).toMatchObject([{ versions: [1], type: "text" }]);
});

describe("prompts of prompts", () => {
  test("are put together when read, and shown as written on demand", async () => {
    const { create, read } = projectPrompts();
    const leaf = await create("leaf", 'Say "{{word}}"', { labels: ["production"] });
    const middle = await create("folder/middle", `${tag("leaf")}!`);
    const root = await create("root", [{ role: "system", content: tag("folder/middle", "version=1") }], {
      labels: ["production"],
    });
    expect(await read("root")).toMatchObject({
      prompt: [{ role: "system", content: 'Say "{{word}}"!' }],
      resolutionGraph: {
        root: { id: root.id, name: "root", version: 1 },
        dependencies: {
          [root.id]: [{ id: middle.id, name: "folder/middle", version: 1 }],
          [middle.id]: [{ id: leaf.id, name: "leaf", version: 1 }],
        },
      },
    });
    expect(await read("root", { resolve: "false" })).toMatchObject({ prompt: root.prompt, resolutionGraph: null });
    await create("leaf", "Changed", { labels: ["production"] });
    expect((await read("root")).prompt).toEqual([{ role: "system", content: "Changed!" }]);
  });

  test("are refused when they cannot be put together, and the number is not used up", async () => {
    const { create, send, list } = projectPrompts();
    await create("a", "x", { labels: ["production"] });
    await create("b", tag("a"), { labels: ["production"] });
    expect(await send({ name: "a", prompt: tag("b") })).toMatchObject({
      status: 400,
      body: { error: "InvalidRequestError", message: expect.stringContaining("Circular dependency") },
    });
    expect(await send({ name: "new", prompt: tag("none") })).toMatchObject({
      status: 400,
      body: { message: "Prompt dependency not found: none - label production" },
    });
    const many = Array.from({ length: 201 }, (_, index) => tag(`p${index}`)).join("");
    expect((await send({ name: "new", prompt: many })).status).toBe(400);
    expect((await list()).data.map(({ name }) => name)).toEqual(["a", "b"]);
    expect((await create("a", "y")).version).toBe(2);
  });

  test("keep what they need from being deleted", async () => {
    const { create, remove, read } = projectPrompts();
    await create("leaf", "one", { labels: ["production"] });
    await create("leaf", "two", { labels: ["extra"] });
    await create("root", `${tag("leaf")} ${tag("leaf", "version=2")}`, { labels: ["production"] });
    for (const search of ["", "?version=1", "?version=2", "?label=production"]) {
      expect.soft(await remove("leaf", search), search).toMatchObject({
        status: 400,
        body: { message: expect.stringContaining("root v1 depends on leaf") },
      });
    }
    expect((await read("root")).prompt).toBe("one two");
    expect((await remove("root")).status).toBe(204);
    expect((await remove("leaf")).status).toBe(204);
  });
});

describe("deletion", () => {
  test("takes the versions that are meant, and hands `latest` on", async () => {
    const { create, remove, get, read } = projectPrompts();
    await create("p", "one", { labels: ["production"] });
    await create("p", "two");
    await create("p", "three", { labels: ["staging"] });
    expect(await remove("p", "?version=3")).toEqual({ status: 204, body: undefined });
    expect((await get("p", { label: "staging" })).status).toBe(404);
    expect((await read("p", { label: "latest" })).version).toBe(2);
    expect((await remove("p", "?label=production")).status).toBe(204);
    expect((await get("p")).status).toBe(404);
    expect((await remove("p", "?version=7")).status).toBe(404);
    expect((await remove("p", "?version=2&label=latest")).status).toBe(400);
    expect((await remove("p")).status).toBe(204);
    expect(await remove("p")).toMatchObject({ status: 404, body: { message: "Prompt not found" } });
    expect((await create("p", [])).version).toBe(1);
  });
});

describe("the list", () => {
  type Meta = z.infer<typeof PromptMetaList>["data"][number];
  const names = (data: readonly Meta[]) => data.map(({ name }) => name);

  test("sums up versions by name, a page at a time", async () => {
    const { create, list } = projectPrompts();
    await create("b", "x", { labels: ["production"], config: { v: 1 } });
    await create("b", "y", { labels: ["staging"], config: { v: 2 }, tags: ["t"] });
    await create("a", []);
    const { data, meta } = await list();
    expect(meta).toEqual({ page: 1, limit: 10, totalItems: 2, totalPages: 1 });
    expect(data).toMatchObject([
      { name: "a", type: "chat", versions: [1], labels: ["latest"], tags: [], lastConfig: {} },
      {
        name: "b",
        type: "text",
        versions: [1, 2],
        labels: ["latest", "production", "staging"],
        tags: ["t"],
        lastConfig: { v: 2 },
      },
    ]);
    const second = await list({ page: 2, limit: 1 });
    expect(second.meta).toEqual({ page: 2, limit: 1, totalItems: 2, totalPages: 2 });
    expect(names(second.data)).toEqual(["b"]);
  });

  test("shows what matches", async () => {
    const { create, list } = projectPrompts();
    await create("a", "x", { labels: ["production"], tags: ["t"], config: { v: 1 } });
    await create("a", "y", { config: { v: 2 } });
    const { updatedAt } = await create("b", "x", { tags: ["u"] });
    expect(names((await list({ name: "a" })).data)).toEqual(["a"]);
    expect((await list({ label: "production" })).data).toMatchObject([
      { name: "a", versions: [1], labels: ["production"], lastConfig: { v: 1 } },
    ]);
    expect(names((await list({ tag: "u" })).data)).toEqual(["b"]);
    expect(names((await list({ fromUpdatedAt: updatedAt })).data)).toEqual(["b"]);
    expect(names((await list({ toUpdatedAt: updatedAt })).data)).toEqual(["a"]);
    expect((await list({ name: "none" })).meta.totalItems).toBe(0);
  });
});
