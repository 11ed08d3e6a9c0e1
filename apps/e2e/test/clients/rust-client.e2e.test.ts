import { expect, test } from "vitest";
import type { Json } from "../support/api.ts";
import { byName } from "../support/by-name.ts";
import { describeStandalone } from "../support/each-system.ts";
import { FIFTY_TIMEOUT_MS, reportFifty } from "../support/fifty-writes.ts";
import { rustProgram } from "../support/rust.ts";

const program = await rustProgram();

describeStandalone("xtrace-client 0.0.15 for Rust", ({ system }) => {
  test.skipIf(!program)("what it writes it reads back", { timeout: FIFTY_TIMEOUT_MS }, async () => {
    const { baseUrl, projectA } = system();
    const result = await program?.([baseUrl, projectA.bearerToken ?? ""]);
    const { trace, ids } = result;
    expect(result.message).toBe("Request Successful.");
    expect(trace).toMatchObject({
      id: ids.trace,
      name: "answer-ticket",
      userId: "rust-user",
      sessionId: "rust-session",
      tags: ["beta", "eu"],
      metadata: { turn_id: "t1", run_id: "r1" },
      input: { question: "Wo? 📦" },
      output: "It was shipped.",
      environment: "staging",
      release: "r-77",
      public: false,
      latency: 2.5,
      totalCost: 0.25,
    });
    const named = byName<Json>(trace.observations);
    expect(named("handle")).toMatchObject({
      id: ids.root,
      type: "SPAN",
      metadata: { step_id: "s1", step_type: "plan" },
    });
    expect(named("compose")).toMatchObject({
      id: ids.step,
      type: "GENERATION",
      parentObservationId: ids.root,
      model: "qwen2.5",
      modelParameters: { temperature: 0.2 },
      output: { role: "assistant", content: "It was shipped." },
      promptTokens: 11,
      completionTokens: 7,
      totalTokens: 18,
      calculatedTotalCost: 0.25,
      level: "WARNING",
      statusMessage: "slow",
      metadata: { parent_step_id: "s1" },
    });

    expect(result.listed).toMatchObject([{ id: ids.trace }]);
    expect(result.listed[0].observations.toSorted()).toEqual([ids.root, ids.step].toSorted());
    expect(result.totalItems).toBe(1);
    expect(result.days).toEqual([{ traces: 1, observations: 2, cost: 0.25 }]);
    expect(result.series).toEqual([{ labels: { node: "n1" }, values: [3.5] }]);
    reportFifty("xtrace-client for Rust", result.waits);
  });
});
