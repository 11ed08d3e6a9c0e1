import type { OtlpSpan } from "../otlp-span.ts";
import type { Convention, ObservationFields, Reader, Readers, TraceFields } from "./convention.ts";

/** How a span is read that speaks several conventions: of each field their readers, the first to be asked first. */
export type Dialect = {
  readonly observation: ReadersInOrder<ObservationFields>;
  readonly trace: ReadersInOrder<TraceFields>;
  readonly sumsItsChildren: ReadonlyArray<NonNullable<Convention["sumsItsChildren"]>>;
  readonly isMapped: ReadonlyArray<NonNullable<Convention["isMapped"]>>;
};

type ReadersInOrder<Fields> = { readonly [F in keyof Fields]?: ReadonlyArray<Reader<Fields[F]>> };

export function dialectOfAll(conventions: readonly Convention[]): Dialect {
  return {
    observation: inOrder(conventions.map(({ observation }) => observation)),
    trace: inOrder(conventions.map(({ trace }) => trace)),
    sumsItsChildren: conventions.map((one) => one.sumsItsChildren).filter((one) => one !== undefined),
    isMapped: conventions.map((one) => one.isMapped).filter((one) => one !== undefined),
  };
}

function inOrder<Fields>(tables: ReadonlyArray<Readers<Fields> | undefined>): ReadersInOrder<Fields> {
  const readers: { [F in keyof Fields]?: Array<Reader<Fields[F]>> } = {};
  for (const table of tables) {
    for (const field in table) {
      const read = table[field];
      if (read) (readers[field] ??= []).push(read);
    }
  }
  return readers;
}

/** What the first reader says that knows it. */
export function firstKnown<T>(readers: ReadonlyArray<Reader<T>> | undefined, span: OtlpSpan): T | undefined {
  if (readers === undefined) return undefined;
  for (const read of readers) {
    const known = read(span);
    if (known !== undefined) return known;
  }
  return undefined;
}

/** What they all say, the weakest first, so that it can be written over. */
export function allKnown<T>(readers: ReadonlyArray<Reader<T>> | undefined, span: OtlpSpan): readonly T[] {
  const known: T[] = [];
  for (const read of readers?.toReversed() ?? []) {
    const said = read(span);
    if (said !== undefined) known.push(said);
  }
  return known;
}
