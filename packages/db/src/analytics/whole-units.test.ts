import fc from "fast-check";
import { expect, test } from "vitest";
import { wholeUnits } from "./whole-units.ts";

const UNIT = 24;
const NEVER = -1_000;

test.each([
  [[24, 72], { whole: [24, 72], edges: [] }],
  [
    [25, 73],
    {
      whole: [24, 72],
      edges: [
        [24, 25, -1],
        [72, 73, 1],
      ],
    },
  ],
  [
    [47, 71],
    {
      whole: [48, 72],
      edges: [
        [47, 48, 1],
        [71, 72, -1],
      ],
    },
  ],
  [[24, 47], { whole: [24, 48], edges: [[47, 48, -1]] }],
  [[24, 25], { whole: [24, 24], edges: [[24, 25, 1]] }],
] as const)("splits %j", ([fromUs, toUs], { whole, edges }) => {
  expect(wholeUnits({ fromUs, toUs }, UNIT, 1_000)).toEqual({
    whole: { fromUs: whole[0], toUs: whole[1] },
    edges: edges.map((edge) => ({ fromUs: edge[0], toUs: edge[1], sign: edge[2] })),
  });
});

test("takes the rest of the unit that is now away, however long it is", () => {
  expect(wholeUnits({ fromUs: 24, toUs: 50 }, UNIT, 50)).toEqual({
    whole: { fromUs: 24, toUs: 72 },
    edges: [{ fromUs: 50, toUs: 72, sign: -1 }],
  });
});

test("leaves a part of a single unit alone", () => {
  expect(wholeUnits({ fromUs: 25, toUs: 47 }, UNIT, NEVER)).toBeUndefined();
});

test("names every moment of the range once, and no other", () => {
  const moment = fc.integer({ min: -100, max: 100 });
  fc.assert(
    fc.property(moment, fc.integer({ min: 1, max: 100 }), moment, (fromUs, length, nowUs) => {
      const toUs = fromUs + length;
      const split = wholeUnits({ fromUs, toUs }, UNIT, nowUs);
      if (!split) return;
      const { whole, edges } = split;
      expect([whole.fromUs % UNIT, whole.toUs % UNIT].map(Math.abs)).toEqual([0, 0]);
      expect(whole.fromUs).toBeLessThanOrEqual(whole.toUs);
      for (let at = fromUs - 2 * UNIT; at < toUs + 2 * UNIT; at += 1) {
        const named = [{ ...whole, sign: 1 }, ...edges].filter((part) => part.fromUs <= at && at < part.toUs);
        const times = named.reduce((sum, { sign }) => sum + sign, 0);
        expect([at, times]).toEqual([at, at >= fromUs && at < toUs ? 1 : 0]);
      }
    }),
  );
});
