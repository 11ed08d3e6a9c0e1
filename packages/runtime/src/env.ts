import { z } from "zod";

/** A setting that is missing or malformed. The message names every one, a line each. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/**
 * Reads settings through their schema; an empty variable counts as unset, as compose files write them.
 * Throws ConfigError that lists all bad variables at once and never prints a value.
 */
export function parseEnv<T extends z.ZodObject>(schema: T, env: NodeJS.ProcessEnv): z.infer<T> {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
  const result = schema.safeParse(set);
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => `${issue.path.join(".") || "environment"}: ${issue.message}`);
  throw new ConfigError(lines.join("\n"));
}

const TRUE = new Set(["1", "true", "yes", "on"]);
const FALSE = new Set(["0", "false", "no", "off"]);

/** `1`, `true`, `yes`, `on` and their opposites, in any case. */
export function envFlag(defaultValue: boolean) {
  return z
    .string()
    .transform((text, context) => {
      const word = text.toLowerCase();
      if (TRUE.has(word)) return true;
      if (FALSE.has(word)) return false;
      context.addIssue({ code: "custom", message: "expected true or false" });
      return z.NEVER;
    })
    .default(defaultValue);
}

export function envInt(options: { min: number; max?: number; default: number }) {
  return z.coerce
    .number({ error: "expected a whole number" })
    .int()
    .min(options.min)
    .max(options.max ?? Number.MAX_SAFE_INTEGER)
    .default(options.default);
}

const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;

export function envLogLevel(defaultLevel: (typeof LOG_LEVELS)[number]) {
  return z.enum(LOG_LEVELS).default(defaultLevel).describe("Least severe level that is logged.");
}

/** At most what leaves time, before a process ends itself, to finish requests and to close what is behind them. */
const MAX_SHUTDOWN_DELAY_MS = 10_000;

export function envShutdownDelay(defaultMs: number) {
  return envInt({ min: 0, max: MAX_SHUTDOWN_DELAY_MS, default: defaultMs }).describe(
    "After SIGTERM, how long to go on serving while /readyz already says 503: longer than the load balancer takes to notice.",
  );
}

export function envUrl(protocols: readonly string[]) {
  return z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    error: `expected a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(" or ")}`,
  });
}

/** One setting as the documentation shows it. */
export type EnvDoc = { readonly name: string; readonly defaultValue: string; readonly description: string };

/** The rows of the environment table in the README, from the schema that reads the variables. */
export function describeEnv(schema: z.ZodObject): EnvDoc[] {
  return Object.entries(schema.shape).map(([name, field]) => ({
    name,
    defaultValue: defaultOf(field as z.ZodType),
    description: (field as z.ZodType).description ?? "",
  }));
}

function defaultOf(field: z.ZodType): string {
  const result = field.safeParse(undefined);
  if (!result.success) return "required";
  const { data } = result;
  if (data === undefined) return "";
  return typeof data === "string" ? data : JSON.stringify(data);
}
