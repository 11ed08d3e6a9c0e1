import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { defaultDataDir } from "@xtrace/embedded-postgres";
import {
  AppError,
  ConfigError,
  createLogger,
  errorHandler,
  listen,
  messageOf,
  runProcess,
  stopServing,
  together,
  type KeyEnv,
  type Logger,
} from "@xtrace/runtime";
import { Hono } from "hono";
import { banner } from "./banner.ts";
import { loadStandaloneConfig, type StandaloneConfig } from "./config.ts";
import { hasOwnKeys, localKeys } from "./local-keys.ts";
import { startStandalone } from "./service.ts";
import { openStore, type Store } from "./store.ts";

const DEFAULT_DATA_DIR = ".xtrace";

let log: Logger | undefined;

await runProcess(
  async () => {
    const startedAt = performance.now();
    const config = loadStandaloneConfig(process.env);
    const logger = createLogger(config.log);
    log = logger;

    // The port first: a start that cannot be reached should fail before it has touched any data.
    let app: Pick<Hono, "fetch"> = startingApp(logger);
    const server = await listen({ app: { fetch: (request, env) => app.fetch(request, env) }, ...config.address });

    const dataDir = resolve(config.XTRACE_DATA_DIR ?? (await defaultDataDir(DEFAULT_DATA_DIR)));
    const store = await openStore({ databaseUrl: config.DATABASE_URL, dataDir, log: logger });
    const { keys, service } = await startServices(config, store, dataDir, logger).catch(async (error: unknown) => {
      await store.stop();
      throw error;
    });
    const grpc = config.grpcAddress && (await service.listenGrpc(config.grpcAddress));
    app = service.app;

    void store.exited?.then(() => {
      if (service.readiness.draining) return;
      logger.fatal("the embedded PostgreSQL ended; start again to recover");
      process.exit(1);
    });
    void service.failed.then((err) => {
      logger.fatal({ err }, "the worker failed; start again, and what it had in hand is stored");
      process.exit(1);
    });
    process.stdout.write(
      banner({
        url: server.url,
        keys,
        dataDir: config.DATABASE_URL ? undefined : dataDir,
        queue: config.REDIS_URL ? "Redis" : "PostgreSQL",
        startedInMs: performance.now() - startedAt,
      }),
    );
    return {
      async stop(signal) {
        const { readiness } = service;
        await stopServing({
          server: together(grpc ? [server, grpc] : [server]),
          readiness,
          delayMs: config.SHUTDOWN_DELAY_MS,
          signal,
        });
        await service.stop();
        await store.stop();
      },
    };
  },
  () => log,
);

async function startServices(config: StandaloneConfig, store: Store, dataDir: string, logger: Logger) {
  const keys: KeyEnv = hasOwnKeys(config) ? config : { ...config, ...(await generatedKeys(dataDir)) };
  const service = await startStandalone({ config, keys, databaseUrl: store.url, log: logger });
  return { keys, service };
}

function startingApp(log: Logger): Hono {
  const app = new Hono();
  app.onError(errorHandler(log));
  return app.all("*", () => {
    throw new AppError("SERVICE_UNAVAILABLE", "xtrace is starting", { retryAfterSeconds: 1 });
  });
}

async function generatedKeys(dataDir: string): Promise<Partial<KeyEnv>> {
  await mkdir(dataDir, { recursive: true }).catch((cause: unknown) => {
    throw new ConfigError(`Cannot write to the data folder ${dataDir}: ${messageOf(cause)}`, { cause });
  });
  const { publicKey, secretKey, bearerToken } = await localKeys(dataDir);
  return { XTRACE_PUBLIC_KEY: publicKey, XTRACE_SECRET_KEY: secretKey, API_BEARER_TOKEN: bearerToken };
}
