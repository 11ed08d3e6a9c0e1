import type postgres from "postgres";
import type { Driver } from "./client.ts";
import { classifyWriteError } from "./write-error.ts";

/**
 * A driver whose transactions keep their statements prepared on the connection that they first ran on. The driver itself asks
 * for the types of the parameters of any other statement first, which is a round trip, and the server plans it each time.
 *
 * Behind a pooler nothing is prepared: the connection of the next transaction is another one. A pooler that the URL does not
 * name shows itself by a transaction that fails with a code of LOST; the ones after it do without.
 */
export function preparingDriver(driver: Driver): Driver {
  let isLost = false;
  async function begin(run: (tx: postgres.TransactionSql) => unknown): Promise<unknown> {
    try {
      return await driver.begin(async (tx) => await run(isLost ? tx : preparing(tx)));
    } catch (error) {
      isLost ||= hasLost(error);
      throw error;
    }
  }
  return { options: driver.options, unsafe: driver.unsafe, begin: begin as Driver["begin"] };
}

/** SQLSTATEs invalid_sql_statement_name and duplicate_prepared_statement: this connection is not the one that prepared. */
const LOST = new Set(["26000", "42P05"]);

function hasLost(error: unknown): boolean {
  const failure = classifyWriteError(error);
  return failure.kind !== "data" && LOST.has(failure.code);
}

function preparing(tx: postgres.TransactionSql): postgres.TransactionSql {
  const unsafe: Driver["unsafe"] = (query, parameters, options) =>
    tx.unsafe(query, parameters, { ...options, prepare: true });
  return { ...tx, unsafe } as unknown as postgres.TransactionSql;
}
