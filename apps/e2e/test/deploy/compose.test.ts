// oxlint-disable-next-line no-restricted-imports -- it asks a Redis, by its own client.
import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedPostgres } from "@xtrace/embedded-postgres";
import { GatewaySettings, loadGatewayConfig } from "@xtrace/gateway";
import { loadQueryConfig, QuerySettings } from "@xtrace/query";
import { hasRedisServer, startRedisServer } from "@xtrace/testkit";
import { loadWorkerConfig, WorkerSettings } from "@xtrace/worker";
import postgres from "postgres";
import { describe, expect, onTestFinished, test } from "vitest";
import { readCompose, type Service, SETTINGS } from "../../src/deploy/compose-file.ts";

const { services, networks, volumes, configs } = readCompose(SETTINGS);
const all = Object.entries(services);

function service(name: string): Service {
  const found = services[name];
  if (!found) throw new Error(`no service ${name}`);
  return found;
}

const APPS = [
  { name: "gateway", env: GatewaySettings, load: loadGatewayConfig },
  { name: "worker", env: WorkerSettings, load: loadWorkerConfig },
  { name: "query", env: QuerySettings, load: loadQueryConfig },
];
const OURS = [...APPS.map(({ name }) => name), "migrate"];

describe("docker-compose.yml", () => {
  test("runs two gateways and two workers over Redis and PostgreSQL, behind one proxy", () => {
    expect(Object.fromEntries(all.map(([name, { deploy }]) => [name, deploy.replicas]))).toEqual({
      proxy: 1,
      gateway: 2,
      worker: 2,
      query: 1,
      migrate: 1,
      redis: 1,
      postgres: 1,
    });
  });

  test.each(Object.keys(SETTINGS))("refuses to start without %s", (name) => {
    expect(() => readCompose({ ...SETTINGS, [name]: "" })).toThrow(`required variable ${name} is missing a value`);
  });

  test("starts in an order in which everything finds what it needs, and ingestion without PostgreSQL", () => {
    const dependencies = all.map(([name, { depends_on }]) => [
      name,
      Object.entries(depends_on).map(([other, { condition }]) => `${other} ${condition.replace("service_", "")}`),
    ]);
    expect(Object.fromEntries(dependencies)).toEqual({
      proxy: ["gateway healthy", "query healthy"],
      gateway: ["redis healthy"],
      worker: ["redis healthy", "migrate completed_successfully"],
      query: ["migrate completed_successfully"],
      migrate: ["postgres healthy"],
      redis: [],
      postgres: [],
    });
  });

  test("asks the stores and the proxy for their health; the image asks the apps", () => {
    const checked = all.filter(([, { healthcheck }]) => healthcheck && "test" in healthcheck).map(([name]) => name);
    expect(checked).toEqual(["proxy", "redis", "postgres"]);
    expect(service("migrate").healthcheck).toEqual({ disable: true });
  });

  test("is reachable through the proxy alone, and from this machine alone", () => {
    expect(all.flatMap(([name, { ports }]) => ports.map((port) => `${name} ${port}`))).toEqual([
      "proxy 127.0.0.1:8742:8742",
      "proxy 127.0.0.1:4317:4317",
    ]);
    const inNetwork = (network: string) =>
      all.filter(([, each]) => each.networks.includes(network)).map(([name]) => name);
    expect(inNetwork("edge")).toEqual(["proxy", "gateway", "query"]);
    expect(inNetwork("store")).toEqual(["gateway", "worker", "query", "migrate", "redis", "postgres"]);
    expect(networks).toEqual({ edge: { internal: false }, store: { internal: true } });
  });
});

describe.each(APPS)("the settings of $name", ({ name, env, load }) => {
  const { environment, command } = service(name);

  test("are ones that it knows", () => {
    expect(Object.keys(environment).filter((variable) => !(variable in env.shape))).toEqual([]);
  });

  test("are all that it requires, and valid", () => {
    expect(() => load(environment)).not.toThrow();
  });

  test("let others reach it", () => {
    expect(environment[name === "worker" ? "WORKER_HEALTH_ADDR" : "BIND_ADDR"]).toMatch(/^0\.0\.0\.0:\d+$/);
    expect(command).toEqual([`apps/${name}/dist/main.js`]);
  });
});

describe("the addresses of the stores", () => {
  test("are those of their services, with their passwords", () => {
    const postgres = service("postgres").environment;
    for (const name of ["worker", "query", "migrate"]) {
      const url = new URL(service(name).environment["DATABASE_URL"] ?? "");
      expect(url.host).toBe("postgres:5432");
      expect([url.username, url.password, url.pathname]).toEqual([
        postgres["POSTGRES_USER"],
        postgres["POSTGRES_PASSWORD"],
        `/${postgres["POSTGRES_DB"]}`,
      ]);
    }
    for (const name of ["gateway", "worker", "query"]) {
      const url = new URL(service(name).environment["REDIS_URL"] ?? "");
      expect([url.host, url.password]).toEqual(["redis:6379", service("redis").environment["REDISCLI_AUTH"]]);
    }
  });
});

describe("each service", () => {
  test.each(all)("%s gives up what it does not need", (name, each) => {
    expect(each.cap_drop).toEqual(["ALL"]);
    expect(each.security_opt).toEqual(["no-new-privileges:true"]);
    // The images of the others name a user of their own: see the Dockerfile, and HAProxy's.
    expect(each.user).toBe(["redis", "postgres"].includes(name) ? name : undefined);
  });

  test.each(all)("%s fills neither the disk with logs nor the memory of the host", (_, each) => {
    expect(each.logging).toEqual({ driver: "json-file", options: { "max-size": "10m", "max-file": "5" } });
    expect(each.deploy.resources.limits.memory).toMatch(/^\d+[MG]$/);
  });

  test.each(all)("%s comes back, but for the one that ends", (name, each) => {
    expect(each.restart).toBe(name === "migrate" ? "no" : "unless-stopped");
  });

  test.each(OURS)("%s cannot change its files", (name) => {
    const { read_only, tmpfs, image, build } = service(name);
    expect({ read_only, tmpfs, image, build }).toEqual({
      read_only: true,
      tmpfs: ["/tmp"],
      image: "xtrace:local",
      build: { context: "." },
    });
  });

  /** Compose copies it into the container: https://github.com/docker/compose/issues/12031 and 12794. */
  test("that has a config can get and read it", () => {
    const having = all.filter(([, each]) => each.configs.length > 0);
    expect(having.map(([name]) => name)).toEqual(["proxy"]);
    for (const [, { read_only, configs: mounted }] of having) {
      expect(read_only).toBe(false);
      expect(mounted.map(({ source, mode }) => [source in configs, mode])).toEqual([[true, 0o444]]);
    }
  });

  test("that is stopped may finish what it does", () => {
    // Each process of ours ends itself after 28 s.
    for (const name of OURS) expect(service(name).stop_grace_period).toBeGreaterThan(28);
    expect(service("proxy").stop_grace_period).toBeGreaterThan(35);
    expect(configs["haproxy"]?.content).toContain("hard-stop-after 35s");
  });

  test("that keeps data keeps it on a volume", () => {
    expect(all.flatMap(([, each]) => each.volumes)).toEqual(["redis-data:/data", "postgres-data:/var/lib/postgresql"]);
    expect(Object.keys(volumes)).toEqual(["redis-data", "postgres-data"]);
  });
});

describe("PostgreSQL with the flags of docker-compose.yml", () => {
  test("starts, and seldom writes whole pages to its log", async () => {
    const [program, ...flags] = service("postgres").command;
    expect(program).toBe("postgres");
    const settings = Object.fromEntries(flags.filter((flag) => flag !== "-c").map((flag) => flag.split("=", 2)));
    expect(flags).toHaveLength(2 * Object.keys(settings).length);

    const dataDir = await mkdtemp(join(tmpdir(), "xtrace-compose-postgres-"));
    onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
    const server = await startEmbeddedPostgres({ dataDir, database: "xtrace", settings });
    onTestFinished(() => server.stop());
    const sql = postgres(server.url, { max: 1 });
    onTestFinished(() => sql.end());
    const names = [...Object.keys(settings), "wal_compression", "full_page_writes", "fsync", "synchronous_commit"];
    const shown = await sql<{ name: string; setting: string }[]>`
      SELECT name, current_setting(name) AS setting FROM unnest(${names}::text[]) AS asked (name)`;
    expect(Object.fromEntries(shown.map(({ name, setting }) => [name, setting]))).toEqual({
      shared_buffers: "512MB",
      max_wal_size: "4GB",
      checkpoint_timeout: "15min",
      random_page_cost: "1.1",
      jit: "off",
      wal_compression: "off",
      full_page_writes: "on",
      fsync: "on",
      synchronous_commit: "on",
    });
  });
});

describe.skipIf(!hasRedisServer())("Redis with the flags of docker-compose.yml", () => {
  test("keeps what it acknowledged and refuses what it cannot keep", async () => {
    const { entrypoint, command } = service("redis");
    expect(entrypoint).toEqual(["redis-server"]);
    const at = command.indexOf("--requirepass");
    expect(command[at + 1]).toBe(SETTINGS.REDIS_PASSWORD);

    // Without the password, which the start helper does not know.
    await using redis = await startRedisServer({ args: command.toSpliced(at, 2) });
    expect(configOf(redis.port)).toMatchObject({
      appendonly: "yes",
      appendfsync: "always",
      "auto-aof-rewrite-min-size": String(256 * 1024 ** 2),
      save: "",
      maxmemory: String(1024 ** 3),
      "maxmemory-policy": "noeviction",
    });
  });

  test("wants the password", async () => {
    await using redis = await startRedisServer();
    const set = spawnSync("redis-cli", [
      "-p",
      String(redis.port),
      "config",
      "set",
      "requirepass",
      SETTINGS.REDIS_PASSWORD,
    ]);
    expect(set.status).toBe(0);
    const { healthcheck, environment } = service("redis");
    const [, check = ""] = healthcheck && "test" in healthcheck ? healthcheck.test : [];
    const ask = (env: Record<string, string>) =>
      spawnSync("sh", ["-c", check.replace("redis-cli", `redis-cli -p ${redis.port}`)], {
        env: { PATH: process.env["PATH"] ?? "", ...env },
      }).status;
    expect(ask(environment)).toBe(0);
    expect(ask({})).not.toBe(0);
  });
});

function configOf(port: number): Record<string, string> {
  const { stdout } = spawnSync("redis-cli", ["-p", String(port), "config", "get", "*"], { encoding: "utf8" });
  const lines = stdout.split("\n");
  return Object.fromEntries(lines.flatMap((line, index) => (index % 2 === 0 ? [[line, lines[index + 1] ?? ""]] : [])));
}
