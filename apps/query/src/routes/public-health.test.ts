import { afterEach, expect, test, vi } from "vitest";
import { publicHealthRoutes } from "./public-health.ts";

afterEach(() => {
  vi.useRealTimers();
});

function setup(ping: () => Promise<void>, findSilence = async (): Promise<"traces" | "observations" | null> => null) {
  const spy = vi.fn(ping);
  const app = publicHealthRoutes({ ping: spy, findSilence, version: "1.2.3" });
  return {
    pings: spy,
    async get(path: string) {
      const response = await app.request(`/api/public${path}`);
      return { status: response.status, body: await response.json() };
    },
  };
}

const works = async () => {};
const fails = async () => {
  throw new Error("connection refused to db.internal");
};

const OK = { status: 200, body: { status: "OK", version: "1.2.3" } };
const AWAY = { status: 503, body: { status: "Database not available", version: "1.2.3" } };

test("health asks the database only when told to", async () => {
  const { get, pings } = setup(fails);
  expect(await get("/health")).toEqual(OK);
  expect(await get("/health?failIfDatabaseUnavailable=false")).toEqual(OK);
  expect(pings).not.toHaveBeenCalled();
  expect(await get("/health?failIfDatabaseUnavailable=true")).toEqual(AWAY);
});

test("health and ready are well with a database", async () => {
  const { get } = setup(works);
  expect(await get("/health?failIfDatabaseUnavailable=true")).toEqual(OK);
  expect(await get("/ready")).toEqual(OK);
});

test("health looks for recent events only when told to", async () => {
  const path = "/health?failIfNoRecentEvents=true";
  expect(await setup(works).get(path)).toEqual(OK);
  const silent = setup(works, async () => "observations");
  expect(await silent.get("/health?failIfDatabaseUnavailable=true")).toEqual(OK);
  const body = { status: "No observations within the last 3 minutes", version: "1.2.3" };
  expect(await silent.get(path)).toEqual({ status: 503, body });
  const away = setup(works, async () => {
    throw new Error("connection refused to db.internal");
  });
  expect(await away.get(path)).toEqual(AWAY);
});

test("ready fails without a database, also with one that never answers", async () => {
  expect(await setup(fails).get("/ready")).toEqual(AWAY);
  vi.useFakeTimers();
  const answer = setup(() => new Promise(() => {})).get("/ready");
  await vi.advanceTimersByTimeAsync(2_000);
  expect(await answer).toEqual(AWAY);
});
