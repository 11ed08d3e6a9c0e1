import { stampOf, type JsonValue, type ScoreEvent } from "@xtrace/contract";
import { detailsOf } from "@xtrace/runtime";
import { refuseTooManyBad } from "../fields/rejections.ts";
import { toScoreEvent } from "./decode-entities.ts";
import { ScoreBody } from "./score-wire.ts";

export type DecodedScores = {
  readonly scores: readonly ScoreEvent[];
  /** One of each score that was refused: which it is, and which fields are wrong. Holds no value. */
  readonly errors: ReadonlyArray<{ readonly message: string }>;
};

/**
 * A list of scores, each of which stands or falls alone.
 *
 * `idAt` names a score that has no id by its place, so that a request sent again writes it once.
 */
export function decodeScores(
  body: readonly JsonValue[],
  { idAt, nowUs }: { readonly idAt: (position: number) => string; readonly nowUs: () => number },
): DecodedScores {
  const scores: ScoreEvent[] = [];
  const errors: Array<{ message: string }> = [];
  for (const [index, item] of body.entries()) {
    const parsed = ScoreBody.safeParse(item);
    if (parsed.success) {
      const timeUs = nowUs();
      scores.push(toScoreEvent(parsed.data, { id: parsed.data.id ?? idAt(index), timeUs, stamp: stampOf(timeUs) }));
    } else {
      const fields = detailsOf(parsed.error).map(
        ({ path, message }) => `${path === "" ? index : `${index}.${path}`}: ${message}`,
      );
      errors.push({ message: fields.join("; ") });
      refuseTooManyBad(errors.length);
    }
  }
  return { scores, errors };
}
