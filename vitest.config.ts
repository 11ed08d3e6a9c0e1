import { defineConfig } from "vitest/config";

/** Workspace packages resolve to their sources, so tests need no build. No `import` here: it would reach `require` too. */
const conditions = ["source", "node"];

const MEASURED = ["packages/contract", "packages/db", "apps/gateway", "apps/worker", "apps/query"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  // The global setup runs in an environment of vitest's own.
  environments: { __vitest__: { resolve: { conditions } } },
  test: {
    include: ["{apps,packages}/*/{src,test}/**/*.test.ts"],
    globalSetup: ["packages/testkit/src/global-setup.ts"],
    pool: "forks",
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 60_000,
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
