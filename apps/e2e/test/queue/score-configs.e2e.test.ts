import { testRedisUrl } from "@xtrace/testkit";
import { expect, test } from "vitest";
import { startRedisSystem } from "../../src/redis-system.ts";
import { startStandaloneSystem } from "../../src/standalone-system.ts";
import { apiOf, send } from "../support/api.ts";
import { expectConserved } from "../support/conservation.ts";
import { createReadBack } from "../support/read-back.ts";

const TRACE_ID = "scored";

/* Not among the tests of describeEachSystem: those end with nothing that the store refused. */
test.for([
  { name: "three processes over Redis", start: startRedisSystem, isPossible: testRedisUrl() !== undefined },
  { name: "standalone over PostgreSQL", start: startStandaloneSystem, isPossible: true },
])(
  "scores are held to their configs, by whatever way they come: $name",
  { timeout: 120_000 },
  async (kind, { skip }) => {
    const { start, isPossible } = kind;
    skip(!isPossible, "needs Redis");
    await using system = await start();
    const { soon } = createReadBack();
    const [api, other] = [apiOf(system, system.projectA), apiOf(system, system.projectB)];
    const scoreOf = (id: string) => api.read(`/api/public/v2/scores/${id}`);

    async function config(of: typeof api, body: object): Promise<string> {
      const answer = await of.post("/api/public/score-configs", body);
      expect(answer.status, answer.text).toBe(200);
      return answer.body.id as string;
    }
    const quality = { name: "quality", dataType: "NUMERIC", minValue: 0, maxValue: 5 };
    const bounded = await config(api, quality);
    const theirs = await config(other, quality);
    const yesNo = await config(api, { name: "helpful", dataType: "BOOLEAN" });
    const words = await config(api, { name: "feedback", dataType: "TEXT" });
    const categories = [
      { label: "bad", value: 0 },
      { label: "good", value: 7 },
    ];
    const tone = await config(api, { name: "tone", dataType: "CATEGORICAL", categories });

    const batch = [
      { id: "in-batch", name: "quality", value: 5, configId: bounded },
      { id: "beyond", name: "quality", value: 5.5, configId: bounded },
      { id: "helpful", name: "helpful", value: 1, configId: yesNo },
      { id: "feedback", name: "feedback", value: "well said", configId: words },
      { id: "another-project's", name: "quality", value: 99, configId: theirs },
    ].map((body) => ({
      id: `event ${body.id}`,
      type: "score-create",
      timestamp: new Date().toISOString(),
      body: { traceId: TRACE_ID, ...body },
    }));
    const taken = await api.post("/api/public/ingestion", { batch });
    // The gateway knows no configs: what does not fit is found by the worker.
    expect(taken).toMatchObject({ status: 207, body: { errors: [] } });
    expect(taken.body.successes).toHaveLength(batch.length);

    const alone = { traceId: TRACE_ID, name: "tone", configId: tone };
    const annotation = { source: "ANNOTATION", queueId: "q" };
    for (const body of [
      { ...alone, ...annotation, id: "alone", value: "good" },
      { ...alone, ...annotation, id: "no-category", value: "fine" },
    ]) {
      expect((await api.post("/api/public/scores", body)).status).toBe(200);
    }
    const browser = await send(`${system.baseUrl}/api/public/scores`, {
      method: "POST",
      headers: { Authorization: `Bearer ${system.projectA.publicKey}`, "Content-Type": "application/json" },
      body: JSON.stringify({ ...alone, id: "renamed", name: "mood", value: "good" }),
    });
    expect(browser.status).toBe(200);

    expect(await soon(() => scoreOf("in-batch"))).toMatchObject({ dataType: "NUMERIC", value: 5, configId: bounded });
    expect(await scoreOf("helpful")).toMatchObject({ dataType: "BOOLEAN", value: 1, stringValue: "True" });
    expect(await scoreOf("feedback")).toMatchObject({ dataType: "TEXT", stringValue: "well said" });
    expect(await scoreOf("another-project's")).toMatchObject({ value: 99, configId: theirs });
    expect(await soon(() => scoreOf("alone"))).toMatchObject({ value: 7, stringValue: "good", source: "ANNOTATION" });

    expect(await soon(() => scoreOf("renamed"))).toMatchObject({ name: "tone", value: 7, stringValue: "good" });

    expect(await expectConserved(system)).toBe(8);
    for (const id of ["beyond", "no-category"]) {
      expect((await api.get(`/api/public/v2/scores/${id}`)).status, id).toBe(404);
    }
    const letters = await api.read("/api/dead-letters");
    expect(letters.data.map(({ error }: { error: string }) => error).sort()).toEqual([
      `score beyond: value: expected at most 5, as score config ${bounded} says`,
      `score no-category: value: expected one of the categories, as score config ${tone} says`,
    ]);
    expect((await other.read("/api/public/v2/scores")).data).toEqual([]);
    expect(system.deadProcesses()).toEqual([]);
  },
);
