import { z } from "zod";

/*
 * Zod's `.min()` and `.max()` of texts and arrays measure whatever has a `length`, also what was found to be neither,
 * and throw on `{"length":{"toString":1}}`. What strangers send is therefore measured by these, which run
 * after the type was checked.
 */

export const NonEmptyText = z.string().refine((text) => text.length > 0, { error: "expected at least one character" });

/** For `.refine()`, of texts and arrays. */
export function atMost(maxLength: number) {
  return [
    ({ length }: { readonly length: number }) => length <= maxLength,
    { error: `longer than ${maxLength}` },
  ] as const;
}
