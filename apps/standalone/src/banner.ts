import type { KeyEnv } from "@xtrace/runtime";

/** What a person needs to send a first trace, to be copied as it stands. */
export function banner(options: {
  readonly url: string;
  readonly keys: KeyEnv;
  /** `undefined` where the database is somebody else's. */
  readonly dataDir: string | undefined;
  readonly queue: "PostgreSQL" | "Redis";
  readonly startedInMs: number;
}): string {
  const { url, keys, dataDir, queue, startedInMs } = options;
  const publicKey = keys.XTRACE_PUBLIC_KEY ?? keys.LANGFUSE_PUBLIC_KEY;
  const secretKey = keys.XTRACE_SECRET_KEY ?? keys.LANGFUSE_SECRET_KEY;
  const rows: Array<[string, string | undefined]> = [
    ["URL", url],
    ["Public key", publicKey],
    ["Secret key", secretKey],
    ["Bearer token", keys.API_BEARER_TOKEN],
    ["Project", keys.DEFAULT_PROJECT_ID],
    ["Data folder", dataDir],
    ["Queue", queue],
    ["API", `${url}/openapi.json`],
  ];
  const width = Math.max(...rows.map(([label]) => label.length)) + 2;
  const table = rows.flatMap(([label, value]) => (value === undefined ? [] : [`  ${label.padEnd(width)}${value}`]));
  const authorization = keys.API_BEARER_TOKEN
    ? `-H 'Authorization: Bearer ${keys.API_BEARER_TOKEN}'`
    : `-u '${publicKey ?? "PUBLIC_KEY"}:${secretKey ?? "SECRET_KEY"}'`;
  return [
    "",
    `xtrace is ready (${(startedInMs / 1_000).toFixed(1)} s). Ctrl-C stops it and loses nothing.`,
    "",
    ...table,
    "",
    "Write a trace and read it back:",
    "",
    `  curl -sS ${url}/v1/l/batch ${authorization} -H 'Content-Type: application/json' \\`,
    `    -d '{"trace":{"id":"first-trace","name":"hello"},"observations":[{"id":"first-step","model":"gpt-4o","input":"Hi","output":"Hello!"}]}'`,
    // Pasted together, the read would overtake the write by the length of a batch.
    `  sleep 1; curl -sS ${url}/api/public/traces/first-trace ${authorization}`,
    "",
    "",
  ].join("\n");
}
