import { expect, test } from "vitest";
import { decodeSpan } from "./fixtures/decode-fixture.ts";
import type { SpanGiven, Values } from "./fixtures/export-of.ts";

/*
 * One chat, as each convention has it written down, comes to one observation: a reader need not
 * know who recorded it. A convention of chats that is added has its row here. Parameters may also
 * stand under names of their own, beside those that all have.
 */

const system = "Be brief.";
const question = "Weather in Paris?";
const answer = "It is 21 degrees.";
const parts = (content: string) => [{ type: "text", content }];

const chat = {
  type: "GENERATION",
  input: [
    { role: "system", content: system },
    { role: "user", content: question },
  ],
  output: { role: "assistant", content: answer },
  model: "gpt-4o-mini-2024-07-18",
  modelParameters: { temperature: 0.3, max_tokens: 100 },
  usage: { input: 40, input_cached_tokens: 10, output: 12, output_reasoning_tokens: 8, total: 70 },
  costDetails: { input: 0.25, output: 0.5, total: 0.75 },
};

const request: Values = { "gen_ai.request.temperature": 0.3, "gen_ai.request.max_tokens": 100 };
const model: Values = { "gen_ai.request.model": "gpt-4o-mini", "gen_ai.response.model": chat.model };
const cost: Values = { "gen_ai.usage.input_cost": 0.25, "gen_ai.usage.output_cost": 0.5, "gen_ai.usage.cost": 0.75 };

type Row = SpanGiven & { readonly scope?: string; readonly ownParameters?: Values };

const CONVENTIONS: Record<string, Row> = {
  "Langfuse SDK": {
    attributes: {
      "langfuse.observation.type": "generation",
      "langfuse.observation.model.name": chat.model,
      "langfuse.observation.model.parameters": JSON.stringify(chat.modelParameters),
      "langfuse.observation.input": JSON.stringify(chat.input),
      "langfuse.observation.output": JSON.stringify(chat.output),
      "langfuse.observation.usage_details": JSON.stringify(chat.usage),
      "langfuse.observation.cost_details": JSON.stringify(chat.costDetails),
    },
  },
  "OpenTelemetry GenAI, messages in attributes": {
    attributes: {
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "openai",
      ...request,
      ...model,
      ...cost,
      "gen_ai.system_instructions": JSON.stringify(parts(system)),
      "gen_ai.input.messages": JSON.stringify([{ role: "user", parts: parts(question) }]),
      "gen_ai.output.messages": JSON.stringify([{ role: "assistant", parts: parts(answer), finish_reason: "stop" }]),
      "gen_ai.usage.input_tokens": 50,
      "gen_ai.usage.output_tokens": 20,
      "gen_ai.usage.cache_read.input_tokens": 10,
      "gen_ai.usage.reasoning.output_tokens": 8,
    },
  },
  "OpenTelemetry GenAI, messages in events": {
    attributes: {
      "gen_ai.operation.name": "chat",
      "gen_ai.system": "openai",
      ...request,
      ...model,
      ...cost,
      "gen_ai.usage.input_tokens": 50,
      "gen_ai.usage.output_tokens": 20,
      "gen_ai.usage.cache_read_input_tokens": 10,
      "gen_ai.usage.reasoning_tokens": 8,
    },
    events: [
      { name: "gen_ai.system.message", attributes: { "gen_ai.system": "openai", content: system } },
      { name: "gen_ai.user.message", attributes: { "gen_ai.system": "openai", content: question } },
      {
        name: "gen_ai.choice",
        attributes: {
          index: 0,
          finish_reason: "stop",
          message: JSON.stringify({ role: "assistant", content: answer }),
        },
      },
    ],
  },
  OpenInference: {
    attributes: {
      "openinference.span.kind": "LLM",
      "llm.model_name": chat.model,
      "llm.invocation_parameters": JSON.stringify({ model: "gpt-4o-mini", ...chat.modelParameters }),
      "input.value": JSON.stringify({ messages: chat.input, model: "gpt-4o-mini" }),
      "input.mime_type": "application/json",
      "output.value": JSON.stringify({ choices: [{ message: chat.output }] }),
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
      "llm.token_count.prompt_details.audio": 0,
      "llm.token_count.completion_details.reasoning": 8,
      "llm.cost.prompt": 0.25,
      "llm.cost.completion": 0.5,
      "llm.cost.total": 0.75,
    },
  },
  OpenLLMetry: {
    attributes: {
      "llm.request.type": "chat",
      "gen_ai.system": "OpenAI",
      ...request,
      ...model,
      ...cost,
      "gen_ai.prompt.0.role": "system",
      "gen_ai.prompt.0.content": system,
      "gen_ai.prompt.1.role": "user",
      "gen_ai.prompt.1.content": question,
      "gen_ai.completion.0.role": "assistant",
      "gen_ai.completion.0.content": answer,
      "gen_ai.completion.0.finish_reason": "stop",
      "gen_ai.usage.prompt_tokens": 50,
      "gen_ai.usage.completion_tokens": 20,
      "llm.usage.total_tokens": 70,
      "gen_ai.usage.cache_read_input_tokens": 10,
      "llm.usage.reasoning_tokens": 8,
    },
  },
  "Vercel AI SDK 6": {
    attributes: {
      "ai.operationId": "ai.generateText.doGenerate",
      "ai.model.id": "gpt-4o-mini",
      "ai.settings.temperature": 0.3,
      "ai.settings.maxOutputTokens": 100,
      "ai.settings.maxRetries": 2,
      ...request,
      ...model,
      ...cost,
      "ai.prompt.messages": JSON.stringify([
        { role: "system", content: system },
        { role: "user", content: [{ type: "text", text: question }] },
      ]),
      "ai.response.text": answer,
      "ai.response.model": chat.model,
      "ai.usage.inputTokens": 50,
      "ai.usage.inputTokenDetails.noCacheTokens": 40,
      "ai.usage.inputTokenDetails.cacheReadTokens": 10,
      "ai.usage.outputTokens": 20,
      "ai.usage.outputTokenDetails.reasoningTokens": 8,
      "ai.usage.totalTokens": 70,
      "gen_ai.usage.input_tokens": 50,
      "gen_ai.usage.output_tokens": 20,
    },
    ownParameters: { maxTokens: "100", maxRetries: "2" },
  },
  "Pydantic AI, messages in a list of events": {
    attributes: {
      "gen_ai.operation.name": "chat",
      "logfire.msg": "chat gpt-4o-mini",
      ...request,
      ...model,
      ...cost,
      events: JSON.stringify([
        { "event.name": "gen_ai.system.message", role: "system", content: system },
        { "event.name": "gen_ai.user.message", role: "user", content: question, "gen_ai.message.index": 0 },
        { "event.name": "gen_ai.choice", index: 0, message: { role: "assistant", content: answer } },
      ]),
      "gen_ai.usage.input_tokens": 50,
      "gen_ai.usage.output_tokens": 20,
      "gen_ai.usage.details.cached_tokens": 10,
      "gen_ai.usage.details.reasoning_tokens": 8,
    },
    scope: "pydantic-ai",
  },
  "Strands, messages in several events with all details": {
    attributes: {
      "gen_ai.operation.name": "chat",
      ...request,
      ...model,
      ...cost,
      "gen_ai.usage.prompt_tokens": 50,
      "gen_ai.usage.input_tokens": 50,
      "gen_ai.usage.completion_tokens": 20,
      "gen_ai.usage.output_tokens": 20,
      "gen_ai.usage.total_tokens": 70,
      "gen_ai.usage.cache_read_input_tokens": 10,
      "gen_ai.usage.cache_write_input_tokens": 0,
      "gen_ai.usage.reasoning.output_tokens": 8,
    },
    events: [
      { "gen_ai.system_instructions": JSON.stringify(parts(system)) },
      { "gen_ai.input.messages": JSON.stringify([{ role: "user", parts: parts(question) }]) },
      { "gen_ai.output.messages": JSON.stringify([{ role: "assistant", parts: parts(answer) }]) },
    ].map((attributes) => ({ name: "gen_ai.client.inference.operation.details", attributes })),
  },
  "Google ADK": {
    name: "call_llm",
    attributes: {
      ...model,
      ...cost,
      "gcp.vertex.agent.llm_request": JSON.stringify({
        config: { system_instruction: system, temperature: 0.3, max_output_tokens: 100 },
        contents: [{ role: "user", parts: [{ text: question }] }],
      }),
      "gcp.vertex.agent.llm_response": JSON.stringify({
        content: { role: "model", parts: [{ text: answer }] },
        usage_metadata: {
          prompt_token_count: 50,
          cached_content_token_count: 10,
          candidates_token_count: 12,
          thoughts_token_count: 8,
          total_token_count: 70,
        },
      }),
    },
    scope: "gcp.vertex.agent",
  },
  Genkit: {
    attributes: {
      "genkit:name": chat.model,
      "genkit:metadata:subtype": "model",
      ...cost,
      "genkit:input": JSON.stringify({
        messages: [
          { role: "system", content: [{ text: system }] },
          { role: "user", content: [{ text: question }] },
        ],
        config: { temperature: 0.3, maxOutputTokens: 100 },
      }),
      "genkit:output": JSON.stringify({
        message: { role: "model", content: [{ text: answer }] },
        finishReason: "stop",
        usage: { inputTokens: 50, outputTokens: 12, thoughtsTokens: 8, cachedContentTokens: 10, totalTokens: 70 },
      }),
    },
    scope: "genkit-tracer",
  },
};

test.each(Object.entries(CONVENTIONS))("a chat by %s", (_, { scope = "", ownParameters, ...span }) => {
  const {
    type,
    input,
    output,
    model: name,
    modelParameters,
    usageDetails,
    costDetails,
  } = decodeSpan(span, { scope: { name: scope } }).observation;
  expect({ type, input, output, model: name, modelParameters, usage: withTotal(usageDetails), costDetails }).toEqual({
    ...chat,
    modelParameters: { ...chat.modelParameters, ...ownParameters },
  });
});

/** Where the sender has told no total, it is the sum: readers are answered so. */
function withTotal(usage: Readonly<Record<string, number>> = {}): Record<string, number> {
  return { total: Object.values(usage).reduce((sum, count) => sum + count, 0), ...usage };
}
