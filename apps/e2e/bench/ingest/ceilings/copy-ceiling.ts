import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import postgres, { type Sql } from "postgres";

/** Rows a second through one connection, committed. */
export type CopyCeiling = {
  /** A statement and a commit for every 200 rows, as the worker has one a batch. */
  readonly chunked: number;
  /** All in one statement. */
  readonly single: number;
};

const CHUNK_ROWS = 200;
const TABLE = "bench_copy";

/**
 * Question: how fast does this server take the rows of the run just measured, when nobody merges,
 * decodes or queues them? The table has the columns, indexes, settings and foreign key of
 * `observations`; the traces are there already.
 */
export async function measureCopyCeiling(databaseUrl: string): Promise<CopyCeiling> {
  const chunks = await readRows(databaseUrl);
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {}, socket: () => connectAtOnce(databaseUrl) } as object);
  try {
    const rows = chunks.reduce((sum, chunk) => sum + chunk.rows, 0);
    const timed = async (statements: ReadonlyArray<readonly Chunk[]>) => {
      await createEmptyCopy(sql);
      await sql`CHECKPOINT`;
      const startedAt = performance.now();
      for (const statement of statements) await copyIn(sql, statement);
      return (rows * 1_000) / (performance.now() - startedAt);
    };
    const chunked = await timed(chunks.map((chunk) => [chunk]));
    const single = await timed([chunks]);
    await sql.unsafe(`DROP TABLE ${TABLE}`);
    return { chunked, single };
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/**
 * The driver leaves Nagle's algorithm on. PostgreSQL answers nothing while it takes a COPY, so the end of every chunk
 * would wait 40 ms for a delayed acknowledgement, and the ceiling would be a tenth of what it is.
 */
async function connectAtOnce(databaseUrl: string): Promise<Socket> {
  const { hostname, port } = new URL(databaseUrl);
  const socket = connect({ host: hostname, port: Number(port || 5432), noDelay: true });
  await once(socket, "connect");
  return socket;
}

type Chunk = { readonly text: string; readonly rows: number };

/** In the order in which they were stored, in COPY's text form: a row a line. */
async function readRows(databaseUrl: string): Promise<readonly Chunk[]> {
  const chunks: Chunk[] = [];
  const decoder = new TextDecoder();
  let lines: string[] = [];
  let rest = "";
  // A connection for this alone: the driver may leave it paused behind a stream that has ended.
  const sql = postgres(databaseUrl, { max: 1 });
  try {
    const stream = await sql.unsafe("COPY (SELECT * FROM observations ORDER BY ctid) TO STDOUT").readable();
    for await (const part of stream) {
      const found = (rest + decoder.decode(part as Buffer, { stream: true })).split("\n");
      rest = found.pop() ?? "";
      for (const line of found) {
        lines.push(line);
        if (lines.length < CHUNK_ROWS) continue;
        chunks.push(chunkOf(lines));
        lines = [];
      }
    }
  } finally {
    await sql.end({ timeout: 0 });
  }
  return lines.length > 0 ? [...chunks, chunkOf(lines)] : chunks;
}

function chunkOf(lines: readonly string[]): Chunk {
  return { text: `${lines.join("\n")}\n`, rows: lines.length };
}

async function createEmptyCopy(sql: Sql): Promise<void> {
  await sql.unsafe(`DROP TABLE IF EXISTS ${TABLE}`);
  await sql.unsafe(`CREATE TABLE ${TABLE} (LIKE observations INCLUDING ALL)`);
  await sql.unsafe(
    `ALTER TABLE ${TABLE} ADD FOREIGN KEY (project_id, trace_id) REFERENCES traces (project_id, id) ON DELETE CASCADE`,
  );
  const [options] = await sql<Array<{ list: string | null }>>`
    SELECT array_to_string(reloptions, ', ') AS list FROM pg_class WHERE oid = 'observations'::regclass`;
  if (options?.list) await sql.unsafe(`ALTER TABLE ${TABLE} SET (${options.list})`);
}

async function copyIn(sql: Sql, chunks: readonly Chunk[]): Promise<void> {
  const stream: Writable = await sql.unsafe(`COPY ${TABLE} FROM STDIN`).writable();
  await pipeline(Readable.from(chunks.map(({ text }) => text)), stream);
}
