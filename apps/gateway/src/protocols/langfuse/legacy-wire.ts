import { JsonValue } from "@xtrace/contract";
import { z } from "zod";
import { observationFields } from "./wire.ts";
import { EntityId } from "./wire-id.ts";

/*
 * Single writes, as clients before version 2 sent them. What the path says is not in the body: its type.
 *
 * Source: Langfuse's public API, `/api/public/spans`, `/generations` and `/events`.
 */

/** A span or an event. */
export const LegacyObservationBody = z.object(observationFields).omit({ type: true });

/** What is a generation's input and output today was its prompt and completion. */
const LegacyGeneration = LegacyObservationBody.extend({
  prompt: JsonValue.optional(),
  completion: JsonValue.optional(),
});

export const LegacyGenerationBody = LegacyGeneration.transform(withInputAndOutput);

export const LegacySpanUpdateBody = LegacyObservationBody.omit({ id: true })
  .extend({ spanId: EntityId })
  .transform(({ spanId, ...body }) => ({ ...body, id: spanId }));

export const LegacyGenerationUpdateBody = LegacyGeneration.omit({ id: true })
  .extend({ generationId: EntityId })
  .transform(({ generationId, ...body }) => ({ ...withInputAndOutput(body), id: generationId }));

type Spoken = Pick<z.infer<typeof LegacyGeneration>, "prompt" | "completion" | "input" | "output">;

function withInputAndOutput<T extends Spoken>({ prompt, completion, ...body }: T) {
  return { ...body, input: body.input ?? prompt, output: body.output ?? completion };
}
