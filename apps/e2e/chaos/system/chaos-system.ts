import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "@xtrace/testkit";
import { untilReady } from "../../src/app-process.ts";
import { buildOrCleanUp, type Cleanup } from "../../src/cleanup.ts";
import { KEY_ENV } from "../../src/test-system.ts";
import { openSlowLine, type SlowLine } from "../faults/slow-line.ts";
import { launchApp, type AppBuild, type AppName } from "./launch-app.ts";
import { launchPostgres } from "./launch-postgres.ts";
import { launchRedis } from "./launch-redis.ts";
import { supervise, type Supervised } from "./supervise.ts";

/** A process of ours, and where it answers. */
export type SupervisedApp = Supervised & {
  readonly url: string;
  /** What its ended lives printed. */
  readonly lines: readonly string[];
};

/** A whole xtrace whose every process can be hurt and comes back by itself. */
export type ChaosSystem = AsyncDisposable & {
  readonly gateways: readonly SupervisedApp[];
  readonly workers: readonly SupervisedApp[];
  readonly query: SupervisedApp;
  readonly redis: Supervised;
  readonly postgres: Supervised;
  /** Between Redis and the apps, where the scenario asked for it. */
  readonly redisLine: SlowLine | undefined;
  readonly redisUrl: string;
  readonly databaseUrl: string;
  readonly queuePrefix: string;
  /** Where Redis and PostgreSQL keep their data. */
  readonly redisDir: string;
  readonly postgresDir: string;
  /** Of its own, removed in the end. */
  readonly dir: string;
};

export type AppEnv = Readonly<Record<string, string>>;

export type ChaosSystemOptions = {
  readonly build?: AppBuild;
  readonly gateways?: number;
  readonly workers?: number;
  /** For all apps. */
  readonly env?: AppEnv;
  /** For the worker of this index alone. */
  readonly workerEnv?: (index: number) => AppEnv;
  readonly redisArgs?: readonly string[];
  /** The apps reach Redis by a line that can be made long. */
  readonly withRedisLine?: boolean;
  readonly postgresSettings?: Readonly<Record<string, string>>;
  /** Where Redis or PostgreSQL keep their data, if not in the system's own folder. */
  readonly redisDir?: string;
  readonly postgresDir?: string;
  readonly log?: (line: string) => void;
};

const RESTART_DELAY_MS = 700;
const QUEUE_PREFIX = "{chaos}";

export async function startChaosSystem(options: ChaosSystemOptions = {}): Promise<ChaosSystem> {
  return await buildOrCleanUp(async (cleanup) => {
    const dir = await mkdtemp(join(tmpdir(), "xtrace-chaos-"));
    cleanup.defer(() => rm(dir, { recursive: true, force: true, maxRetries: 3 }));
    // The user that PostgreSQL runs as has to pass through.
    await chmod(dir, 0o755);
    const stores = await startStores(cleanup, dir, options);
    const { log = () => {}, build = "dist" } = options;
    const redisLine = options.withRedisLine ? cleanup.use(await openSlowLine(stores.redisPort)) : undefined;
    async function startApp(app: AppName, index: number, extra: AppEnv = {}): Promise<SupervisedApp> {
      const address = `127.0.0.1:${await freePort()}`;
      const env = {
        ...KEY_ENV,
        REDIS_URL: redisLine ? `redis://127.0.0.1:${redisLine.port}` : stores.connections.redisUrl,
        DATABASE_URL: stores.connections.databaseUrl,
        QUEUE_PREFIX,
        RATE_LIMIT_QPS: "0",
        SHUTDOWN_DELAY_MS: "0",
        BIND_ADDR: address,
        WORKER_HEALTH_ADDR: address,
        ...options.env,
        ...extra,
      };
      const lines: string[] = [];
      const launch = async () => launchApp({ app, build, env, lines });
      const name = `${app} ${index + 1}`;
      const supervised = cleanup.use(await supervise({ name, launch, restartDelayMs: RESTART_DELAY_MS, log }));
      return { ...supervised, url: `http://${address}`, lines };
    }
    const start = (app: AppName, count: number, env?: (index: number) => AppEnv) =>
      Promise.all(Array.from({ length: count }, (_, index) => startApp(app, index, env?.(index))));

    const [gateways, workers, query] = await Promise.all([
      start("gateway", options.gateways ?? 1),
      start("worker", options.workers ?? 1, options.workerEnv),
      startApp("query", 0),
    ]);
    await Promise.all([...gateways, ...workers, query].map(({ url }) => untilReady(url)));
    const dispose = () => cleanup.run();
    return {
      gateways,
      workers,
      query,
      redis: stores.redis,
      redisLine,
      postgres: stores.postgres,
      redisDir: stores.redisDir,
      postgresDir: stores.postgresDir,
      ...stores.connections,
      queuePrefix: QUEUE_PREFIX,
      dir,
      [Symbol.asyncDispose]: dispose,
    };
  });
}

async function startStores(cleanup: Cleanup, dir: string, options: ChaosSystemOptions) {
  const { log = () => {}, redisArgs: args = [], postgresSettings: settings = {} } = options;
  const [redisPort, postgresPort] = [await freePort(), await freePort()];
  const redisDir = options.redisDir ?? (await memoryDir(cleanup)) ?? join(dir, "redis");
  const dataDir = options.postgresDir ?? join(dir, "postgres");
  await mkdir(redisDir, { recursive: true });

  const redis = cleanup.use(
    await supervise({
      name: "redis",
      launch: () => launchRedis({ dir: redisDir, port: redisPort, args }),
      restartDelayMs: RESTART_DELAY_MS,
      log,
    }),
  );
  let databaseUrl = "";
  const postgres = cleanup.use(
    await supervise({
      name: "postgres",
      launch: async () => {
        const life = await launchPostgres({ dataDir, port: postgresPort, settings });
        databaseUrl = life.url;
        return life;
      },
      restartDelayMs: RESTART_DELAY_MS,
      // Its SIGTERM waits for the sessions, which would wait for it.
      stopSignal: "SIGINT",
      log,
    }),
  );
  return {
    redis,
    redisPort,
    postgres,
    redisDir,
    postgresDir: dataDir,
    connections: { redisUrl: `redis://127.0.0.1:${redisPort}`, databaseUrl },
  };
}

/**
 * In memory, where there is such a file system. While Redis flushes what it wrote the second before, it answers
 * before it writes; on a disk that takes its time to flush, a kill then costs what was answered meanwhile. That is
 * the disk's share in a loss, which apps/docs/reliability.md measures; what is tested here is ours.
 */
async function memoryDir(cleanup: Cleanup): Promise<string | undefined> {
  const dir = await mkdtemp("/dev/shm/xtrace-chaos-").catch(() => undefined);
  if (dir !== undefined) cleanup.defer(() => rm(dir, { recursive: true, force: true }));
  return dir;
}
