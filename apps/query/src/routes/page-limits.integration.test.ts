import { createKeyRing, hashSecret } from "@xtrace/runtime";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { setupQuery, type TestQuery } from "../../test/setup-query.ts";

let query: TestQuery;
beforeAll(async () => {
  query = await setupQuery();
});
afterAll(() => query[Symbol.asyncDispose]());

const OF_BOTH = ["traces", "metrics/daily"];
const OF_LANGFUSE = [
  "observations",
  "sessions",
  "scores",
  "v2/scores",
  "v3/scores",
  "comments",
  "score-configs",
  "models",
  "v2/prompts",
  "v2/datasets",
  "datasets",
  "datasets/d/runs",
  "dataset-items",
  "dataset-run-items?datasetId=d&runName=r",
  "experiments?fromStartTime=2026-01-01T00:00:00Z",
  "experiment-items?experimentId=e",
  "annotation-queues",
  "annotation-queues/q/items",
];

function pathOf(list: string, limit: string) {
  return `/api/public/${list}${list.includes("?") ? "&" : "?"}${limit}`;
}

describe.each([...OF_BOTH, ...OF_LANGFUSE])("pages over 100 of GET /%s", (list) => {
  test("are refused to Langfuse's clients, who come with a pair of keys", async () => {
    const { get, authorization } = query.project();
    expect(authorization).toMatch(/^Basic /);
    expect((await get(pathOf(list, "limit=100"))).status).not.toBe(400);
    const { status, body } = await get(pathOf(list, "limit=101"));
    expect([status, body.details?.[0]?.path]).toEqual([400, "limit"]);
  });
});

test.each(["experiments?fromStartTime=2026-01-01T00:00:00Z", "experiment-items?experimentId=e"])(
  "more than 50 scores each are refused in GET /%s",
  async (list) => {
    const { status, body } = await query.project().get(pathOf(list, "scoreLimit=51"));
    expect([status, body.details?.[0]?.path]).toEqual([400, "scoreLimit"]);
  },
);

test("are lowered to 200 for clients of the Rust system, who come with a bearer token", async () => {
  const secretHash = hashSecret("a-bearer-token");
  const keyRing = createKeyRing([{ projectId: "p", publicKey: null, secretHash, scopes: ["read"] }]);
  await using own = await setupQuery({ keyRing });
  const headers = { Authorization: "Bearer a-bearer-token" };
  for (const list of OF_BOTH) {
    const answer = await own.app.request(pathOf(list, "limit=5000"), { headers });
    expect.soft(await answer.json(), list).toMatchObject({ data: [], meta: { page: 1, limit: 200, totalItems: 0 } });
  }
});
