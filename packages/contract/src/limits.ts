/** Bounds on what one request may carry. Sizes are in bytes, lengths in UTF-16 code units. */
export const LIMITS = {
  /** The Rust system's default for XTRACE_MAX_REQUEST_BODY_BYTES. */
  maxBodyBytes: 20 * 1024 * 1024,
  /** After decompression; the bound that OTLP recommends. Source: OTLP 1.x, "Maximum message size". */
  maxInflatedBytes: 64 * 1024 * 1024,
  /** `JSON.stringify` overflows the stack at a few thousand levels on Node 20, so parse refuses long before. */
  maxJsonDepth: 128,
  /** Values in one JSON body. A full batch of ordinary events has some tens of thousands. */
  maxJsonValues: 1_000_000,
  /** The longest id that Langfuse accepts. */
  maxIdLength: 800,
  /** Longer names, users and sessions are cut: they are indexed, and a B-tree entry ends at 2,704 bytes. */
  maxNameLength: 512,
  /** A longer input, output or other value is cut. */
  maxFieldLength: 2 * 1024 * 1024,
  /** Beyond it the text of a TEXT score is a comment, not a score. Source: Langfuse. */
  maxScoreTextLength: 500,
  maxTagLength: 200,
  maxTags: 100,
  maxAttributesPerSpan: 1_000,
  /** Keys of one metadata object at all depths. Each may have to remember its own write, so they cost more than their bytes. */
  maxMetadataKeys: 5_000,
  maxMetricLabels: 64,
  /** A job beyond this is split; BullMQ renews a job's lock from the same event loop that parses it. */
  maxJobBytes: 1024 * 1024,
  maxJobEvents: 200,
} as const;
