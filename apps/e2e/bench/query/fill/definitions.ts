import { END, SIZES, traceCountOf, type FillSettings } from "../settings.ts";

/**
 * Functions that the statements of the fill are written with, gone with the session.
 *
 * `u(i, k)` is the k-th uniform number of row i, in [0, 1): a hash, so that a row is the same whatever
 * is made before it. `skewed(n, a, u)` picks one of n: the first gets `n ^ (-1/a)` of all.
 */
export function definitions(settings: FillSettings): string[] {
  const traces = traceCountOf(settings);
  const seed = settings.seed * 1_000;
  return [
    `create function pg_temp.u(i bigint, k int) returns double precision language sql immutable as
      $$ select (hashint8extended(i, k + ${seed}) & 4503599627370495)::double precision / 4503599627370496 $$`,
    `create function pg_temp.skewed(n int, a double precision, u double precision) returns int language sql immutable as
      $$ select floor(n * power(u, a))::int $$`,
    // Ids as they come: a UUID from one half of the clients, hex digits from the other.
    `create function pg_temp.long_id(i bigint, kind text) returns text language sql immutable as
      $$ select case when i % 2 = 0 then md5(kind || i || ':${seed}') else md5(kind || i || ':${seed}')::uuid::text end $$`,
    `create function pg_temp.short_id(i bigint, kind text) returns text language sql immutable as
      $$ select case when i % 2 = 0 then left(md5(kind || i || ':${seed}'), 16) else md5(kind || i || ':${seed}')::uuid::text end $$`,
    `create function pg_temp.words(i bigint, bytes int) returns text language sql immutable as
      $$ select left(repeat(translate(md5(i::text), '0123456789', 'ghij klmno') || ' ', bytes / 33 + 1), bytes) $$`,
    // Time grows with the number, a little out of order, as clients deliver.
    `create function pg_temp.trace_time(i bigint) returns timestamptz language sql immutable as
      $$ select timestamptz '${END}' - interval '1 minute'
           - (${settings.days * 86_400 - 120}::double precision * (1 - i / ${traces}::double precision)) * interval '1 second'
           - floor(pg_temp.u(i, 1) * 30000000) * interval '1 microsecond' $$`,
  ];
}

/** One row a trace with what its observations and scores need to know of it. */
export function traceSeeds(settings: FillSettings): string {
  const traces = traceCountOf(settings);
  const users = Math.max(Math.round(SIZES.users * settings.scale), 100);
  return `
    create temp table seeds on commit preserve rows as
    select i, pg_temp.long_id(i, 'trace') as id, pg_temp.trace_time(i) as timestamp,
      pg_temp.skewed(${users}, 2, pg_temp.u(i, 2)) as user_no,
      pg_temp.skewed(${SIZES.names}, 2.2, pg_temp.u(i, 3)) as name_no,
      pg_temp.u(i, 4) as environment_u,
      1 + floor(pg_temp.u(i, 5) * 9)::int as observations
    from generate_series(1::bigint, ${traces}) i`;
}
