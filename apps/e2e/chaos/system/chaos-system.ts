import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, type RedisCluster, type RedisSentinels } from "@xtrace/testkit";
import { untilReady } from "../../src/app-process.ts";
import { buildOrCleanUp, type Cleanup } from "../../src/cleanup.ts";
import { KEY_ENV } from "../../src/test-system.ts";
import { openSlowLine, type SlowLine } from "../faults/slow-line.ts";
import { launchApp, type AppBuild, type AppName } from "./launch-app.ts";
import { launchPostgres } from "./launch-postgres.ts";
import { QUEUE_PREFIX, RESTART_DELAY_MS, startRedis, type RedisKind } from "./start-redis.ts";
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
  /** Where it is one server. */
  readonly redis: Supervised;
  /** Where it is servers and Sentinels. */
  readonly sentinels: RedisSentinels;
  /** Where it is a cluster. */
  readonly cluster: RedisCluster;
  readonly postgres: Supervised;
  /** Between Redis and the apps, where the scenario asked for it. */
  readonly redisLine: SlowLine | undefined;
  /** Of the server that has the queue now. */
  redisUrl(): Promise<string>;
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
  /** What Redis is made of; one server if absent. */
  readonly redisKind?: RedisKind;
  /** Of each of its servers. */
  readonly redisArgs?: readonly string[];
  /** The apps reach Redis by a line that can be made long. */
  readonly withRedisLine?: boolean;
  readonly postgresSettings?: Readonly<Record<string, string>>;
  /** Where Redis or PostgreSQL keep their data, if not in the system's own folder. */
  readonly redisDir?: string;
  readonly postgresDir?: string;
  readonly log?: (line: string) => void;
};

export async function startChaosSystem(options: ChaosSystemOptions = {}): Promise<ChaosSystem> {
  return await buildOrCleanUp(async (cleanup) => {
    const dir = await mkdtemp(join(tmpdir(), "xtrace-chaos-"));
    cleanup.defer(() => rm(dir, { recursive: true, force: true, maxRetries: 3 }));
    // The user that PostgreSQL runs as has to pass through.
    await chmod(dir, 0o755);
    const stores = await startStores(cleanup, dir, options);
    const { log = () => {}, build = "dist" } = options;
    const redisLine = options.withRedisLine ? cleanup.use(await openSlowLine(stores.redis.port)) : undefined;
    async function startApp(app: AppName, index: number, extra: AppEnv = {}): Promise<SupervisedApp> {
      const address = `127.0.0.1:${await freePort()}`;
      const env = {
        ...KEY_ENV,
        REDIS_URL: redisLine ? `redis://127.0.0.1:${redisLine.port}` : stores.redis.appUrl,
        DATABASE_URL: stores.databaseUrl,
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
      get redis() {
        return stores.redis.server();
      },
      get sentinels() {
        return stores.redis.sentinels();
      },
      get cluster() {
        return stores.redis.cluster();
      },
      redisUrl: () => stores.redis.queueUrl(),
      redisDir: stores.redis.dir,
      redisLine,
      postgres: stores.postgres,
      postgresDir: stores.postgresDir,
      databaseUrl: stores.databaseUrl,
      queuePrefix: QUEUE_PREFIX,
      dir,
      [Symbol.asyncDispose]: dispose,
    };
  });
}

async function startStores(cleanup: Cleanup, dir: string, options: ChaosSystemOptions) {
  const { log = () => {}, postgresSettings: settings = {} } = options;
  const redis = await startRedis(cleanup, dir, options);
  const postgresPort = await freePort();
  const dataDir = options.postgresDir ?? join(dir, "postgres");
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
  return { redis, postgres, postgresDir: dataDir, databaseUrl };
}
