import type postgres from "postgres";
import type { Driver } from "./client.ts";

/**
 * A driver whose statements are prepared on the connection that they first run on. The driver itself asks for the types of
 * the parameters of any other statement first, which is a round trip, and the server plans it each time.
 *
 * Behind a pooler nothing is prepared: the connection of the next transaction is another one.
 */
export function preparingDriver(driver: Driver): Driver {
  return {
    options: driver.options,
    unsafe: preparing(driver),
    begin: (async (run: RunInTransaction) =>
      await driver.begin(async (tx) => await run(preparingIn(tx)))) as Driver["begin"],
  };
}

type RunInTransaction = (tx: postgres.TransactionSql) => unknown;

function preparing({ unsafe }: Pick<Driver, "unsafe">): Driver["unsafe"] {
  return ((query: string, parameters, options) =>
    unsafe(query, parameters, { ...options, prepare: true })) as Driver["unsafe"];
}

function preparingIn(tx: postgres.TransactionSql): postgres.TransactionSql {
  const savepoint = async (run: RunInTransaction) => await tx.savepoint(async (inner) => await run(preparingIn(inner)));
  return Object.assign({ ...tx }, { unsafe: preparing(tx), savepoint }) as unknown as postgres.TransactionSql;
}
