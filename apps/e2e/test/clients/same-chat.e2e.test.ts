import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { apiOf } from "../support/api.ts";
import { describeEachSystem } from "../support/each-system.ts";

/* One chat, as five kinds of instrumentation write it down, reads back as one and the same. */

const [system, question, answer] = ["Be brief.", "Weather in Paris?", "It is 21 degrees."];
const model = "gpt-4o-mini-2024-07-18";
const input = [
  { role: "system", content: system },
  { role: "user", content: question },
];
const output = { role: "assistant", content: answer };
const genAi = {
  "gen_ai.request.model": "gpt-4o-mini",
  "gen_ai.response.model": model,
  "gen_ai.request.temperature": 0.3,
  "gen_ai.usage.input_cost": 0.25,
  "gen_ai.usage.output_cost": 0.5,
  "gen_ai.usage.cost": 0.75,
};

const CONVENTIONS: Readonly<Record<string, Readonly<Record<string, string | number>>>> = {
  "Langfuse SDK": {
    "langfuse.observation.type": "generation",
    "langfuse.observation.model.name": model,
    "langfuse.observation.model.parameters": '{"temperature":0.3}',
    "langfuse.observation.input": JSON.stringify(input),
    "langfuse.observation.output": JSON.stringify(output),
    "langfuse.observation.usage_details": '{"input":40,"input_cached_tokens":10,"output":20,"total":70}',
    "langfuse.observation.cost_details": '{"input":0.25,"output":0.5,"total":0.75}',
  },
  "OpenTelemetry GenAI": {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    ...genAi,
    "gen_ai.system_instructions": JSON.stringify([{ type: "text", content: system }]),
    "gen_ai.input.messages": JSON.stringify([{ role: "user", parts: [{ type: "text", content: question }] }]),
    "gen_ai.output.messages": JSON.stringify([
      { role: "assistant", parts: [{ type: "text", content: answer }], finish_reason: "stop" },
    ]),
    "gen_ai.usage.input_tokens": 50,
    "gen_ai.usage.output_tokens": 20,
    "gen_ai.usage.cache_read.input_tokens": 10,
  },
  OpenInference: {
    "openinference.span.kind": "LLM",
    "llm.model_name": model,
    "llm.invocation_parameters": '{"model":"gpt-4o-mini","temperature":0.3}',
    "input.value": JSON.stringify({ messages: input }),
    "input.mime_type": "application/json",
    "output.value": JSON.stringify({ choices: [{ message: output }] }),
    "output.mime_type": "application/json",
    "llm.input_messages.0.message.role": "system",
    "llm.input_messages.0.message.content": system,
    "llm.input_messages.1.message.role": "user",
    "llm.input_messages.1.message.content": question,
    "llm.output_messages.0.message.role": "assistant",
    "llm.output_messages.0.message.content": answer,
    "llm.token_count.prompt": 50,
    "llm.token_count.completion": 20,
    "llm.token_count.total": 70,
    "llm.token_count.prompt_details.cache_read": 10,
    "llm.cost.prompt": 0.25,
    "llm.cost.completion": 0.5,
    "llm.cost.total": 0.75,
  },
  OpenLLMetry: {
    "llm.request.type": "chat",
    "gen_ai.system": "OpenAI",
    ...genAi,
    "gen_ai.prompt.0.role": "system",
    "gen_ai.prompt.0.content": system,
    "gen_ai.prompt.1.role": "user",
    "gen_ai.prompt.1.content": question,
    "gen_ai.completion.0.role": "assistant",
    "gen_ai.completion.0.content": answer,
    "gen_ai.completion.0.finish_reason": "stop",
    "gen_ai.usage.prompt_tokens": 50,
    "gen_ai.usage.completion_tokens": 20,
    "gen_ai.usage.cache_read_input_tokens": 10,
    "llm.usage.total_tokens": 70,
  },
  "Vercel AI SDK": {
    "ai.operationId": "ai.generateText.doGenerate",
    "ai.model.id": "gpt-4o-mini",
    ...genAi,
    "ai.settings.temperature": 0.3,
    "ai.prompt.messages": JSON.stringify([
      { role: "system", content: system },
      { role: "user", content: [{ type: "text", text: question }] },
    ]),
    "ai.response.text": answer,
    "ai.usage.cachedInputTokens": 10,
    "gen_ai.usage.input_tokens": 50,
    "gen_ai.usage.output_tokens": 20,
  },
};

describeEachSystem("one chat in five conventions", ({ system: running, soon }) => {
  test.each(Object.entries(CONVENTIONS))("reads back from %s", async (_, attributes) => {
    const api = apiOf(running(), running().projectA);
    const [traceId, spanId] = [randomBytes(16).toString("hex"), randomBytes(8).toString("hex")];
    const sent = await api.post("/api/public/otel/v1/traces", exportOf(traceId, spanId, attributes));
    expect(sent.status).toBe(200);
    const observation = await soon(() => api.read(`/api/public/observations/${spanId}`));
    expect(observation).toMatchObject({
      traceId,
      type: "GENERATION",
      input,
      output,
      model,
      modelParameters: { temperature: 0.3 },
      promptTokens: 50,
      completionTokens: 20,
      totalTokens: 70,
      calculatedTotalCost: 0.75,
    });
    expect(observation.usageDetails).toMatchObject({ input: 40, input_cached_tokens: 10, output: 20 });
    expect(observation.costDetails).toEqual({ input: 0.25, output: 0.5, total: 0.75 });
    const trace = await api.read(`/api/public/traces/${traceId}`);
    expect(trace).toMatchObject({ input, output, totalCost: 0.75 });
  });
});

function exportOf(traceId: string, spanId: string, attributes: Readonly<Record<string, string | number>>) {
  const now = BigInt(Date.now()) * 1_000_000n;
  const span = {
    traceId,
    spanId,
    name: "chat",
    kind: 3,
    startTimeUnixNano: String(now - 1_000_000_000n),
    endTimeUnixNano: String(now),
    attributes: Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) })),
  };
  return { resourceSpans: [{ scopeSpans: [{ scope: { name: "test" }, spans: [span] }] }] };
}

function anyValue(value: string | number) {
  if (typeof value === "string") return { stringValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}
