import { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { migrateDatabase, openDatabase, saveModel, type Database } from "@xtrace/db";
import { createLogger } from "@xtrace/runtime";
import { createTestDatabase, eventually } from "@xtrace/testkit";
import { expect, test } from "vitest";
import { keepPrices } from "./keep-prices.ts";

async function setup() {
  const server = await createTestDatabase({ migrate: migrateDatabase });
  const database = openDatabase({ url: server.url, poolSize: 2, applicationName: "test", statementTimeoutMs: 5_000 });
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk, _, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const log = createLogger({ name: "test", level: "warn", destination });
  return {
    database,
    lines,
    keep: (db: Database = database.db) => keepPrices({ db, log }),
    async [Symbol.asyncDispose]() {
      await database.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function makeModel(db: Database, id: string): Promise<void> {
  const tier = { id, name: "Standard", isDefault: true, priority: 0, conditions: [], prices: { input: 1 } };
  await saveModel(db, {
    projectId: "p",
    id,
    modelName: id,
    matchPattern: `^${id}$`,
    startDate: null,
    unit: "TOKENS",
    tokenizerId: null,
    tokenizerConfig: null,
    pricingTiers: [tier],
  });
}

test("knows the models that are there before anything is priced, and those that come later", async () => {
  await using system = await setup();
  await makeModel(system.database.db, "early");
  const prices = system.keep();
  expect((await prices.current()).find("p", "early", 0)?.id).toBe("early");
  // No more than a look at what is held.
  expect(prices.current()).not.toBeInstanceOf(Promise);

  await makeModel(system.database.db, "late");
  await eventually(async () => expect((await prices.current()).find("p", "late", 0)?.id).toBe("late"));
  expect(system.lines).toEqual([]);
});

test("while models cannot be read nothing is priced, and what was read before still counts", async () => {
  await using system = await setup();
  await makeModel(system.database.db, "early");
  let isDown = true;
  let failures = 0;
  const db = new Proxy(system.database.db, {
    get(target, property) {
      if (isDown && property === "execute") {
        failures += 1;
        return () => Promise.reject(new Error("down"));
      }
      return Reflect.get(target, property) as unknown;
    },
  });
  const prices = system.keep(db);
  await expect(async () => await prices.current()).rejects.toThrow("down");
  isDown = false;
  expect((await prices.current()).find("p", "early", 0)?.id).toBe("early");
  isDown = true;
  const before = failures;
  await eventually(async () => {
    expect((await prices.current()).find("p", "early", 0)?.id).toBe("early");
    expect(failures).toBeGreaterThan(before + 1);
  });
  // Without a wait for what fails.
  expect(prices.current()).not.toBeInstanceOf(Promise);
  expect(system.lines.join()).toContain("models cannot be read");
});

test("asks nobody while nothing is priced, and then first of all whether models have changed", async () => {
  await using system = await setup();
  let looks = 0;
  const db = new Proxy(system.database.db, {
    get(target, property) {
      if (property === "execute") looks += 1;
      return Reflect.get(target, property) as unknown;
    },
  });
  const prices = system.keep(db);
  await prices.current();
  await sleep(2_500);
  expect(looks).toBe(1);
  await makeModel(system.database.db, "late");
  expect((await prices.current()).find("p", "late", 0)?.id).toBe("late");
});
