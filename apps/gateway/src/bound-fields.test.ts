import { LIMITS, noEvents, type CanonicalEvents, type JsonValue } from "@xtrace/contract";
import { expect, test } from "vitest";
import { boundFields } from "./bound-fields.ts";

const LONG = LIMITS.maxFieldLength + 1_000;
const mark = (length: number) => `… [xtrace: cut, was ${length} characters]`;

function observation(fields: { input?: JsonValue; metadata?: { [key: string]: JsonValue } }): CanonicalEvents {
  return { ...noEvents(), observations: [{ id: "o", traceId: "t", stamp: 1, ...fields }] };
}

test("cuts a long text, and says how long it was", () => {
  const { events, truncated } = boundFields(observation({ input: "x".repeat(LONG) }), LONG);
  const input = events.observations[0]?.input as string;
  expect([truncated, input.length]).toEqual([1, LIMITS.maxFieldLength + mark(LONG).length]);
  expect(input.endsWith(`x${mark(LONG)}`)).toBe(true);
});

test("cuts what is no text as its JSON, and leaves an object an object", () => {
  const value = { a: "x".repeat(LONG), b: [1] };
  const { events, truncated } = boundFields(observation({ input: value, metadata: value }), 2 * LONG);
  const [event] = events.observations;
  expect(truncated).toBe(2);
  expect(event?.input).toMatch(/^\{"a":"xxx/);
  expect(event?.metadata).toEqual({ metadata: event?.input });
  expect(event).toMatchObject({ id: "o", traceId: "t", stamp: 1 });
});

test("leaves alone what fits, and looks at nothing in a body that is no longer than a field", () => {
  const fits = observation({ input: "x".repeat(LIMITS.maxFieldLength) });
  expect(boundFields(fits, LONG).events).toBe(fits);
  const unseen = observation({ input: "x".repeat(LONG) });
  expect(boundFields(unseen, LIMITS.maxFieldLength).events).toBe(unseen);
});
