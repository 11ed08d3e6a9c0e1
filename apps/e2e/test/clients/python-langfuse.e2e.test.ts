import { describe, expect, test } from "vitest";
import type { Json } from "../support/api.ts";
import { byName } from "../support/by-name.ts";
import { describeStandalone } from "../support/each-system.ts";
import { FIFTY_TIMEOUT_MS, reportFifty } from "../support/fifty-writes.ts";
import { pythonWith, type Python } from "../support/python.ts";
import { LANGFUSE_VERSIONS, langfusePackages } from "../support/python-packages.ts";

/** The observations of SDKs whose spans are OpenTelemetry's. */
const OF_SPANS = [
  { name: "handle-ticket", type: "AGENT", parentObservationId: null },
  { name: "lookup", type: "TOOL" },
  { name: "refund", type: "SPAN", level: "ERROR", statusMessage: expect.stringContaining("no such card") },
];

const SDKS = [
  {
    version: LANGFUSE_VERSIONS[0],
    script: "langfuse_2.py",
    traceName: "answer-ticket",
    // It reads and writes parameters as text.
    temperature: "0.2",
    own: [{ name: "lookup", type: "SPAN", parentObservationId: null }],
  },
  {
    version: LANGFUSE_VERSIONS[1],
    script: "langfuse_otel.py",
    traceName: "answer-ticket",
    temperature: 0.2,
    own: OF_SPANS,
  },
  // It names a trace before it begins or not at all.
  {
    version: LANGFUSE_VERSIONS[2],
    script: "langfuse_otel.py",
    traceName: "handle-ticket",
    temperature: 0.2,
    own: OF_SPANS,
  },
];
type Sdk = (typeof SDKS)[number];

const pythons: (Python | undefined)[] = [];
for (const { version } of SDKS) pythons.push(await pythonWith(langfusePackages(version)));

describeStandalone("langfuse for Python", ({ system }) => {
  for (const [index, sdk] of SDKS.entries()) {
    const { version, script, traceName } = sdk;
    const python = pythons[index];
    describe.skipIf(!python)(`SDK ${version}`, () => {
      test("what it writes it reads back", { timeout: FIFTY_TIMEOUT_MS }, async () => {
        const { baseUrl, projectA } = system();
        const result = await python?.run(script, [], {
          LANGFUSE_PUBLIC_KEY: projectA.publicKey,
          LANGFUSE_SECRET_KEY: projectA.secretKey,
          LANGFUSE_HOST: baseUrl,
          LANGFUSE_BASE_URL: baseUrl,
        });
        const { trace } = result;
        expect(trace).toMatchObject({
          name: traceName,
          userId: "user-1",
          sessionId: `python-${version[0]}`,
          tags: ["beta", "eu"],
          metadata: { tenant: "acme" },
          version: "2.0.0",
          release: "r-77",
          environment: "staging",
          input: { question: "Wo? 📦" },
          output: "It was shipped.",
          public: true,
        });
        expect(trace.totalCost).toBeCloseTo(0.003, 10);
        expectTree(trace, sdk);
        expectScores(trace);

        expect(result.generation).toMatchObject({ name: "compose", traceId: trace.id, model: "gpt-4o" });
        expect(result.generations).toEqual(["compose"]);
        expect(result.ofUser).toEqual([trace.id]);
        expect(result.sessions).toContain(trace.sessionId);
        // Only version 2 links by an observation's id alone.
        expect(result.runItem).toEqual(result.linked);
        reportFifty(`langfuse ${version} for Python`, result.waits);
      });
    });
  }
});

function expectTree(trace: Json, { own, temperature }: Sdk): void {
  const named = byName<Json>(trace.observations);
  for (const observation of own) expect(named(observation.name)).toMatchObject(observation);
  const { id, parentObservationId: root } = named("lookup");
  expect(named("lookup")).toMatchObject({ input: { orderId: 42 }, output: { state: "shipped" } });
  expect(named("compose")).toMatchObject({
    type: "GENERATION",
    parentObservationId: id,
    model: "gpt-4o",
    modelParameters: { temperature },
    input: [{ role: "user", content: "Where?" }],
    output: { role: "assistant", content: "It was shipped." },
    usageDetails: { input: 20, output: 30, cache_read_input_tokens: 100 },
    costDetails: { input: 0.001, output: 0.002, total: 0.003 },
    environment: "staging",
  });
  expect(named("compose").completionStartTime).toBeTruthy();
  expect(named("cache-miss")).toMatchObject({ type: "EVENT", parentObservationId: named("compose").id });
  expect(named("cache-miss").metadata).toMatchObject({ key: "k" });
  expect(named("charge")).toMatchObject({ parentObservationId: root, level: "ERROR", statusMessage: "card declined" });
}

function expectScores(trace: Json): void {
  const scored = byName<Json>(trace.scores);
  expect(trace.scores).toHaveLength(3);
  const { id } = byName<Json>(trace.observations)("compose");
  expect(scored("relevance")).toMatchObject({ dataType: "NUMERIC", value: 0.5, comment: "so so", observationId: id });
  expect(scored("helpful")).toMatchObject({ dataType: "BOOLEAN", value: 1, stringValue: "True" });
  expect(scored("verdict")).toMatchObject({ dataType: "CATEGORICAL", stringValue: "good" });
}
