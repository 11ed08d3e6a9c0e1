import { AnnotationQueue, AnnotationQueueList } from "@xtrace/contract";
import { addAnnotationQueueItem, createScoreConfig, listAnnotationQueueItems } from "@xtrace/db";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newProject, startRoutes, type RouteApp } from "../../test/route-app.ts";
import { annotationQueuesRoutes } from "./annotation-queues.ts";

let app: RouteApp;
beforeAll(async () => {
  app = await startRoutes(annotationQueuesRoutes);
});
afterAll(() => app[Symbol.asyncDispose]());

const CONFIG = {
  name: "c",
  dataType: "NUMERIC",
  isArchived: false,
  minValue: null,
  maxValue: null,
  categories: null,
  description: null,
} as const;

async function create(project: string, body: object = {}): Promise<AnnotationQueue> {
  const answer = await app.send("POST", "/annotation-queues", { name: "q", scoreConfigIds: [], ...body }, project);
  if (answer.status !== 200) throw new Error(`expected 200, got ${answer.status}: ${JSON.stringify(answer.body)}`);
  return AnnotationQueue.parse(answer.body);
}

test("a queue is made and read back, one of a name", async () => {
  const project = newProject();
  const { id } = await createScoreConfig(app.db, { ...CONFIG, projectId: project });
  const queue = await create(project, { description: "why", scoreConfigIds: [id] });
  expect(queue).toMatchObject({ name: "q", description: "why", scoreConfigIds: [id] });
  expect(await app.get(`/annotation-queues/${queue.id}`, {}, project)).toEqual({ status: 200, body: queue });
  const again = await app.send("POST", "/annotation-queues", { name: "q", scoreConfigIds: [] }, project);
  expect(again).toMatchObject({ status: 409, body: { error: "LangfuseConflictError" } });
  expect((await create(newProject())).description).toBeNull();
});

test("queues are listed newest first, each project its own", async () => {
  const project = newProject();
  for (const name of ["a", "b", "c"]) await create(project, { name });
  const list = await app.read(AnnotationQueueList, "/annotation-queues", { limit: 2 }, project);
  expect(list.data.map(({ name }) => name)).toEqual(["c", "b"]);
  expect(list.meta).toEqual({ page: 1, limit: 2, totalItems: 3, totalPages: 2 });
  const other = newProject();
  expect((await app.read(AnnotationQueueList, "/annotation-queues", {}, other)).data).toEqual([]);
  expect(await app.get(`/annotation-queues/${list.data[0]?.id}`, {}, other)).toMatchObject({
    status: 404,
    body: { message: "Annotation queue not found", error: "LangfuseNotFoundError" },
  });
});

test("a deleted queue is gone, with what is in it, and its name is free", async () => {
  const project = newProject();
  const queue = await create(project);
  await addAnnotationQueueItem(app.db, {
    projectId: project,
    queueId: queue.id,
    objectId: "t",
    objectType: "TRACE",
    status: "PENDING",
  });
  const path = `/annotation-queues/${queue.id}`;
  await app.send("POST", `${path}/assignments`, { userId: "ada" }, project);
  expect((await app.send("DELETE", path, undefined, newProject())).status).toBe(404);
  expect(await app.get(path, {}, project)).toEqual({ status: 200, body: queue });
  expect(await app.send("DELETE", path, undefined, project)).toEqual({
    status: 200,
    body: { success: true, message: "Annotation queue deleted successfully" },
  });
  expect((await app.get(path, {}, project)).status).toBe(404);
  expect((await app.send("DELETE", path, undefined, project)).status).toBe(404);
  const filter = { projectId: project, queueId: queue.id };
  expect(await listAnnotationQueueItems(app.db, { filter, limit: 10, offset: 0 })).toEqual([]);
  expect((await create(project)).id).not.toBe(queue.id);
});

test("a queue is assigned and taken back, as often as one likes", async () => {
  const project = newProject();
  const { id: queueId } = await create(project);
  const path = `/annotation-queues/${queueId}/assignments`;
  for (const attempt of [1, 2]) {
    const assigned = await app.send("POST", path, { userId: "ada" }, project);
    expect(assigned, `${attempt}`).toEqual({ status: 200, body: { userId: "ada", queueId, projectId: project } });
  }
  for (const attempt of [1, 2]) {
    const taken = await app.send("DELETE", path, { userId: "ada" }, project);
    expect(taken, `${attempt}`).toEqual({ status: 200, body: { success: true } });
  }
  expect((await app.send("POST", path, { userId: "eve" }, newProject())).status).toBe(404);
  expect((await app.send("DELETE", path, { userId: "eve" }, newProject())).status).toBe(404);
  expect((await app.send("POST", path, {}, project)).status).toBe(400);
});

test("a queue judges by configs of its own project only", async () => {
  const [project, other] = [newProject(), newProject()];
  const { id } = await createScoreConfig(app.db, { ...CONFIG, projectId: other });
  for (const scoreConfigIds of [["none"], [id]]) {
    expect(await app.send("POST", "/annotation-queues", { name: "q", scoreConfigIds }, project)).toMatchObject({
      status: 400,
      body: { message: "At least one of the score config IDs cannot be found for the given project." },
    });
  }
  expect((await create(other, { scoreConfigIds: [id, id] })).scoreConfigIds).toEqual([id, id]);
});

test("bad bodies are refused", async () => {
  const project = newProject();
  for (const body of [
    { name: "" },
    { name: "x".repeat(513) },
    { scoreConfigIds: undefined },
    { scoreConfigIds: [""] },
  ]) {
    const sent = { name: "q", scoreConfigIds: [], ...body };
    expect.soft((await app.send("POST", "/annotation-queues", sent, project)).status, JSON.stringify(body)).toBe(400);
  }
});
