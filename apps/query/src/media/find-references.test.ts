import { expect, test } from "vitest";
import { findReferences } from "./find-references.ts";

const reference = (id: string) => `@@@langfuseMedia:type=image/png|id=${id}|source=bytes@@@`;

test.each([
  [reference("a"), [["a", "$"]]],
  [
    { image: reference("a"), rest: [1, { text: `see ${reference("b")} and ${reference("c")}` }] },
    [
      ["a", "$['image']"],
      ["b", "$['rest'][1]['text']"],
      ["c", "$['rest'][1]['text']"],
    ],
  ],
  [{ "it's": { "\\": reference("a") } }, [["a", String.raw`$['it\'s']['\\']`]]],
  ["@@@langfuseMedia:type=image/png|source=bytes@@@ @@@langfuseMedia:@@@ @@@", []],
  [null, []],
  [7, []],
])("%j", (value, expected) => {
  const found = findReferences(value);
  expect(found.map(({ mediaId, jsonPath }) => [mediaId, jsonPath])).toEqual(expected);
  for (const { referenceString, mediaId } of found) expect(referenceString).toBe(reference(mediaId));
});

test("names a hundred at most", () => {
  expect(findReferences(Array.from({ length: 150 }, (_, n) => reference(`m${n}`)))).toHaveLength(100);
  expect(findReferences(reference("x").repeat(150))).toHaveLength(100);
});
