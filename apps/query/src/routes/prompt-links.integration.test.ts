import { createPrompt } from "@xtrace/db";
import { afterAll, beforeAll, expect, test } from "vitest";
import { insertObservations, insertTraces } from "../../test/rows.ts";
import { setupQuery, type Body, type TestQuery } from "../../test/setup-query.ts";

let query: TestQuery;
beforeAll(async () => {
  query = await setupQuery();
});
afterAll(() => query[Symbol.asyncDispose]());

const PROMPT = { type: "text", prompt: "x", config: {}, labels: [], commitMessage: null, createdBy: "API" } as const;

test("an observation names the id of its prompt wherever it is read", async () => {
  const project = query.project();
  const other = query.project();
  const { db } = query.database;
  const { projectId } = project;
  await createPrompt(db, { ...PROMPT, projectId, name: "p" });
  const { id } = await createPrompt(db, { ...PROMPT, projectId, name: "p" });
  await createPrompt(db, { ...PROMPT, projectId: other.projectId, name: "theirs" });
  await insertTraces(db, projectId, [{ id: "t" }]);
  const link = { promptId: null, promptName: "p" };
  await insertObservations(db, projectId, "t", [
    { id: "linked", ...link, promptVersion: "2" },
    { id: "unknown version", ...link, promptVersion: "3" },
    { id: "no version", ...link, promptVersion: "two" },
    { id: "theirs", ...link, promptName: "theirs", promptVersion: "1" },
    { id: "said", ...link, promptVersion: "2", promptId: "own" },
    { id: "none" },
  ]);

  const expected = { linked: id, "unknown version": null, "no version": null, theirs: null, said: "own", none: null };
  const idsOf = (list: Body) => Object.fromEntries(list.map(({ id, promptId }: Body) => [id, promptId]));
  const read = async (path: string) => (await project.get(`/api/public/${path}`)).body;
  expect(idsOf((await read("observations?traceId=t")).data)).toEqual(expected);
  expect(idsOf((await read("v2/observations?traceId=t&fields=core,prompt")).data)).toEqual(expected);
  expect(idsOf((await read("traces/t")).observations)).toEqual(expected);
  expect((await read("observations/linked")).promptId).toBe(id);
});
