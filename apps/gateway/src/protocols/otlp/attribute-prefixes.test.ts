import fc from "fast-check";
import { expect, test } from "vitest";
import { mayHoldBelow, prefixBitsOfAll } from "./attribute-prefixes.ts";

const segment = fc.constantFrom("gen_ai", "ai", "llm", "0", "", "a", "usage", "é");
const dotted = fc.array(segment, { minLength: 1, maxLength: 5 }).map((segments) => segments.join("."));

test("nothing that is below a prefix is overlooked", () => {
  fc.assert(
    fc.property(fc.array(dotted, { maxLength: 8 }), dotted, (names, start) => {
      const prefix = `${start}.`;
      const isThere = names.some((name) => name.startsWith(prefix));
      expect(!isThere || mayHoldBelow(prefixBitsOfAll(names), prefix)).toBe(true);
    }),
    { numRuns: 5_000 },
  );
});

test("nothing is below any prefix where no name has a dot", () => {
  expect(mayHoldBelow(prefixBitsOfAll(["input", "output", "gen_ai"]), "gen_ai.")).toBe(false);
});

test("a span of one vocabulary is hardly ever taken for one of another", () => {
  const names = ["langfuse.observation.input", "langfuse.observation.metadata.a", "langfuse.trace.name", "user.id"];
  const others = ["gen_ai.usage.", "gen_ai.prompt.", "llm.token_count.", "llm.tools.", "ai.settings.context."];
  const bits = prefixBitsOfAll(names);
  expect(others.filter((prefix) => mayHoldBelow(bits, prefix))).toEqual([]);
});
