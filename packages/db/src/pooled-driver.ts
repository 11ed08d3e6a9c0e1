import type postgres from "postgres";
import type { Driver } from "./client.ts";
import { deferredQuery } from "./deferred-query.ts";

/**
 * The driver behind a pooler in transaction mode, where a time-out that is set for a session would be
 * somebody else's: each statement outside a transaction runs in one of its own, which sets them.
 * That costs two more round trips a statement, and one a transaction.
 */
export function pooledDriver(client: postgres.Sql, timeoutsMs: Readonly<Record<string, number>>): Driver {
  const settings = Object.entries(timeoutsMs).map(([name, value]) => `set local ${name} = ${value}`);
  const begin = async <T>(run: (tx: postgres.TransactionSql) => T | Promise<T>) =>
    await client.begin(async (tx) => {
      // Not awaited: it goes out with the first statement. A failure of it fails that one too.
      tx.unsafe(settings.join("; ")).catch(() => {});
      return await run(tx);
    });
  return {
    options: client.options,
    begin: begin as Driver["begin"],
    unsafe: ((query: string, parameters, options) =>
      deferredQuery((finish) =>
        begin(async (tx) => finish(tx.unsafe(query, parameters, options))),
      )) as Driver["unsafe"],
  };
}
