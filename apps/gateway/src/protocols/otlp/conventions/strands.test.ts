import { describe, expect, test } from "vitest";
import { decodeFixture } from "../fixtures/decode-fixture.ts";

/*
 * What strands-agents 1.62.0 exported, which has no vocabulary of its own: an agent with a tool, with
 * the message events of the GenAI conventions up to 1.36 as by default, and with those since on request.
 */

const call = { id: "call_1", type: "function", function: { name: "weather", arguments: '{"city":"Paris"}' } };

describe.each(["strands", "strands-latest"])("%s", (fixture) => {
  const { observations, traces } = decodeFixture(`${fixture}.json`).events;

  test("has an agent of cycles of requests and tools", () => {
    expect(observations.map(({ type, name }) => [type, name])).toEqual([
      ["AGENT", "invoke_agent forecast"],
      ["CHAIN", "execute_event_loop_cycle"],
      ["GENERATION", "chat"],
      ["TOOL", "weather"],
      ["CHAIN", "execute_event_loop_cycle"],
      ["GENERATION", "chat"],
    ]);
  });

  test("counts tokens once, whichever way they are spelled, and not on the agent", () => {
    const [agent, , chat] = observations;
    expect(chat?.usageDetails).toEqual({ input: 12, input_cached_tokens: 8, output: 9, total: 29 });
    for (const field of ["model", "usageDetails"]) expect(agent).not.toHaveProperty(field);
  });

  test("has the first token, in milliseconds", () => {
    const chat = observations[2];
    expect(((chat?.completionStartTimeUs ?? 0) - (chat?.startTimeUs ?? 0)) % 1_000).toBe(0);
    expect(chat?.completionStartTimeUs).toBeGreaterThan(chat?.startTimeUs ?? 0);
  });

  test("tells the trace what the agent was given to tell", () => {
    expect(Object.assign({}, ...traces)).toMatchObject({
      name: "invoke_agent forecast",
      userId: "ada",
      sessionId: "s-1",
      tags: ["beta"],
    });
  });
});

test("message events keep the content blocks of Bedrock", () => {
  const [agent, , chat] = decodeFixture("strands.json").events.observations;
  expect(chat).toMatchObject({
    input: [
      { role: "system", content: [{ text: "Be brief." }] },
      { role: "user", content: [{ text: "Weather in Paris?" }] },
    ],
    output: { role: "assistant", content: [{ toolUse: { name: "weather", input: { city: "Paris" } } }] },
  });
  expect(agent?.output).toEqual({ role: "assistant", content: "It is sunny in Paris.\n" });
});

test("several events with all details make one chat", () => {
  const [agent, cycle, chat, tool] = decodeFixture("strands-latest.json").events.observations;
  expect(agent).toMatchObject({
    input: [
      { role: "system", content: "Be brief." },
      { role: "user", content: "Weather in Paris?" },
    ],
    output: { role: "assistant", content: "It is sunny in Paris.\n" },
  });
  expect(chat).toMatchObject({ input: agent?.input, output: { role: "assistant", content: null, tool_calls: [call] } });
  expect(tool).toMatchObject({ input: { city: "Paris" }, output: [{ text: "21 degrees" }] });
  expect(cycle?.input).toEqual([
    { role: "user", content: "Weather in Paris?" },
    { role: "tool", tool_call_id: "call_1", content: [{ text: "21 degrees" }] },
  ]);
  for (const observation of [agent, cycle, chat]) expect(observation?.metadata).not.toHaveProperty("events");
});
