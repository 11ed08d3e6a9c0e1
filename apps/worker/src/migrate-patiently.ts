import { setTimeout as sleep } from "node:timers/promises";
import { classifyWriteError, migrateDatabase } from "@xtrace/db";
import type { Logger } from "@xtrace/runtime";

const RETRY_MS = 1_000;

/** Migrates at start, however long the database takes to come up. Throws when the schema itself is the trouble. */
export async function migratePatiently(url: string, log: Logger): Promise<void> {
  for (;;) {
    try {
      return await migrateDatabase(url);
    } catch (error) {
      const failure = classifyWriteError(error);
      if (failure.kind === "data" || isSchemaError(failure.code)) throw error;
      log.warn({ code: failure.code, pauseMs: RETRY_MS }, "database cannot be migrated yet");
      await sleep(RETRY_MS);
    }
  }
}

/** SQLSTATE class 42: a statement that this server will never run. Retrying would hide it. */
function isSchemaError(code: string): boolean {
  return code.startsWith("42") && code.length === 5;
}
