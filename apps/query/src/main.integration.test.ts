import { fileURLToPath } from "node:url";
import { migrateDatabase } from "@xtrace/db";
import { createTestDatabase, spawnNode } from "@xtrace/testkit";
import { describe, expect, test } from "vitest";

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));

describe("the query process", () => {
  test("serves until SIGTERM and then exits 0", async () => {
    await using server = await createTestDatabase({ migrate: migrateDatabase });
    const env = {
      DATABASE_URL: server.url,
      BIND_ADDR: "127.0.0.1:0",
      API_BEARER_TOKEN: "a-bearer-token",
      SHUTDOWN_DELAY_MS: "0",
    };
    await using query = spawnNode(MAIN, { env });
    const { url } = JSON.parse(await query.waitForLine(/"listening"/));
    const headers = { Authorization: "Bearer a-bearer-token" };
    const response = await fetch(new URL("/api/public/traces", url), { headers });
    expect([response.status, await response.json()]).toMatchObject([200, { data: [], meta: { totalItems: 0 } }]);
    expect(await query.stop()).toBe(0);
    expect(query.lines.at(-1)).toContain("stopped");
  });

  test("exits 2 and names each bad setting", async () => {
    await using query = spawnNode(MAIN, { env: { RATE_LIMIT_QPS: "many" } });
    expect(await query.exited).toEqual({ code: 2, signal: null });
    expect(query.lines.join("\n")).toMatch(/DATABASE_URL:[^]*RATE_LIMIT_QPS:/);
  });
});
