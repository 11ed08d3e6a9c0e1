import { expect, test } from "vitest";
import { decodeSpan } from "../fixtures/decode-fixture.ts";
import type { Values } from "../fixtures/export-of.ts";

const scope = { name: "litellm" };

/** As `litellm.acompletion` has them exported: every value that is none of OpenTelemetry's is Python's text for it. */
const request: Values = {
  "metadata.user_api_key_alias": "None",
  "metadata.user_api_key_team_id": "team-1",
  "metadata.user_api_key_end_user_id": "user-1",
  "metadata.requester_ip_address": "",
  "gen_ai.cost.input_cost": 0.001,
  "gen_ai.cost.output_cost": 0.002,
  "gen_ai.cost.total_cost": 0.003,
  "gen_ai.cost.tool_usage_cost": 0,
  "gen_ai.request.model": "gpt-4o-mini",
  "llm.request.type": "acompletion",
  "gen_ai.system": "openai",
  "llm.is_streaming": "False",
  "gen_ai.response.id": "chatcmpl-1",
  "gen_ai.response.model": "gpt-4o-mini-2024-07-18",
  "gen_ai.usage.total_tokens": 70,
  "gen_ai.usage.output_tokens": 20,
  "gen_ai.usage.input_tokens": 50,
  "gen_ai.input.messages": JSON.stringify([
    { role: "user", parts: [{ type: "text", content: "Weather in Paris?" }] },
    {
      role: "assistant",
      parts: [],
      tool_calls: [{ id: "c", type: "function", function: { name: "weather", arguments: "{}" } }],
    },
    { role: "tool", parts: [{ type: "text", content: "21" }], tool_call_id: "c" },
  ]),
  "gen_ai.operation.name": "acompletion",
  "gen_ai.output.messages": JSON.stringify([
    { role: "assistant", parts: [{ type: "text", content: "It is 21 degrees." }], finish_reason: "stop" },
  ]),
  "gen_ai.response.finish_reasons": '["stop"]',
};

test("a request", () => {
  const { observation, traces } = decodeSpan({ name: "litellm_request", attributes: request }, { scope });
  expect(observation).toMatchObject({
    type: "GENERATION",
    model: "gpt-4o-mini-2024-07-18",
    usageDetails: { input: 50, output: 20, total: 70 },
    costDetails: { input: 0.001, output: 0.002, total: 0.003 },
    input: [
      { role: "user", content: "Weather in Paris?" },
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "c", type: "function", function: { name: "weather", arguments: "{}" } }],
      },
      { role: "tool", content: "21", tool_call_id: "c" },
    ],
    output: { role: "assistant", content: "It is 21 degrees." },
  });
  expect(Object.assign({}, ...traces)).toMatchObject({
    userId: "user-1",
    metadata: { user_api_key_team_id: "team-1", user_api_key_end_user_id: "user-1" },
  });
  expect(Object.assign({}, ...traces).metadata).not.toHaveProperty("user_api_key_alias");
});

test("a request as the provider had it is no second generation", () => {
  const { observation } = decodeSpan(
    {
      name: "raw_gen_ai_request",
      attributes: {
        "llm.openai.messages": "[{'role': 'user', 'content': 'Hi'}]",
        "llm.openai.choices": '[{"message":{"content":"Hello"}}]',
        "llm.openai.model": "gpt-4o-mini",
        "llm.openai.usage": "{'prompt_tokens': 50}",
      },
    },
    { scope },
  );
  expect(observation).toMatchObject({
    type: "SPAN",
    input: "[{'role': 'user', 'content': 'Hi'}]",
    output: [{ message: { content: "Hello" } }],
    metadata: { attributes: { "llm.openai.model": "gpt-4o-mini" } },
  });
  expect(observation).not.toHaveProperty("usageDetails");
});

test.each([
  ["completion", "GENERATION"],
  ["atext_completion", "GENERATION"],
  ["aembedding", "EMBEDDING"],
  ["arerank", "RETRIEVER"],
  ["aspeech", "SPAN"],
])("a call of %s is a %s", (call, type) => {
  expect(decodeSpan({ attributes: { "llm.request.type": call } }, { scope }).observation.type).toBe(type);
});

test("metadata below a prefix is the trace's for LiteLLM alone", () => {
  const { traces } = decodeSpan({ attributes: { "metadata.tenant": "acme" } });
  expect(traces.filter(({ metadata }) => metadata !== undefined)).toEqual([]);
});
