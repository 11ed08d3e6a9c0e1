import { expect, test } from "vitest";
import type { JsonValue } from "@xtrace/contract";
import { chatInput, chatOutput, withTools } from "./chat-messages.ts";

const input = (value: JsonValue) => chatInput({ value })?.value;
const output = (value: JsonValue) => chatOutput({ value });

const call = { id: "c", type: "function", function: { name: "f", arguments: '{"a":1}' } };

test("parts of text are text when there is one, and parts of a message when there are more", () => {
  const text = (content: string) => ({ type: "text", content });
  expect(input([{ role: "user", parts: [text("Hi")], name: "ada" }])).toEqual([
    { role: "user", content: "Hi", name: "ada" },
  ]);
  const picture = { type: "uri", modality: "image", uri: "https://x/y.png" };
  expect(input([{ role: "user", parts: [text("What is it?"), picture] }])).toEqual([
    { role: "user", content: [{ type: "text", text: "What is it?" }, picture] },
  ]);
  expect(input([{ role: "user", parts: [] }])).toEqual([{ role: "user", content: "" }]);
});

test("calls of tools are OpenAI's, and their results a message each", () => {
  expect(
    input([
      { role: "assistant", parts: [{ type: "tool_call", id: "c", name: "f", arguments: { a: 1 } }] },
      {
        role: "tool",
        parts: [
          { type: "tool_call_response", id: "c", response: { celsius: 21 } },
          { type: "tool_call_response", id: "d", result: "older" },
        ],
      },
    ]),
  ).toEqual([
    { role: "assistant", content: null, tool_calls: [call] },
    { role: "tool", tool_call_id: "c", content: { celsius: 21 } },
    { role: "tool", tool_call_id: "d", content: "older" },
  ]);
});

test("what a model thought stands beside what it said", () => {
  const thought = { type: "reasoning", content: "Hm." };
  expect(output([{ role: "assistant", parts: [thought, { type: "text", content: "Yes." }] }])?.value).toEqual({
    role: "assistant",
    content: [thought, { type: "text", text: "Yes." }],
  });
});

test("one answer is a message, several are a list, and why they ended is kept aside", () => {
  const answer = (index: number) => ({ role: "assistant", index, finish_reason: "stop", content: "a" });
  expect(output([answer(0)])).toEqual({
    value: { role: "assistant", content: "a" },
    aside: { finish_reasons: ["stop"] },
  });
  expect(output([answer(0), { role: "assistant", content: "b" }])).toEqual({
    value: [
      { role: "assistant", content: "a" },
      { role: "assistant", content: "b" },
    ],
    aside: { finish_reasons: ["stop", null] },
  });
});

test("a choice gives the message in it", () => {
  const choice = { role: "assistant", index: 0, message: { role: "assistant", content: "", tool_calls: [call] } };
  expect(output(choice)?.value).toEqual({ role: "assistant", content: null, tool_calls: [call] });
});

test("messages in OpenAI's shape stay as they are", () => {
  const messages = [
    { role: "user", content: [{ type: "text", text: "Hi" }] },
    { role: "assistant", content: null, tool_calls: [call] },
    { role: "tool", content: '{"celsius":21}', tool_call_id: "c" },
    { role: "assistant", content: "", refusal: "no" },
  ];
  expect(input(messages)).toEqual(messages);
});

test.each<JsonValue>(["Hi", 1, null, { index: 1, message: "x" }, [{ message: "x", finish_reason: "y" }], ["a"], []])(
  "%j is no message and stays as it is",
  (value) => {
    expect(input(value)).toEqual(value);
    expect(output(value)).toEqual({ value });
  },
);

test("tools stand beside messages, and beside nothing else", () => {
  const tools = { value: [{ type: "function" }], attributes: ["tools"] };
  const messages = { value: [{ role: "user" }], attributes: ["messages"] };
  expect(withTools(messages, tools)).toEqual({
    value: { messages: messages.value, tools: tools.value },
    attributes: ["messages", "tools"],
  });
  expect(withTools({ value: "Hi" }, tools)).toEqual({ value: "Hi" });
  expect(withTools(messages, undefined)).toBe(messages);
  expect(withTools(undefined, tools)).toBeUndefined();
});
