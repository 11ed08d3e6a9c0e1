import { AnnotationQueueItem, AnnotationQueueItemList } from "@xtrace/contract";
import { createAnnotationQueue } from "@xtrace/db";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newProject, refused, startRoutes, type RouteApp } from "../../test/route-app.ts";
import { annotationQueueItemsRoutes } from "./annotation-queue-items.ts";

let app: RouteApp;
beforeAll(async () => {
  app = await startRoutes(annotationQueueItemsRoutes);
});
afterAll(() => app[Symbol.asyncDispose]());

async function projectQueue(project = newProject(), name = "q") {
  const queue = { projectId: project, name, description: null, scoreConfigIds: [] };
  const { id: queueId = "" } = (await createAnnotationQueue(app.db, queue)) ?? {};
  const path = `/annotation-queues/${queueId}/items`;
  const send = (body: object) => app.send("POST", path, body, project);
  return {
    project,
    queueId,
    path,
    send,
    async add(more: object = {}): Promise<AnnotationQueueItem> {
      const { status, body } = await send({ objectId: "t", objectType: "TRACE", ...more });
      if (status !== 200) throw new Error(`expected 200, got ${status}: ${JSON.stringify(body)}`);
      return AnnotationQueueItem.parse(body);
    },
    list: (params = {}) => app.read(AnnotationQueueItemList, path, params, project),
    get: (id: string) => app.get(`${path}/${id}`, {}, project),
    update: (id: string, body: object) => app.send("PATCH", `${path}/${id}`, body, project),
    remove: (id: string) => app.send("DELETE", `${path}/${id}`, undefined, project),
  };
}

test("an item waits until it is completed", async () => {
  const { queueId, add, get, update } = await projectQueue();
  const item = await add({ objectId: "o", objectType: "OBSERVATION" });
  expect(item).toMatchObject({
    queueId,
    objectId: "o",
    objectType: "OBSERVATION",
    status: "PENDING",
    completedAt: null,
  });
  expect(await get(item.id)).toEqual({ status: 200, body: item });
  const done = await update(item.id, { status: "COMPLETED" });
  expect(done).toMatchObject({ status: 200, body: { status: "COMPLETED", completedAt: expect.any(String) } });
  expect(await update(item.id, {})).toEqual(done);
  expect((await add({ status: "COMPLETED" })).completedAt).not.toBeNull();
});

test("items are listed newest first, by their status", async () => {
  const { add, list } = await projectQueue();
  for (const objectId of ["1", "2", "3"]) await add({ objectId, status: objectId === "2" ? "COMPLETED" : "PENDING" });
  const ids = async (params = {}) => (await list(params)).data.map(({ objectId }) => objectId);
  expect(await ids()).toEqual(["3", "2", "1"]);
  expect(await ids({ status: "PENDING", limit: 1, page: 2 })).toEqual(["1"]);
  expect(await ids({ status: "COMPLETED" })).toEqual(["2"]);
  expect((await list({ status: "PENDING" })).meta.totalItems).toBe(2);
});

test("an item is taken away, from its own queue only", async () => {
  const { project, add, get, remove } = await projectQueue();
  const sibling = await projectQueue(project, "sibling");
  const { id } = await add();
  expect((await sibling.get(id)).status).toBe(404);
  expect((await sibling.update(id, { status: "COMPLETED" })).status).toBe(404);
  expect((await sibling.remove(id)).status).toBe(404);
  expect(await remove(id)).toEqual({
    status: 200,
    body: { success: true, message: "Annotation queue item deleted successfully" },
  });
  expect(await get(id)).toMatchObject({ status: 404, body: { message: "Annotation queue item not found" } });
  expect((await remove(id)).status).toBe(404);
});

test("another project sees, changes and deletes nothing", async () => {
  const mine = await projectQueue();
  const { id } = await mine.add();
  const stranger = newProject();
  expect((await app.get(mine.path, {}, stranger)).status).toBe(404);
  for (const [method, path] of [
    ["POST", mine.path],
    ["PATCH", `${mine.path}/${id}`],
    ["DELETE", `${mine.path}/${id}`],
  ] as const) {
    const body = { objectId: "t", objectType: "TRACE", status: "COMPLETED" };
    expect((await app.send(method, path, body, stranger)).status, method).toBe(404);
  }
  expect((await mine.list()).data).toMatchObject([{ id, status: "PENDING" }]);
});

test("bad bodies are refused", async () => {
  const { send, list, update, add } = await projectQueue();
  const item = { objectId: "t", objectType: "TRACE" };
  expect(refused(await send({ ...item, objectType: "USER" }))).toEqual(["objectType"]);
  expect(refused(await send({ ...item, objectId: "" }))).toEqual(["objectId"]);
  expect(refused(await send({ ...item, status: "DONE" }))).toEqual(["status"]);
  expect((await list()).data).toEqual([]);
  expect(refused(await update((await add()).id, { status: "DONE" }))).toEqual(["status"]);
});
