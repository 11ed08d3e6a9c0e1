import { eventually } from "@xtrace/testkit";
import { Langfuse } from "langfuse";
import { expect, test } from "vitest";
import { apiOf } from "../support/api.ts";
import { describeEachSystem } from "../support/each-system.ts";

describeEachSystem("the prices of models", ({ system }) => {
  const project = () => system().projectA;
  const api = () => apiOf(system(), project());

  async function generate(model: string): Promise<{ readonly traceId: string; readonly id: string }> {
    const { publicKey, secretKey } = project();
    const langfuse = new Langfuse({ baseUrl: system().baseUrl, publicKey, secretKey });
    const trace = langfuse.trace({ name: "priced" });
    const usage = { input: 1_000, output: 100 };
    const { id } = trace.generation({ name: "call", model, input: "Hi", output: "Hello!", usage });
    await langfuse.flushAsync();
    return { traceId: trace.id, id };
  }

  test("a generation that tells its usage reads back with what it cost", async () => {
    const { traceId, id } = await generate("gpt-4o-2024-08-06");
    const cost = { input: 0.002_5, output: 0.001, total: 0.003_5 };
    await eventually(async () => {
      expect(await api().read(`/api/public/observations/${id}`)).toMatchObject({
        modelId: "openai.gpt-4o",
        inputPrice: 0.000_002_5,
        outputPrice: 0.000_01,
        usageDetails: { input: 1_000, output: 100, total: 1_100 },
        costDetails: cost,
        calculatedInputCost: cost.input,
        calculatedOutputCost: cost.output,
        calculatedTotalCost: cost.total,
      });
    });
    expect(await api().read(`/api/public/traces/${traceId}`)).toMatchObject({ totalCost: cost.total });
    const { data } = await api().read("/api/public/metrics/daily");
    expect(data[0].totalCost).toBe(cost.total);
  });

  test("a project's own model prices what is written after it was made", async () => {
    const model = {
      modelName: "own",
      matchPattern: "(?i)^own-model$",
      unit: "TOKENS",
      inputPrice: 0.01,
      outputPrice: 0.1,
    };
    const made = await api().post("/api/public/models", model);
    expect(made.status).toBe(200);
    await eventually(
      async () => {
        const { id } = await generate("Own-Model");
        await eventually(() => api().read(`/api/public/observations/${id}`));
        expect(await api().read(`/api/public/observations/${id}`)).toMatchObject({
          modelId: made.body.id,
          calculatedTotalCost: 20,
        });
      },
      { timeoutMs: 10_000 },
    );
  });
});
