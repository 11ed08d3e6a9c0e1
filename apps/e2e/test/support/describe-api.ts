import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase } from "@xtrace/db";
// oxlint-disable-next-line no-restricted-imports -- it is asked for its description, and listens nowhere.
import { createQueryService, loadQueryConfig } from "@xtrace/query";
import { createLogger } from "@xtrace/runtime";

/** Vitest's global setup of this app: puts the API description where hold-answers.ts reads it. */
export async function setup(): Promise<() => Promise<void>> {
  const dir = await mkdtemp(join(tmpdir(), "xtrace-openapi-"));
  const file = join(dir, "openapi.json");
  await writeFile(file, await describeApi());
  process.env["TEST_API_DESCRIPTION"] = file;
  return async () => await rm(dir, { recursive: true, force: true });
}

/** As a query app describes itself, with no database behind it. */
async function describeApi(): Promise<string> {
  const url = "postgres://nobody@127.0.0.1:1/none";
  const database = openDatabase({ url, poolSize: 1, applicationName: "test", statementTimeoutMs: 1_000 });
  const config = loadQueryConfig({ DATABASE_URL: url, RATE_LIMIT_QPS: "0" });
  const service = await createQueryService({ database, config, log: createLogger({ name: "test", level: "silent" }) });
  try {
    return await (await service.app.request("/openapi.json")).text();
  } finally {
    await service.stop();
    await database.close();
  }
}
