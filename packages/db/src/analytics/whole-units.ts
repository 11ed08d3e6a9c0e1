/** Unix epoch microseconds: at or after, and before. */
type Range = { readonly fromUs: number; readonly toUs: number };

/** A range as whole hours or days, and the parts of its ends that these lack (1) or have too much (-1). */
export type WholeUnits = {
  readonly whole: Range;
  readonly edges: ReadonlyArray<Range & { readonly sign: 1 | -1 }>;
};

/**
 * Of the unit at either end the shorter part is named: what is asked for, to be added, or the rest, to be taken away.
 * After `nowUs` hardly anything is stored, so a rest there counts as short. `undefined` for a part of a single unit.
 */
export function wholeUnits({ fromUs, toUs }: Range, unitUs: number, nowUs: number): WholeUnits | undefined {
  const first = startOf(fromUs, unitUs);
  const last = startOf(toUs, unitUs);
  if (first === last && fromUs > first) return undefined;
  const edges: Array<WholeUnits["edges"][number]> = [];
  const whole = { fromUs: first, toUs: last };
  if (fromUs > first) {
    const takesRest = fromUs - first < unitUs / 2;
    if (!takesRest) whole.fromUs = first + unitUs;
    edges.push(takesRest ? { fromUs: first, toUs: fromUs, sign: -1 } : { fromUs, toUs: whole.fromUs, sign: 1 });
  }
  if (toUs > last) {
    const end = last + unitUs;
    const takesRest = Math.min(end, nowUs) - toUs < toUs - last;
    if (takesRest) whole.toUs = end;
    edges.push(takesRest ? { fromUs: toUs, toUs: end, sign: -1 } : { fromUs: last, toUs, sign: 1 });
  }
  return { whole, edges };
}

function startOf(timeUs: number, unitUs: number): number {
  return Math.floor(timeUs / unitUs) * unitUs;
}
