import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { insertTraces } from "../../test/rows.ts";
import { SECOND_US, setupQuery, T0_US, type TestProject, type TestQuery } from "../../test/setup-query.ts";

let query: TestQuery;
beforeAll(async () => {
  query = await setupQuery();
});
afterAll(() => query[Symbol.asyncDispose]());

async function idsOf(project: TestProject, search: string): Promise<string[]> {
  const { status, body } = await project.get(`/api/public/traces?${search}`);
  expect(status, JSON.stringify(body)).toBe(200);
  return body.data.map(({ id }: { id: string }) => id);
}

describe("parameters of GET /api/public/traces", () => {
  test.each([
    ["userId=u1", ["a"]],
    ["name=n1", ["a"]],
    ["sessionId=s1", ["a"]],
    ["version=v1", ["a"]],
    ["release=r1", ["a"]],
    ["userId=", ["c", "b", "a"]],
    ["tags=x", ["b", "a"]],
    ["tags=x&tags=y", ["a"]],
    ["tags[]=x&tags[]=y", ["a"]],
    ["tags=x&tags[]=y", ["a"]],
    ["tags=x,y", []],
    ["environment=prod", ["a"]],
    ["environment=default", ["c", "b"]],
    ["environment=prod&environment=default", ["c", "b", "a"]],
    ["environment[]=prod&environment[]=none", ["a"]],
    ["fromTimestamp=2026-01-01T00:00:01Z", ["c", "b"]],
    ["toTimestamp=2026-01-01T00:00:01Z", ["a"]],
    ["fromTimestamp=2026-01-01T02:00:01%2B02:00&toTimestamp=2026-01-01T00:00:01.5Z", ["b"]],
    ["fromTimestamp=2026-01-01T02:00:01+02:00", ["c", "b"]],
    ["fromTimestamp=9999-12-31T23:59:59Z", []],
    ["toTimestamp=0001-01-01T00:00:00Z", []],
    ["fromTimestamp=", ["c", "b", "a"]],
    ["userId=u1&name=n2", []],
    ["limit=2", ["c", "b"]],
    ["limit=2&page=2", ["a"]],
    ["limit=2&page=3", []],
    ["limit=100", ["c", "b", "a"]],
    [`name=${"x".repeat(5000)}`, []],
    ["unknown=1", ["c", "b", "a"]],
  ])("%s", async (search, expected) => {
    const project = query.project();
    await insertTraces(query.database.db, project.projectId, [
      {
        id: "a",
        timestamp: T0_US,
        userId: "u1",
        name: "n1",
        sessionId: "s1",
        version: "v1",
        release: "r1",
        environment: "prod",
        tags: ["x", "y"],
      },
      { id: "b", timestamp: T0_US + SECOND_US, userId: "u2", name: "n2", environment: "default", tags: ["x"] },
      { id: "c", timestamp: T0_US + 2 * SECOND_US },
    ]);
    expect(await idsOf(project, search)).toEqual(expected);
  });

  test.each([
    ["timestamp.desc", "cba"],
    ["timestamp.ASC", "abc"],
    ["timestamp", "cba"],
    ["id.asc", "abc"],
    ["id.desc", "cba"],
    ["name.asc", "bca"],
    ["name.desc", "cba"],
    ["name", "bca"],
    ["userId.asc", "bca"],
    ["user_id.desc", "cba"],
    ["sessionId.desc", "cba"],
    ["session_id.asc", "bca"],
    ["release.desc", "cba"],
    ["version.asc", "bca"],
    ["public.desc", "bca"],
    ["bookmarked.asc", "acb"],
    ["latency.desc", "cba"],
    ["latency.asc", "bca"],
    ["totalCost.desc", "cba"],
    ["total_cost.asc", "abc"],
  ])("orderBy=%s, without a value last", async (orderBy, expected) => {
    const project = query.project();
    const b = { name: "1", userId: "1", sessionId: "1", release: "1", version: "1", public: true, bookmarked: true };
    const c = { name: "2", userId: "2", sessionId: "2", release: "2", version: "2", public: false, bookmarked: false };
    await insertTraces(query.database.db, project.projectId, [
      { id: "a", timestamp: T0_US },
      { id: "b", timestamp: T0_US + 1, ...b, totalCost: "9", firstStartTime: T0_US, lastEndTime: T0_US + 1 },
      { id: "c", timestamp: T0_US + 2, ...c, totalCost: "10", firstStartTime: T0_US, lastEndTime: T0_US + 2 },
    ]);
    expect((await idsOf(project, `orderBy=${orderBy}`)).join("")).toBe(expected);
  });
});
