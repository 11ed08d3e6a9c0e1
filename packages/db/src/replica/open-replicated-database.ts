import {
  databaseOver,
  openDriver,
  type Database,
  type DatabaseOptions,
  type Driver,
  type OpenDatabase,
} from "../client.ts";
import { deferredQuery } from "../deferred-query.ts";
import { ReplicaLostError, watchReplica, type ReplicaMonitor, type ReplicaState } from "./replica-monitor.ts";

export type Served = {
  readonly by: "replica" | "primary";
  /** How far the replica is behind at least, where it served; `null` if nobody knows. */
  readonly lagMs: number | null;
};

export type ReplicatedDatabase = Omit<OpenDatabase, "prepared"> & {
  /** The primary alone, for what must not be old. */
  readonly primary: Database;
  /** Resolves once it was tried to find out which server to read from. */
  readonly first: Promise<void>;
};

export type ReplicatedDatabaseOptions = DatabaseOptions & {
  readonly replicaUrl: string;
  /** A replica that is further behind is not read from, unless it is all there is. */
  readonly maxLagMs: number;
  /** Told of every read that was answered, in the asynchronous context of whoever reads. */
  readonly onServed: (served: Served) => void;
  /** Told of every read that the primary repeated because the replica gave it up, with the reason. */
  readonly onRepeated: (code: string) => void;
  /** Told four times a second. */
  readonly onState: (state: ReplicaState) => void;
};

/**
 * Reads from a streaming replica while it is up to date, else from the primary. Which one is decided in
 * the background and costs a read nothing. Transactions run on the primary.
 *
 * While the primary is away the replica is read from however old it is. A read that the replica gives up,
 * because it has to replay what the read is in the way of or because it is gone, is repeated on the primary.
 */
export function openReplicatedDatabase(options: ReplicatedDatabaseOptions): ReplicatedDatabase {
  const { replicaUrl, maxLagMs, onServed, onRepeated, onState, ...base } = options;
  const primary = openDriver(base);
  const replica = openDriver({ ...base, url: replicaUrl });
  const watching = { ...base, poolSize: 1, applicationName: `${base.applicationName}-monitor` };
  const watchers = { primary: openDriver(watching), replica: openDriver({ ...watching, url: replicaUrl }) };
  const monitor = watchReplica({
    primary: watchers.primary.driver,
    replica: watchers.replica.driver,
    maxLagMs,
    onState,
  });
  const driver: Driver = {
    options: primary.driver.options,
    begin: primary.driver.begin,
    unsafe: ((...query) =>
      deferredQuery(async (finish) => {
        const onPrimary = async () => {
          const result = await finish(primary.driver.unsafe(...query));
          onServed({ by: "primary", lagMs: null });
          return result;
        };
        if (!isReadable(monitor.state)) return await onPrimary();
        const { lagMs } = monitor.state;
        try {
          const result = await monitor.orLost(finish(replica.driver.unsafe(...query)));
          onServed({ by: "replica", lagMs });
          return result;
        } catch (error) {
          const code = replicaFailure(error, monitor);
          if (code === undefined || monitor.state.isPrimaryAway) throw error;
          onRepeated(code);
          return await onPrimary();
        }
      })) as Driver["unsafe"],
  };
  // Drizzle sets up the parsers of a driver that it is given; both answer in the same form.
  databaseOver(replica.driver);
  const close = async () => {
    await monitor.stop();
    await Promise.all([primary, replica, watchers.primary, watchers.replica].map((each) => each.close()));
  };
  return {
    db: databaseOver(driver),
    primary: databaseOver(primary.driver),
    ping: async () => {
      await driver.unsafe("select 1");
    },
    first: monitor.first,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function isReadable({ fault, isPrimaryAway }: ReplicaState): boolean {
  return fault === null || (fault === "lag" && isPrimaryAway);
}

/** Reads that a standby cancels because they are in the way of replay: those that hold a row version, and a pin. */
const CONFLICTS = new Set(["40001", "40P01"]);
/** SQLSTATEs and driver codes of a server that is going, gone or out of connections. */
const GONE =
  /^(08...|53...|57P0[1-5]|CONNECT_TIMEOUT|CONNECTION_(CLOSED|ENDED|DESTROYED)|E(CONNREFUSED|CONNRESET|PIPE|TIMEDOUT|HOSTUNREACH|NETUNREACH|NOTFOUND|AI_AGAIN))$/;

/** The code of a failure that the primary would not have had; `undefined` of any other. */
function replicaFailure(error: unknown, monitor: ReplicaMonitor): string | undefined {
  if (error instanceof ReplicaLostError) return "LOST";
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
  if (CONFLICTS.has(code)) return code;
  if (!GONE.test(code)) return undefined;
  monitor.lost();
  return code;
}
