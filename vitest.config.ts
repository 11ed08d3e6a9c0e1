import { defineConfig } from "vitest/config";

/** Workspace packages resolve to their sources, so tests need no build. No `import` here: it would reach `require` too. */
const conditions = ["source", "node"];

const MEASURED = ["packages/contract", "packages/db", "apps/gateway", "apps/worker", "apps/query"];

/** They time how soon a write can be read or a request is answered, which only means something while nothing else is tested. */
const TIMED = "apps/e2e/test/{clients/**/*,chaos/*,hostile/bounds.e2e}.test.ts";

/** What publishes its TypeScript under the condition `source`, and all between it and a test, so that it is compiled too. */
const WITH_SOURCE = /\/node_modules\/(ai|@ai-sdk\/[^/]+|eventsource-parser)\//;

const shared = { pool: "forks" as const, testTimeout: 30_000, hookTimeout: 60_000 };
/** Every answer of the processes that these tests start is held to the API description. */
const acrossApps = {
  globalSetup: ["apps/e2e/test/support/describe-api.ts"],
  setupFiles: ["apps/e2e/test/support/hold-answers.ts"],
};
const resolution = {
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  // Global setups run in an environment of vitest's own.
  environments: { __vitest__: { resolve: { conditions } } },
};

export default defineConfig({
  ...resolution,
  test: {
    globalSetup: ["packages/testkit/src/global-setup.ts"],
    projects: [
      {
        ...resolution,
        test: {
          ...shared,
          name: "all",
          include: ["{apps,packages}/*/{src,test}/**/*.test.ts"],
          exclude: ["apps/e2e/**"],
          maxWorkers: 3,
          sequence: { groupOrder: 0 },
        },
      },
      {
        ...resolution,
        test: {
          ...shared,
          ...acrossApps,
          name: "e2e",
          include: ["apps/e2e/test/**/*.test.ts"],
          exclude: [TIMED],
          maxWorkers: 3,
          sequence: { groupOrder: 0 },
        },
      },
      {
        ...resolution,
        test: {
          ...shared,
          ...acrossApps,
          name: "timed",
          include: [TIMED],
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
          server: { deps: { inline: [WITH_SOURCE] } },
        },
      },
    ],
    coverage: {
      provider: "v8",
      include: MEASURED.map((dir) => `${dir}/src/**/*.ts`),
      exclude: ["**/*.test.ts", "**/fixtures/**"],
      reporter: ["text-summary", "json-summary"],
      // Of each, so that none hides behind the others.
      thresholds: Object.fromEntries(MEASURED.map((dir) => [`${dir}/src/**`, { statements: 95 }])),
    },
  },
});
