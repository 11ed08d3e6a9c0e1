import { LegacyPrompt } from "@xtrace/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newProject, refused, startRoutes, type RouteApp } from "../../test/route-app.ts";
import { legacyPromptsRoutes } from "./prompts-legacy.ts";

let app: RouteApp;
beforeAll(async () => {
  app = await startRoutes(legacyPromptsRoutes);
});
afterAll(() => app[Symbol.asyncDispose]());

test("an active prompt is the one that is read", async () => {
  const project = newProject();
  const create = (prompt: string, isActive: boolean) =>
    app.send("POST", "/prompts", { name: "p/q", prompt, isActive }, project);
  expect(await create("one", true)).toMatchObject({
    status: 201,
    body: { version: 1, isActive: true, labels: ["production", "latest"] },
  });
  expect(await create("two", false)).toMatchObject({ status: 201, body: { version: 2, isActive: false } });
  const read = (params: object) => app.read(LegacyPrompt, "/prompts", { name: "p/q", ...params }, project);
  expect(await read({})).toMatchObject({ prompt: "one", isActive: true });
  expect(await read({ version: 2 })).toMatchObject({ prompt: "two", isActive: false });
  await create("three", true);
  expect(await read({})).toMatchObject({ prompt: "three" });
  expect(await read({ version: 1 })).toMatchObject({ isActive: false });
});

test("what is missing is said", async () => {
  const project = newProject();
  expect(await app.get("/prompts", { name: "none" }, project)).toMatchObject({
    status: 404,
    body: { message: "Prompt not found", error: "LangfuseNotFoundError" },
  });
  expect(refused(await app.get("/prompts", {}, project))).toEqual(["name"]);
  expect((await app.send("POST", "/prompts", { name: "p", prompt: "x" }, project)).status).toBe(400);
});
