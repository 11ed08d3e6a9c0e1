import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { insertObservations, insertScores, insertTraces } from "../../test/rows.ts";
import { SECOND_US, setupQuery, T0_US, type TestQuery } from "../../test/setup-query.ts";

let query: TestQuery;
beforeAll(async () => {
  query = await setupQuery();
});
afterAll(() => query[Symbol.asyncDispose]());

async function traceWithChildren() {
  const project = query.project();
  const { db } = query.database;
  await insertTraces(db, project.projectId, [
    { id: "t", input: { q: 1 }, firstStartTime: T0_US, lastEndTime: T0_US + SECOND_US },
  ]);
  await insertObservations(db, project.projectId, "t", [
    { id: "o2", startTime: T0_US + 1, parentObservationId: "o1" },
    { id: "o1b" },
    { id: "o1a", type: "GENERATION" },
  ]);
  await insertScores(db, project.projectId, [{ id: "s1", traceId: "t", observationId: "o2", value: 0.5 }]);
  return project;
}

describe("GET /api/public/traces/{traceId}", () => {
  test("answers the trace with its observations by start and id, and its scores", async () => {
    const project = await traceWithChildren();
    const { status, body } = await project.get("/api/public/traces/t");
    expect(status).toBe(200);
    expect(body).toMatchObject({ id: "t", input: { q: 1 }, output: null, metadata: {}, latency: 1, totalCost: 0 });
    expect(body.observations).toMatchObject([
      { id: "o1a", type: "GENERATION", traceId: "t", parentObservationId: null },
      { id: "o1b", type: "SPAN" },
      { id: "o2", parentObservationId: "o1" },
    ]);
    expect(body.scores).toMatchObject([{ id: "s1", value: 0.5, observationId: "o2" }]);
  });

  test("shows no corrections, as the list of v1", async () => {
    const project = await traceWithChildren();
    const correction = { dataType: "CORRECTION", value: null, stringValue: "better" } as const;
    await insertScores(query.database.db, project.projectId, [{ id: "s2", traceId: "t", ...correction }]);
    const { body } = await project.get("/api/public/traces/t");
    expect(body.scores.map(({ id }: { id: string }) => id)).toEqual(["s1"]);
  });

  test("leaves out what was not asked for", async () => {
    const project = await traceWithChildren();
    const core = await project.get("/api/public/traces/t?fields=core");
    expect(core.body).toMatchObject({ id: "t", latency: -1, totalCost: -1, observations: [], scores: [] });
    expect(Object.keys(core.body)).not.toContain("input");
    const some = await project.get("/api/public/traces/t?fields=observations&fields=scores");
    expect([some.body.observations.length, some.body.scores.length]).toEqual([3, 1]);
  });

  test("answers 404 in Langfuse's words, and the same for another project's trace", async () => {
    const owner = await traceWithChildren();
    for (const project of [query.project(), owner]) {
      const id = project === owner ? "nope" : "t";
      const { status, body } = await project.get(`/api/public/traces/${id}`);
      expect(status).toBe(404);
      expect(body).toMatchObject({
        message: `Trace ${id} not found within authorized project`,
        error: "LangfuseNotFoundError",
        code: "NOT_FOUND",
      });
    }
  });

  test("finds an id in either spelling of a UUID, the exact one first", async () => {
    const project = query.project();
    const dashed = randomUUID();
    const hex = dashed.replaceAll("-", "");
    const onlyHex = randomUUID().replaceAll("-", "");
    const onlyDashed = randomUUID();
    await insertTraces(query.database.db, project.projectId, [
      { id: dashed, name: "dashed" },
      { id: hex, name: "hex" },
      { id: onlyHex, name: "only hex" },
      { id: onlyDashed, name: "only dashed" },
    ]);
    const nameOf = async (id: string) => (await project.get(`/api/public/traces/${id}`)).body.name;
    const asUuid = onlyHex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
    expect(await nameOf(dashed)).toBe("dashed");
    expect(await nameOf(hex)).toBe("hex");
    expect(await nameOf(asUuid)).toBe("only hex");
    expect(await nameOf(asUuid.toUpperCase())).toBe("only hex");
    expect(await nameOf(onlyDashed.replaceAll("-", ""))).toBe("only dashed");
  });

  test("takes any text as an id", async () => {
    const project = query.project();
    await insertTraces(query.database.db, project.projectId, [{ id: "a/b ü?" }]);
    const { status, body } = await project.get(`/api/public/traces/${encodeURIComponent("a/b ü?")}`);
    expect([status, body.id]).toEqual([200, "a/b ü?"]);
    expect((await project.get("/api/public/traces/%00")).status).toBe(400);
    expect((await project.get("/api/public/traces/%ff")).status).toBe(404);
    expect((await project.get(`/api/public/traces/${"x".repeat(10_000)}`)).status).toBe(404);
  });
});
