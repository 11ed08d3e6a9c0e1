import { eventually } from "@xtrace/testkit";
import postgres from "postgres";
import { expect, test } from "vitest";
import { recount } from "../../chaos/verify/recount.ts";
import { seededRandom } from "../../src/seeded-random.ts";
import { basicAuth } from "../../src/test-system.ts";
import { apiOf, send, type Api } from "../support/api.ts";
import { describeEachSystem } from "../support/each-system.ts";

const TRACES = 60;
const T0 = Date.UTC(2026, 2, 1, 22);
const HALF_HOUR_MS = 1_800_000;

describeEachSystem("deletion", ({ system }) => {
  const api = () => apiOf(system(), system().projectA);

  async function remove(path: string, body?: object): Promise<void> {
    const { status, text } = await send(`${system().baseUrl}/api/public/${path}`, {
      method: "DELETE",
      headers: { Authorization: basicAuth(system().projectA), "Content-Type": "application/json" },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (status !== 200 && status !== 202) throw new Error(`DELETE ${path}: ${status} ${text}`);
  }

  test(
    "what is deleted while others write is gone, and everything that is counted counts the rest",
    { timeout: 120_000 },
    async () => {
      await Promise.all(Array.from({ length: TRACES }, (_, index) => write(api(), index)));
      await eventually(async () =>
        expect((await api().read("/api/public/traces?limit=1")).meta.totalItems).toBe(TRACES),
      );

      const random = seededRandom(7);
      const doomed = Array.from({ length: TRACES }, (_, index) => index).filter(() => random() < 0.5);
      const half = Math.floor(doomed.length / 2);
      const late = Array.from({ length: 20 }, (_, index) => TRACES + index);
      await Promise.all([
        remove("traces", { traceIds: doomed.slice(0, half).map((index) => `t-${index}`) }),
        ...doomed.slice(half).map((index) => remove(`traces/t-${index}`)),
        ...[...Array(TRACES).keys()]
          .filter((index) => !doomed.includes(index))
          .map((index) => remove(`scores/s-${index}-0`)),
        ...late.map((index) => write(api(), index)),
      ]);
      const left = TRACES + late.length - doomed.length;
      await eventually(async () => expect((await api().read("/api/public/traces?limit=1")).meta.totalItems).toBe(left));

      for (const index of doomed) {
        expect.soft((await api().get(`/api/public/traces/t-${index}`)).status).toBe(404);
        expect.soft((await api().get(`/api/public/observations/o-${index}-0`)).status).toBe(404);
        expect.soft((await api().get(`/api/public/v2/scores/s-${index}-1`)).status).toBe(404);
      }
      const sql = postgres(system().databaseUrl, { max: 1, onnotice: () => {} });
      try {
        await eventually(async () => expect(await recount(sql)).toEqual([]));
      } finally {
        await sql.end();
      }
    },
  );
});

/** A trace that shares its name, environment, models and hours with others, with observations and two scores. */
async function write(api: Api, index: number): Promise<void> {
  const at = (step: number) => new Date(T0 + ((index % 5) + step) * HALF_HOUR_MS).toISOString();
  const traceId = `t-${index}`;
  const event = (id: string, type: string, body: object) => ({ id, type, timestamp: at(0), body: { id, ...body } });
  const batch = [
    event(traceId, "trace-create", {
      timestamp: at(0),
      name: `n-${index % 3}`,
      environment: `e${index % 2}`,
      release: "r",
    }),
    ...Array.from({ length: 1 + (index % 3) }, (_, n) =>
      event(`o-${index}-${n}`, "generation-create", {
        traceId,
        startTime: at(n),
        endTime: at(n + 1),
        model: `m-${n % 2}`,
        usageDetails: { input: index, output: n },
        costDetails: { input: 0.1, output: 0.2 },
      }),
    ),
    ...[0, 1].map((n) => event(`s-${index}-${n}`, "score-create", { traceId, name: "quality", value: n })),
  ];
  const { status, body } = await api.post("/api/public/ingestion", { batch });
  expect([status, body.errors]).toEqual([207, []]);
}
