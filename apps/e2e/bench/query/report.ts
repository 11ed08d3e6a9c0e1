import type { Latency, Measured } from "./measure.ts";

/** One data set's figures, the smaller first. */
export type ScaleResult = { readonly scale: number; readonly cases: readonly Measured[] };

/** Faster than this, a factor tells of the clock and the garbage collector, not of the query. */
const NOISE_MS = 2;
const GROWTH_BAR = 1.5;

/** p95 while observations are written, over p95 without. */
const WRITING_BAR = 2;

export type Row = Measured & {
  /** p50 here over p50 with ten times fewer rows. */
  readonly growth: number | undefined;
  /** While observations are written. */
  readonly writing: Latency | undefined;
  readonly verdict: string;
};

/** The largest data set's figures, with how they grew from the smallest, and what they are while observations are written. */
export function rowsOf(results: readonly ScaleResult[], whileWriting: readonly Measured[] = []): Row[] {
  const largest = results.at(-1);
  const smallest = results.length > 1 ? results[0] : undefined;
  const before = new Map(smallest?.cases.map((measured) => [measured.name, measured]));
  const busy = new Map(whileWriting.map((measured) => [measured.name, measured]));
  return (largest?.cases ?? []).map((measured) => {
    const writing = busy.get(measured.name);
    const small = before.get(measured.name);
    const growth = small && measured.p50 / small.p50;
    const misses = [
      ...(measured.p95 > measured.barMs ? [`p95 > ${measured.barMs} ms`] : []),
      ...(writing && writing.p95 > WRITING_BAR * measured.p95 && writing.p95 > NOISE_MS
        ? [`writing > ${WRITING_BAR} x`]
        : []),
      ...(growth !== undefined && growth > GROWTH_BAR && measured.p50 > NOISE_MS ? [`growth > ${GROWTH_BAR}`] : []),
    ];
    return { ...measured, growth, writing, verdict: misses.join(", ") };
  });
}

/** A table as text: milliseconds, one line a case; the last column names the bars that were missed. */
export function tableOf(rows: readonly Row[]): string {
  const header = ["query", "p50", "p95", "p99", "growth", "p95 while writing", "KB", ""];
  const lines = rows.map(({ name, p50, p95, p99, growth, writing, bytes, verdict }) => [
    name,
    ...[p50, p95, p99].map((ms) => ms.toFixed(1)),
    growth?.toFixed(2) ?? "-",
    writing?.p95.toFixed(1) ?? "-",
    (bytes / 1024).toFixed(0),
    verdict,
  ]);
  const widths = header.map((title, i) => Math.max(title.length, ...lines.map((line) => line[i]?.length ?? 0)));
  const text = (cells: readonly string[]) =>
    cells
      .map((cell, i) =>
        i === 0 || i === cells.length - 1 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0),
      )
      .join("  ")
      .trimEnd();
  return [header, ...lines].map(text).join("\n");
}
