/** A file that the linter must refuse, and the same file as it may be. */
export type LintCase = {
  readonly title: string;
  /** In the tree, without its extension; a name of its own, so that all cases can be planted at once. */
  readonly path: string;
  readonly rule: string;
  readonly bad: string;
  readonly good: string;
};

const IMPORTS = "eslint(no-restricted-imports)";

/** `bad` and `good` are what is imported. */
function direction(title: string, path: string, bad: string, good: string): LintCase {
  const source = (module: string) => `import "${module}";\n\nexport const planted = 1;\n`;
  return { title, path, rule: IMPORTS, bad: source(bad), good: source(good) };
}

const DIRECTION: readonly LintCase[] = [
  direction("a package imports an app", "packages/runtime/src/planted-app", "@xtrace/gateway", "@xtrace/contract"),
  direction("an app imports an app", "apps/query/src/planted-app", "@xtrace/gateway", "@xtrace/runtime"),
  direction(
    "an app reaches into another by path",
    "apps/query/src/planted-path",
    "../../gateway/src/app.ts",
    "./auth.ts",
  ),
  direction(
    "an app reaches into a package by path",
    "apps/worker/src/planted-path",
    "../../../packages/db/src/client.ts",
    "./batcher.ts",
  ),
  direction(
    "an app imports a package's inside",
    "apps/worker/src/planted-inside",
    "@xtrace/db/src/client.ts",
    "@xtrace/db",
  ),
  direction("the gateway imports the database", "apps/gateway/src/planted-db", "@xtrace/db", "@xtrace/queue"),
  direction("a test of the gateway does", "apps/gateway/src/planted-db.test", "@xtrace/db", "@xtrace/testkit"),
  direction("the gateway imports Drizzle", "apps/gateway/src/planted-drizzle", "drizzle-orm", "hono"),
  direction("the query app imports Drizzle", "apps/query/src/planted-drizzle", "drizzle-orm/postgres-js", "@xtrace/db"),
  direction("the query app imports the driver", "apps/query/src/planted-driver", "postgres", "@xtrace/db"),
  direction("a test of the query app does", "apps/query/test/planted-driver", "postgres", "@xtrace/db"),
  direction("the worker imports BullMQ", "apps/worker/src/planted-bullmq", "bullmq", "@xtrace/queue"),
  direction("the runtime imports a Redis client", "packages/runtime/src/planted-redis", "ioredis", "pino"),
  direction(
    "the queue imports the runtime",
    "packages/queue/src/planted-runtime",
    "@xtrace/runtime",
    "@xtrace/contract",
  ),
  direction("the database imports HTTP", "packages/db/src/planted-http", "hono", "drizzle-orm"),
  direction("the database imports the queue", "packages/db/src/planted-queue", "bullmq", "@xtrace/contract"),
  direction("the contract imports Node", "packages/contract/src/planted-node", "node:crypto", "zod"),
  direction("the contract imports a package", "packages/contract/src/planted-package", "@xtrace/runtime", "./json.ts"),
  direction(
    "a test of the contract imports a package",
    "packages/contract/src/planted.test",
    "@xtrace/runtime",
    "vitest",
  ),
  direction("a test of the database imports the queue", "packages/db/src/planted.test", "bullmq", "@xtrace/testkit"),
  direction("a test of the queue imports Drizzle", "packages/queue/src/planted.test", "drizzle-orm", "ioredis"),
  direction("a test of the runtime imports a driver", "packages/runtime/src/planted.test", "postgres", "hono"),
  direction(
    "a test of the standalone app imports a driver",
    "apps/standalone/test/planted",
    "postgres",
    "@xtrace/gateway",
  ),
  direction(
    "a test across apps reaches into one by path",
    "apps/e2e/test/planted",
    "../../gateway/src/app.ts",
    "@xtrace/gateway",
  ),
  direction(
    "the testkit imports the database",
    "packages/testkit/src/planted-db",
    "@xtrace/db",
    "@xtrace/embedded-postgres",
  ),
  direction(
    "the embedded server imports a package",
    "packages/embedded-postgres/src/planted-db",
    "@xtrace/contract",
    "node:net",
  ),
  direction(
    "production code imports the testkit",
    "apps/worker/src/planted-testkit",
    "@xtrace/testkit",
    "@xtrace/runtime",
  ),
  direction("the dashboard imports the database", "apps/web/src/planted-db", "@xtrace/db", "@xtrace/contract"),
  direction(
    "a file imports its package's door",
    "packages/db/src/traces/planted-door",
    "../index.ts",
    "./get-trace.ts",
  ),
  direction(
    "a file imports a barrel in a folder",
    "packages/db/src/scores/planted-barrel",
    "../traces/index.ts",
    "../traces/get-trace.ts",
  ),
];

/** What a test starts otherwise answers unseen; see hold-answers.ts. */
const UNSEEN: readonly LintCase[] = [
  unseen("startGateway", "@xtrace/gateway", "INGEST_PATHS"),
  unseen("startQueryProcess", "@xtrace/query", "loadQueryConfig"),
  unseen("createQueryService", "@xtrace/query", "QuerySettings"),
  unseen("startStandalone", "@xtrace/standalone", "StandaloneSettings"),
  { ...unseen("spawn", "node:child_process"), good: source("spawnNode", "@xtrace/testkit") },
];

function unseen(bad: string, module: string, good = bad): LintCase {
  return {
    title: `a test across apps that starts something by ${bad}`,
    path: `apps/e2e/test/planted-${bad}`.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    rule: IMPORTS,
    bad: source(bad, module),
    good: source(good, module),
  };
}

function source(name: string, module: string): string {
  return `export { ${name} as planted } from "${module}";\n`;
}

const PROMISES: readonly LintCase[] = [
  {
    title: "a promise that nobody awaits",
    path: "packages/runtime/src/planted-floating",
    rule: "typescript(no-floating-promises)",
    bad: "export async function planted(task: () => Promise<void>) {\n  task();\n}\n",
    good: "export async function planted(task: () => Promise<void>) {\n  await task();\n}\n",
  },
  {
    title: "a job that is not waited for",
    path: "packages/queue/src/planted-job",
    rule: "typescript(no-floating-promises)",
    bad: 'import type { Queue } from "bullmq";\n\nexport async function planted(queue: Queue) {\n  queue.add("job", {});\n}\n',
    good: 'import type { Queue } from "bullmq";\n\nexport async function planted(queue: Queue) {\n  await queue.add("job", {});\n}\n',
  },
  {
    // A query builder is a thenable and not a promise: unawaited, it never runs.
    title: "a query that is never run",
    path: "packages/db/src/planted-query",
    rule: "typescript(no-floating-promises)",
    bad: queryOf("db.delete(traces);"),
    good: queryOf("await db.delete(traces);"),
  },
  {
    title: "a promise where none is expected",
    path: "packages/runtime/src/planted-misused",
    rule: "typescript(no-misused-promises)",
    bad: "export function planted(task: () => Promise<boolean>) {\n  return task() ? 1 : 2;\n}\n",
    good: "export async function planted(task: () => Promise<boolean>) {\n  return (await task()) ? 1 : 2;\n}\n",
  },
];

function queryOf(statement: string): string {
  const imports = 'import type { Database } from "./client.ts";\nimport { traces } from "./schema/traces.ts";\n';
  return `${imports}\nexport async function planted(db: Database) {\n  ${statement}\n}\n`;
}

const SHAPE: readonly LintCase[] = [
  {
    title: "files that import each other",
    path: "packages/runtime/src/planted-cycle",
    rule: "import(no-cycle)",
    bad: 'import { back } from "./planted-cycle-back.ts";\n\nexport const planted = () => back;\n',
    good: "export const planted = () => undefined;\n",
  },
  {
    title: "a file of more than 400 lines",
    path: "packages/runtime/src/planted-long",
    rule: "eslint(max-lines)",
    bad: lines(401),
    good: lines(400),
  },
  {
    title: "a barrel in a folder",
    path: "packages/db/src/traces/index",
    rule: "oxc(no-barrel-file)",
    bad: 'export * from "./get-trace.ts";\n',
    good: "export const planted = 1;\n",
  },
  {
    title: "settings read outside the configuration",
    path: "apps/worker/src/planted-env",
    rule: "node(no-process-env)",
    bad: 'export const planted = () => process.env["DATABASE_URL"];\n',
    good: "export const planted = (env: NodeJS.ProcessEnv) => env;\n",
  },
  {
    title: "a message past the logger",
    path: "apps/worker/src/planted-console",
    rule: "eslint(no-console)",
    bad: 'export const planted = () => console.log("here");\n',
    good: 'export const planted = () => "here";\n',
  },
];

function lines(count: number): string {
  return Array.from({ length: count }, (_, index) => `export const line${index} = ${index};\n`).join("");
}

const TYPES: readonly LintCase[] = [
  {
    title: "any",
    path: "apps/query/src/planted-any",
    rule: "typescript(no-explicit-any)",
    bad: "export const planted = (value: any): unknown => value;\n",
    good: "export const planted = (value: unknown): unknown => value;\n",
  },
  {
    title: "an assertion that something is there",
    path: "apps/query/src/planted-non-null",
    rule: "typescript(no-non-null-assertion)",
    bad: "export const planted = (values: readonly string[]) => values[0]!;\n",
    good: 'export const planted = (values: readonly string[]) => values[0] ?? "";\n',
  },
  {
    title: "a variable that nothing uses",
    path: "apps/query/src/planted-unused",
    rule: "eslint(no-unused-vars)",
    bad: "const unused = 1;\n\nexport const planted = 2;\n",
    good: "const used = 1;\n\nexport const planted = used + 1;\n",
  },
  {
    title: "a switch that forgets a case",
    path: "apps/query/src/planted-switch",
    rule: "typescript(switch-exhaustiveness-check)",
    bad: switchOf('case "a":\n      return 1;'),
    good: switchOf('case "a":\n    case "b":\n      return 1;'),
  },
  {
    title: "a comparison that converts",
    path: "apps/query/src/planted-equality",
    rule: "eslint(eqeqeq)",
    bad: "export const planted = (a: number, b: number) => a == b;\n",
    good: "export const planted = (a: number, b: number) => a === b;\n",
  },
];

function switchOf(cases: string): string {
  return `export function planted(kind: "a" | "b"): number | undefined {\n  switch (kind) {\n    ${cases}\n  }\n  return undefined;\n}\n`;
}

export const LINT_CASES: readonly LintCase[] = [...DIRECTION, ...UNSEEN, ...PROMISES, ...SHAPE, ...TYPES];

/** The other half of the cycle. */
export const LINT_SUPPORT = {
  "packages/runtime/src/planted-cycle-back.ts":
    'import { planted } from "./planted-cycle.ts";\n\nexport const back = () => planted;\n',
};
