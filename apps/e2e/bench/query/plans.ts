import { openDatabase } from "@xtrace/db";
import { createQueryService, loadQueryConfig } from "@xtrace/query";
import { createLogger } from "@xtrace/runtime";
import type { QueryCase } from "./cases/query-case.ts";

/** What PostgreSQL did for one request: each statement with its plan and real times, from `auto_explain`. */
export type CasePlans = { readonly name: string; readonly path: string; readonly plans: readonly string[] };

/**
 * Asks every case once more, in this process and with `auto_explain` loaded into the connection, which
 * is why it needs a superuser and takes no part in the measurement.
 */
export async function plansOf(options: {
  readonly databaseUrl: string;
  readonly env: Readonly<Record<string, string>>;
  readonly authorization: string;
  readonly cases: readonly QueryCase[];
}): Promise<CasePlans[]> {
  const plans: string[] = [];
  await using database = openDatabase({
    url: explainedUrl(options.databaseUrl),
    poolSize: 2,
    applicationName: "bench-plans",
    statementTimeoutMs: 60_000,
    onNotice: (message) => void plans.push(message),
  });
  const config = loadQueryConfig({ ...options.env, DATABASE_URL: options.databaseUrl });
  const service = await createQueryService({ database, config, log: createLogger({ name: "bench", level: "error" }) });
  const get = async (path: string) => {
    const answer = await service.app.request(`/api/public/${path}`, {
      headers: { authorization: options.authorization },
    });
    if (!answer.ok) throw new Error(`${path} was answered ${answer.status}`);
    const body: unknown = await answer.json();
    return body;
  };
  try {
    const found: CasePlans[] = [];
    for (const { name, paths } of options.cases) {
      const path = await paths(7, get);
      plans.length = 0;
      await get(path);
      found.push({ name, path, plans: [...plans] });
    }
    return found;
  } finally {
    await service.stop();
  }
}

function explainedUrl(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  const settings = {
    session_preload_libraries: "auto_explain",
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_analyze": "on",
    "auto_explain.log_buffers": "on",
    "auto_explain.log_timing": "off",
    "auto_explain.log_level": "notice",
    "auto_explain.log_parameter_max_length": "200",
  };
  for (const [name, value] of Object.entries(settings)) url.searchParams.set(name, value);
  return url.href;
}
