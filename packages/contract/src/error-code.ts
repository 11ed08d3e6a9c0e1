import { z } from "zod";

/**
 * Every failure a caller can act on: our code, its HTTP status, and the error class name that
 * Langfuse's clients know it by. Add one only with a documented client reaction.
 *
 * Sources: the Rust system's error codes; Langfuse's error classes.
 */
export const ERROR_CODES = {
  BAD_REQUEST: { status: 400, error: "InvalidRequestError" },
  INVALID_JSON: { status: 400, error: "InvalidRequestError" },
  TOO_DEEP: { status: 400, error: "InvalidRequestError" },
  NON_FINITE: { status: 400, error: "InvalidRequestError" },
  UNAUTHORIZED: { status: 401, error: "UnauthorizedError" },
  FORBIDDEN: { status: 403, error: "ForbiddenError" },
  NOT_FOUND: { status: 404, error: "LangfuseNotFoundError" },
  METHOD_NOT_ALLOWED: { status: 405, error: "MethodNotAllowedError" },
  CONFLICT: { status: 409, error: "LangfuseConflictError" },
  PAYLOAD_TOO_LARGE: { status: 413, error: "PayloadTooLargeError" },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, error: "InvalidRequestError" },
  TOO_MANY_REQUESTS: { status: 429, error: "RateLimitExceededError" },
  INTERNAL_ERROR: { status: 500, error: "InternalServerError" },
  SERVICE_UNAVAILABLE: { status: 503, error: "ServiceUnavailableError" },
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** A field of a request, and what is wrong with it. */
export const ErrorDetail = z.object({ path: z.string(), message: z.string() });
export type ErrorDetail = Readonly<z.infer<typeof ErrorDetail>>;

/** A part of a request that does not fit its description, as zod tells of it. */
export type ErrorIssue = {
  readonly code: string;
  readonly path: ReadonlyArray<string | number>;
  readonly message: string;
};

/** The body of every error answer, but of OTLP's, which are a `google.rpc.Status`. */
export type ErrorBody = {
  readonly message: string;
  /** The class of the error, or what is wrong with the request, as Langfuse's clients know them. */
  readonly error: string | readonly ErrorIssue[];
  readonly code: ErrorCode;
  readonly requestId?: string;
  readonly details?: readonly ErrorDetail[];
};
