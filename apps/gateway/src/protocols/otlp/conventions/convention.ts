import type { JsonObject, JsonValue, ObservationLevel, ObservationType } from "@xtrace/contract";
import type { OtlpEvent, OtlpSpan } from "../otlp-span.ts";

/**
 * How one vocabulary of span attributes is read: a table from our fields to where they stand in it.
 *
 * Conventions are asked in the order of CONVENTIONS (precedence.ts), each field on its own, and the
 * first that knows a value gives it. A new convention is a file like its neighbours and a line there.
 */
export type Convention = {
  readonly name: string;
  /**
   * The first segments of the attribute and event names that it reads, or of the names of its scopes.
   * A span without any of them does not speak it and is not asked. Left out: every span speaks it.
   */
  readonly namespaces?: readonly string[];
  readonly observation?: Readers<ObservationFields>;
  /** What the span says about its trace explicitly, whatever its place in the trace. */
  readonly trace?: Readers<TraceFields>;
  /**
   * Whether model, usage and cost on the span repeat those of its children: counted again, they
   * would double the cost of the trace.
   */
  readonly sumsItsChildren?: (span: OtlpSpan) => boolean;
  /** Attributes that our fields repeat in full, so that metadata need not. */
  readonly isMapped?: (attribute: string, span: OtlpSpan) => boolean;
};

/** `undefined` where the span says nothing. Pure and total. */
export type Reader<T> = (span: OtlpSpan) => T | undefined;

export type Readers<Fields> = { readonly [F in keyof Fields]?: Reader<Fields[F]> };

export type ObservationFields = {
  type: ObservationType;
  /** Asked when no convention knows the type: what the other attributes imply. */
  impliedType: ObservationType;
  name: string;
  level: ObservationLevel;
  statusMessage: string;
  version: string;
  environment: string;
  model: string;
  modelParameters: JsonObject;
  usageDetails: Amounts;
  costDetails: Amounts;
  completionStartUs: number;
  prompt: { readonly name: string; readonly version: string };
  /** Keys that stand beside `attributes` in the stored metadata. Those of all conventions are united. */
  metadata: JsonObject;
  input: Payload;
  output: Payload;
};

export type TraceFields = {
  name: string;
  userId: string;
  sessionId: string;
  release: string;
  version: string;
  environment: string;
  public: boolean;
  tags: readonly string[];
  /** Those of all conventions are united. */
  metadata: JsonObject;
  input: JsonValue;
  output: JsonValue;
  /** What the root of a trace is to call it, where that is not the root's own name. */
  rootName: string;
};

/** Non-negative numbers by key. */
export type Amounts = { readonly [key: string]: number };

/** A value together with where it stood, so that metadata does not store it a second time. */
export type Payload = {
  readonly value: JsonValue;
  readonly attributes?: readonly string[];
  readonly events?: readonly OtlpEvent[];
  /** What stood there and is no part of the value. Goes beside `attributes` in the metadata. */
  readonly aside?: JsonObject;
};
