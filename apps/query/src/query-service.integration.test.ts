import { createApiKey, migrateDatabase, openDatabase, revokeApiKey } from "@xtrace/db";
import { createLogger } from "@xtrace/runtime";
import { createTestDatabase, eventually } from "@xtrace/testkit";
import { expect, test } from "vitest";
import { loadConfig } from "./config.ts";
import { createQueryService } from "./query-service.ts";

const log = createLogger({ name: "test", level: "silent" });

test("knows the keys of the environment and of the database, and forgets a revoked one", async () => {
  await using server = await createTestDatabase({ migrate: migrateDatabase });
  await using database = openDatabase({
    url: server.url,
    poolSize: 2,
    applicationName: "test",
    statementTimeoutMs: 5_000,
  });
  const stored = await createApiKey(database.db, { projectId: "p", scopes: ["read"] });
  const config = loadConfig({ DATABASE_URL: server.url, API_BEARER_TOKEN: "a-bearer-token", KEY_REFRESH_MS: "100" });
  const service = await createQueryService({ database, config, log });
  const statusWith = async (Authorization: string) =>
    (await service.app.request("/api/public/projects", { headers: { Authorization } })).status;
  const basic = `Basic ${Buffer.from(`${stored.publicKey}:${stored.secretKey}`).toString("base64")}`;

  expect(await statusWith("Bearer a-bearer-token")).toBe(200);
  expect(await statusWith(basic)).toBe(200);
  await revokeApiKey(database.db, stored.publicKey);
  await eventually(async () => expect(await statusWith(basic)).toBe(401));
  expect(await statusWith("Bearer a-bearer-token")).toBe(200);

  service.readiness.startDraining();
  expect((await service.app.request("/readyz")).status).toBe(503);
  await service.stop();
});

test("starts without a database, with the keys of the environment", async () => {
  await using database = openDatabase({
    url: "postgres://nobody@127.0.0.1:1/none",
    poolSize: 1,
    applicationName: "test",
    statementTimeoutMs: 1_000,
  });
  const config = loadConfig({ DATABASE_URL: "postgres://nobody@127.0.0.1:1/none", API_BEARER_TOKEN: "a-bearer-token" });
  const service = await createQueryService({ database, config, log, nowUs: () => 0 });
  const headers = { Authorization: "Bearer a-bearer-token" };
  expect((await service.app.request("/api/public/traces", { headers })).status).toBe(503);
  expect((await service.app.request("/readyz")).status).toBe(503);
  expect((await service.app.request("/healthz")).status).toBe(200);
  await service.stop();
});
