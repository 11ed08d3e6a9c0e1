import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";

const ROOT = new URL("../../../../", import.meta.url);

const Seconds = z
  .string()
  .regex(/^\d+s$/)
  .transform((text) => Number.parseInt(text, 10));

const Condition = z.strictObject({
  condition: z.enum(["service_started", "service_healthy", "service_completed_successfully"]),
});

const Healthcheck = z.union([
  z.strictObject({ disable: z.literal(true) }),
  z.strictObject({
    test: z.array(z.string()),
    interval: Seconds,
    timeout: Seconds,
    retries: z.int(),
    start_period: Seconds,
  }),
]);

/** The part of the Compose specification that our file uses; a misspelt key is an error. */
const Service = z.strictObject({
  image: z.string(),
  build: z.strictObject({ context: z.string() }).optional(),
  entrypoint: z.array(z.string()).optional(),
  command: z.array(z.string()).default([]),
  user: z.string().optional(),
  environment: z.record(z.string(), z.string()).default({}),
  networks: z.array(z.string()),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  configs: z.array(z.strictObject({ source: z.string(), target: z.string(), mode: z.int() })).default([]),
  depends_on: z.record(z.string(), Condition).default({}),
  healthcheck: Healthcheck.optional(),
  deploy: z.strictObject({
    replicas: z.int().default(1),
    resources: z.strictObject({ limits: z.strictObject({ memory: z.string().regex(/^\d+[MG]$/) }) }),
  }),
  init: z.boolean(),
  restart: z.enum(["unless-stopped", "no"]),
  stop_grace_period: Seconds,
  read_only: z.boolean().default(false),
  tmpfs: z.array(z.string()).default([]),
  shm_size: z.string().optional(),
  cap_drop: z.array(z.string()),
  security_opt: z.array(z.string()),
  logging: z.strictObject({
    driver: z.string(),
    options: z.strictObject({ "max-size": z.string(), "max-file": z.string() }),
  }),
});
export type Service = z.infer<typeof Service>;

const ComposeFile = z.strictObject({
  name: z.string(),
  services: z.record(z.string(), Service),
  networks: z.record(z.string(), z.strictObject({ internal: z.boolean().default(false) })),
  volumes: z.record(z.string(), z.strictObject({})),
  configs: z.record(z.string(), z.strictObject({ content: z.string() })),
});
export type ComposeFile = z.infer<typeof ComposeFile>;

/** `docker-compose.yml` as Compose reads it with this environment. Throws where Compose refuses. */
export function readCompose(env: Readonly<Record<string, string>>): ComposeFile {
  const text = readFileSync(new URL("docker-compose.yml", ROOT), "utf8");
  // Octal numbers are as in YAML 1.1, in Compose too.
  const document = parse(text, { merge: true, version: "1.1" }) as Record<string, unknown>;
  const own = Object.entries(document).filter(([key]) => !key.startsWith("x-"));
  return ComposeFile.parse(interpolate(Object.fromEntries(own), env));
}

/** Source: https://docs.docker.com/reference/compose-file/interpolation/ */
function interpolate(value: unknown, env: Readonly<Record<string, string>>): unknown {
  if (Array.isArray(value)) return value.map((each) => interpolate(each, env));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, interpolate(child, env)]));
  }
  if (typeof value !== "string") return value;
  return value.replaceAll(
    /\$(?:(\$)|\{(\w+)(?:(:-|:\?)([^}]*))?\}|(\w+))/g,
    (_, escaped, braced, operator, word, bare) => {
      if (escaped) return "$";
      const name = String(braced ?? bare);
      if (env[name]) return env[name];
      if (operator === ":-") return String(word);
      throw new Error(`required variable ${name} is missing a value: ${word ?? ""}`);
    },
  );
}

/** All that has to be set, as a user would. */
export const SETTINGS = {
  POSTGRES_PASSWORD: "postgresPassword",
  REDIS_PASSWORD: "redisPassword",
  API_BEARER_TOKEN: "bearer-token-0123456789",
  XTRACE_PUBLIC_KEY: "pk-lf-test",
  XTRACE_SECRET_KEY: "sk-lf-test",
} as const;
