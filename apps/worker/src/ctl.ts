import { SCOPES, type Scope } from "@xtrace/contract";
import { createApiKey, listApiKeys, migrateDatabase, openDatabase, revokeApiKey, type Database } from "@xtrace/db";
import { ConfigError, envUrl, messageOf, parseEnv } from "@xtrace/runtime";
import { parseArgs } from "node:util";
import { z } from "zod";
import { DEAD_LETTERS_USAGE, runDeadLetters } from "./ctl-dead-letters.ts";

const USAGE = `Usage: ctl COMMAND          (with DATABASE_URL set)

  migrate                           bring the schema up to date; safe to run from many places at once
  keys create --project ID          make a key pair, and the project if it is new; the secret is shown once
       [--name TEXT] [--scope ingest|read|admin ...]
  keys list [--project ID]          keys with their project, scopes and state; no secrets
  keys revoke PUBLIC_KEY            the key stops working within KEY_REFRESH_MS of every process
${DEAD_LETTERS_USAGE}`;

const STATEMENT_TIMEOUT_MS = 30_000;
const DEFAULT_SCOPES: readonly Scope[] = ["ingest", "read"];

const CtlEnv = z.object({ DATABASE_URL: envUrl(["postgres:", "postgresql:"]) });

/** Runs a command and returns its exit code. Output is plain text for people and JSON lines for lists. */
export async function runCtl(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  print: (text: string) => void,
): Promise<number> {
  try {
    const { positionals, values } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        project: { type: "string" },
        name: { type: "string" },
        scope: { type: "string", multiple: true },
        state: { type: "string" },
        reason: { type: "string" },
        all: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
    const command = positionals.join(" ");
    if (values.help || command === "") {
      print(USAGE);
      return values.help ? 0 : 2;
    }
    const { DATABASE_URL: url } = parseEnv(CtlEnv, env);
    if (command === "migrate") {
      await migrateDatabase(url);
      print("The schema is up to date.\n");
      return 0;
    }
    await using database = openDatabase({
      url,
      poolSize: 1,
      applicationName: "xtrace-ctl",
      statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    });
    const [group, ...rest] = positionals;
    if (group !== "dead-letters" && group !== "dlq") return await runKeys(database.db, positionals, values, print);
    const code = await runDeadLetters(database.db, rest, values, print);
    if (code === undefined) print(USAGE);
    return code ?? 2;
  } catch (error) {
    // The driver's own message: the query builder's spells out parameters, in which a letter may be.
    print(`${messageOf(error instanceof Error && error.cause instanceof Error ? error.cause : error)}\n`);
    return error instanceof ConfigError || isUsageError(error) ? 2 : 1;
  }
}

type Values = { readonly project?: string; readonly name?: string; readonly scope?: string[] };

async function runKeys(
  db: Database,
  [group, verb, publicKey]: readonly string[],
  values: Values,
  print: (text: string) => void,
): Promise<number> {
  if (group === "keys" && verb === "create") {
    const projectId = values.project;
    if (!projectId) throw new ConfigError("keys create: --project is missing");
    const scopes = (values.scope ?? DEFAULT_SCOPES).map(toScope);
    const options = { projectId, scopes, ...(values.name === undefined ? {} : { projectName: values.name }) };
    const created = await createApiKey(db, options);
    print(`Project     ${projectId}\nPublic key  ${created.publicKey}\nSecret key  ${created.secretKey}\n`);
    return 0;
  }
  if (group === "keys" && verb === "list") {
    for (const key of await listApiKeys(db, values.project)) print(`${JSON.stringify(key)}\n`);
    return 0;
  }
  if (group === "keys" && verb === "revoke" && publicKey !== undefined) {
    if (await revokeApiKey(db, publicKey)) {
      print(`Revoked ${publicKey}.\n`);
      return 0;
    }
    print(`There is no active key ${publicKey}.\n`);
    return 1;
  }
  print(USAGE);
  return 2;
}

function toScope(text: string): Scope {
  const scope = SCOPES.find((known) => known === text);
  if (!scope) throw new ConfigError(`--scope: expected one of ${SCOPES.join(", ")}`);
  return scope;
}

function isUsageError(error: unknown): boolean {
  return error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
}
