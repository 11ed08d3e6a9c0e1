import { DeadLetterDetail, INGEST_JOB_VERSION, noEvents } from "@xtrace/contract";
import { buryJob } from "@xtrace/db";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { setupQuery, type Body, type TestProject, type TestQuery } from "../../test/setup-query.ts";

let query: TestQuery;
beforeAll(async () => {
  query = await setupQuery();
});
afterAll(() => query[Symbol.asyncDispose]());

let sequence = 0;

const HOSTILE = '<script>alert(1)</script>\u001b[31m "quoted"';

/** A letter of the project, as a worker leaves it. */
async function bury(projectId: string, sqlstate: string | null = "22P05"): Promise<string> {
  const id = `letter-${sequence++}`;
  const events = { ...noEvents(), traces: [{ id: "t", stamp: 1, name: HOSTILE }] };
  const payload = { v: INGEST_JOB_VERSION, projectId, receivedAtUs: 1_000_000, events };
  await buryJob(query.database.db, id, { id, projectId, receivedAtUs: 1_000_000, payload, sqlstate, error: "refused" });
  return id;
}

const adminOf = () => query.project({ scopes: ["admin"] });

async function send(project: TestProject, method: string, path: string, body?: unknown) {
  const response = await query.app.request(path, {
    method,
    headers: { authorization: project.authorization, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Body };
}

describe("dead letters over the API", () => {
  test("are listed by page, state and reason, without what is in them", async () => {
    const admin = adminOf();
    const ids = [await bury(admin.projectId), await bury(admin.projectId, null), await bury(admin.projectId)];
    await bury(adminOf().projectId);
    const { body } = await admin.get("/api/dead-letters?limit=2");
    expect(body.data.map(({ id }: Body) => id)).toEqual([ids[2], ids[1]]);
    expect(body.meta).toMatchObject({ totalItems: 3, totalPages: 2 });
    expect(JSON.stringify(body)).not.toContain("script");
    const other = await admin.get("/api/dead-letters?reason=other&state=open");
    expect(other.body.data).toMatchObject([{ id: ids[1], reason: "other", state: "open", attempts: 0 }]);
    expect((await admin.get("/api/dead-letters?state=lost")).status).toBe(400);
  });

  test("show their payload as text in JSON", async () => {
    const admin = adminOf();
    const id = await bury(admin.projectId);
    const { status, headers, body } = await admin.get(`/api/dead-letters/${id}`);
    expect([status, headers.get("content-type"), headers.get("x-content-type-options")]).toEqual([
      200,
      "application/json",
      "nosniff",
    ]);
    const letter = DeadLetterDetail.parse(body);
    expect(JSON.parse(letter.payload).events.traces[0].name).toBe(HOSTILE);
    expect(letter.payloadCut).toBe(false);
  });

  test("are marked for replay, one, some and all of a reason; again is harmless", async () => {
    const admin = adminOf();
    const ids = [await bury(admin.projectId), await bury(admin.projectId, null), await bury(admin.projectId)];
    const once = await send(admin, "POST", `/api/dead-letters/${ids[0]}/replay`);
    expect([once.status, once.body.state]).toEqual([202, "requested"]);
    expect(await send(admin, "POST", `/api/dead-letters/${ids[0]}/replay`)).toEqual(once);
    const all = await send(admin, "POST", "/api/dead-letters/replay", { all: true, reason: "other" });
    expect(all).toEqual({ status: 202, body: { requested: 1 } });
    const some = await send(admin, "POST", "/api/dead-letters/replay", { ids: [ids[2], "nobody's"] });
    expect(some).toEqual({ status: 202, body: { requested: 1 } });
    const states = (await admin.get("/api/dead-letters")).body.data.map(({ state }: Body) => state);
    expect(states).toEqual(["requested", "requested", "requested"]);
    for (const wrong of [{}, { ids: [] }, { all: true, ids: ["x"] }, [], "x"]) {
      expect((await send(admin, "POST", "/api/dead-letters/replay", wrong)).status, JSON.stringify(wrong)).toBe(400);
    }
  });

  test("are discarded and stay as a note", async () => {
    const admin = adminOf();
    const id = await bury(admin.projectId);
    expect((await send(admin, "DELETE", `/api/dead-letters/${id}`)).body).toMatchObject({ id, state: "discarded" });
    expect((await send(admin, "POST", `/api/dead-letters/${id}/replay`)).body).toMatchObject({ state: "discarded" });
    expect((await admin.get(`/api/dead-letters/${id}`)).body).toMatchObject({ payload: "null", state: "discarded" });
  });

  test("of another project are not there, and stay as they are", async () => {
    const [mine, other] = [adminOf(), adminOf()];
    const id = await bury(other.projectId);
    const answers = [
      await send(mine, "GET", `/api/dead-letters/${id}`),
      await send(mine, "POST", `/api/dead-letters/${id}/replay`),
      await send(mine, "DELETE", `/api/dead-letters/${id}`),
      await send(mine, "GET", "/api/dead-letters/nowhere"),
    ];
    for (const { status, body } of answers) expect([status, body.code]).toEqual([404, "NOT_FOUND"]);
    expect(new Set(answers.map(({ body }) => body.message)).size).toBe(1);
    expect((await send(mine, "POST", "/api/dead-letters/replay", { ids: [id] })).body).toEqual({ requested: 0 });
    expect((await other.get(`/api/dead-letters/${id}`)).body).toMatchObject({ state: "open" });
  });
});
