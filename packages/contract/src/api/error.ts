import { z } from "zod";
import { ERROR_CODES, ErrorDetail, type ErrorCode } from "../error-code.ts";

const ErrorIssue = z.object({
  code: z.string(),
  path: z.array(z.union([z.string(), z.number()])),
  message: z.string(),
});

const ErrorFields = z.object({
  message: z.string(),
  error: z
    .union([z.string(), z.array(ErrorIssue)])
    .describe(
      "The error's class, as Langfuse's clients know it; what is wrong, where a request is not as described here.",
    ),
  code: z.enum(Object.keys(ERROR_CODES) as ErrorCode[]),
  requestId: z.string().optional(),
  details: z.array(ErrorDetail).optional(),
});

/** `ErrorBody`, for the API description. */
export const ErrorAnswer = ErrorFields.meta({ id: "Error" });

/** Of reads: with the `meta.rate_limit` that clients of the Rust system look for. */
export const ReadLimitAnswer = ErrorFields.extend({
  meta: z.object({
    rate_limit: z.object({ remaining: z.int(), reset_at: z.iso.datetime() }),
  }),
}).meta({ id: "ReadLimitError" });

/** Of a batch of Langfuse's that is refused whole: with the list of messages that its clients look for. */
export const IngestionRefusal = ErrorFields.extend({ errors: z.array(z.string()).optional() }).meta({
  id: "IngestionError",
});
