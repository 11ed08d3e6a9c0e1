import { ERROR_CODES, type ErrorBody, type ErrorCode, type ErrorDetail } from "@xtrace/contract";

/**
 * An expected failure with a stable code. Anything else that is thrown is a bug: it is logged
 * with its stack and the caller sees a bare 500.
 */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: ErrorCode;
  /** Where and why, field by field. Never holds a value of the payload. */
  readonly details: readonly ErrorDetail[];
  /** Seconds after which a retry makes sense; sent as Retry-After. */
  readonly retryAfterSeconds: number | undefined;
  /** Sent with the answer, such as what would have been accepted. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: ErrorCode,
    message: string,
    options: {
      cause?: unknown;
      details?: readonly ErrorDetail[];
      retryAfterSeconds?: number;
      headers?: Readonly<Record<string, string>>;
    } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.details = options.details ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.headers = options.headers ?? {};
  }

  get status() {
    return ERROR_CODES[this.code].status;
  }

  toBody(requestId?: string): ErrorBody {
    return {
      message: this.message,
      error: ERROR_CODES[this.code].error,
      code: this.code,
      ...(requestId === undefined ? {} : { requestId }),
      ...(this.details.length === 0 ? {} : { details: this.details }),
    };
  }
}
