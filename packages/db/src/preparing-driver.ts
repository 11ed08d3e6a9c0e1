import type postgres from "postgres";
import type { Driver } from "./client.ts";
import { classifyWriteError } from "./write-error.ts";

/**
 * A driver whose statements are prepared on the connection that they first run on. The driver itself asks for the types of
 * the parameters of any other statement first, which is a round trip, and the server plans it each time.
 *
 * Behind a pooler nothing is prepared: the connection of the next transaction is another one. A pooler that the URL does not
 * name shows itself by a transaction that fails with a code of LOST; the ones after it do without.
 */
export function preparingDriver(driver: Driver): Driver {
  let isLost = false;
  async function begin(run: RunInTransaction): Promise<unknown> {
    try {
      return await driver.begin(async (tx) => await run(isLost ? tx : preparingIn(tx)));
    } catch (error) {
      isLost ||= hasLost(error);
      throw error;
    }
  }
  const preparingUnsafe = preparing(driver);
  return {
    options: driver.options,
    unsafe: ((...statement) => (isLost ? driver.unsafe : preparingUnsafe)(...statement)) as Driver["unsafe"],
    begin: begin as Driver["begin"],
  };
}

/** SQLSTATEs invalid_sql_statement_name and duplicate_prepared_statement: this connection is not the one that prepared. */
const LOST = new Set(["26000", "42P05"]);

function hasLost(error: unknown): boolean {
  const failure = classifyWriteError(error);
  return failure.kind !== "data" && LOST.has(failure.code);
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
