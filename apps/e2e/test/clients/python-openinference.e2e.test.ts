import { afterAll, beforeAll, expect, test } from "vitest";
import { basicAuth } from "../../src/test-system.ts";
import { apiOf, type Json } from "../support/api.ts";
import { byName } from "../support/by-name.ts";
import { describeStandalone } from "../support/each-system.ts";
import {
  FAKE_ANSWER,
  FAKE_MODEL,
  startFakeOpenAi,
  UNKNOWN_MODEL_MESSAGE,
  type FakeOpenAi,
} from "../support/fake-openai.ts";
import { pythonWith } from "../support/python.ts";
import { OPENINFERENCE_PACKAGES } from "../support/python-packages.ts";

const python = await pythonWith(OPENINFERENCE_PACKAGES);

describeStandalone("OpenInference for Python", ({ system, soon }) => {
  let models: FakeOpenAi;
  beforeAll(async () => {
    models = await startFakeOpenAi();
  });
  afterAll(() => models.close());

  test.skipIf(!python)("a chat, a stream and a refusal", { timeout: 60_000 }, async () => {
    const { baseUrl, projectA } = system();
    const written = await python?.run("openai_spans.py", [], {
      OPENAI_BASE_URL: models.baseUrl,
      OTEL_EXPORTER_OTLP_ENDPOINT: `${baseUrl}/api/public/otel`,
      OTEL_EXPORTER_OTLP_HEADERS: `Authorization=${encodeURIComponent(basicAuth(projectA))}`,
    });
    const trace: Json = await soon(
      () => apiOf(system(), projectA).read(`/api/public/traces/${written.traceId}`),
      ({ observationCount }) => observationCount === 4,
    );
    expect(trace).toMatchObject({
      name: "handle",
      userId: "user-1",
      sessionId: "python-session",
      tags: ["a", "b"],
      metadata: { tenant: "acme" },
      errorCount: 1,
      totalTokens: 300,
    });
    const root = byName<Json>(trace.observations)("handle");
    expect(root).toMatchObject({ type: "SPAN", parentObservationId: null });
    const generations = trace.observations.filter(({ type }: Json) => type === "GENERATION");
    const failed = generations.find(({ level }: Json) => level === "ERROR");
    expect(failed).toMatchObject({ parentObservationId: root.id, input: MESSAGES });
    expect(failed.statusMessage).toContain(UNKNOWN_MODEL_MESSAGE);
    const answered = generations.filter((generation: Json) => generation !== failed);
    expect(answered).toHaveLength(2);
    for (const generation of answered) {
      expect(generation).toMatchObject({
        parentObservationId: root.id,
        model: FAKE_MODEL,
        input: MESSAGES,
        usageDetails: { input: 20, input_cached_tokens: 100, total: 150 },
      });
      expect(generation.output).toMatchObject({ role: "assistant", content: FAKE_ANSWER });
    }
  });
});

const MESSAGES = [
  { role: "system", content: "You are brief." },
  { role: "user", content: "Wo ist es? 📦" },
];
