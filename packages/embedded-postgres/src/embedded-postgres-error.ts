export type EmbeddedPostgresErrorCode =
  /** No binaries for this platform, or the optional package with them is not installed. */
  | "BINARIES_MISSING"
  | "BINARIES_UNUSABLE"
  /** We are root, PostgreSQL refuses to be, and no other user can be had. */
  | "NO_SERVER_USER"
  | "PORT_BUSY"
  | "DATA_DIR_UNREACHABLE"
  | "DATA_DIR_NOT_WRITABLE"
  | "DATA_DIR_BROKEN"
  | "DATA_DIR_WRONG_VERSION"
  | "DATA_DIR_IN_USE"
  | "INIT_FAILED"
  | "START_FAILED"
  | "START_TIMEOUT";

/** A failure whose message tells whoever runs the process what is wrong, and what to do where that is known. */
export class EmbeddedPostgresError extends Error {
  override readonly name = "EmbeddedPostgresError";
  readonly code: EmbeddedPostgresErrorCode;

  constructor(code: EmbeddedPostgresErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
  }
}
