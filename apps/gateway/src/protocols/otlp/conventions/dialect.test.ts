import fc from "fast-check";
import { expect, test } from "vitest";
import { draftSpan } from "../span-draft.ts";
import type { Convention } from "./convention.ts";
import { allKnown, dialectOfAll, firstKnown } from "./dialect.ts";

const { span } = draftSpan({ attributes: new Map() }, { name: "", version: "", attributes: new Map() });

/** What a convention says of a field: nothing, that it does not know, or a text. */
const said = fc.option(fc.constantFrom(undefined, "a", "b"), { nil: null });

test("the first convention that knows a field gives it, and of metadata all are heard, the first one last", () => {
  const table = fc.record({ model: said, key: said });
  fc.assert(
    fc.property(fc.array(table, { maxLength: 5 }), (tables) => {
      const conventions = tables.map(({ model, key }, index): Convention => {
        const metadata = key === undefined ? undefined : { [`${key}`]: index };
        return {
          name: `${index}`,
          observation: {
            ...(model !== null && { model: () => model }),
            ...(key !== null && { metadata: () => metadata }),
          },
        };
      });
      const { observation } = dialectOfAll(conventions);
      const models = conventions.map((one) => one.observation?.model?.(span));
      expect(firstKnown(observation.model, span)).toBe(models.find((model) => model !== undefined));
      const metadata = conventions.toReversed().map((one) => one.observation?.metadata?.(span));
      expect(allKnown(observation.metadata, span)).toEqual(metadata.filter((one) => one !== undefined));
    }),
  );
});

test("a field that no convention has is not known", () => {
  const { observation, trace } = dialectOfAll([{ name: "silent" }]);
  expect(firstKnown(observation.model, span)).toBeUndefined();
  expect(allKnown(trace.metadata, span)).toEqual([]);
});
