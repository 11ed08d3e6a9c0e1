import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import * as zlib from "node:zlib";
import { AppError } from "./app-error.ts";
import { codeOf } from "./error-info.ts";

/** Zlib's own sixteen kilobytes would be four thousand turns of the event loop for a bomb. */
const COUNTED_CHUNK_BYTES = 256 * 1024;

export type Compression = "gzip" | "deflate" | "zstd";

/** Node.js has it since 22.15, and its type definitions for 20 do not. */
type Zstd = { readonly zstdDecompress: typeof zlib.gunzip; readonly createZstdDecompress: typeof zlib.createGunzip };
const zstd = "zstdDecompress" in zlib ? (zlib as unknown as Zstd) : undefined;

const whole = {
  gzip: promisify(zlib.gunzip),
  deflate: promisify(zlib.inflate),
  ...(zstd && { zstd: promisify(zstd.zstdDecompress) }),
};
const streamed = {
  gzip: zlib.createGunzip,
  deflate: zlib.createInflate,
  ...(zstd && { zstd: zstd.createZstdDecompress }),
};

/** What this Node.js can inflate. */
export const COMPRESSIONS = Object.keys(whole) as readonly Compression[];

/** Each chunk of what comes out is a job for another thread, with two buffers. Zlib makes them this large unless told otherwise. */
const MIN_CHUNK_BYTES = 16 * 1024;
/** What is set aside for one chunk on the word of its sender alone. */
const MAX_CHUNK_BYTES = 1024 * 1024;

/** The most that deflate can make of one byte. Of zstd there is no such bound. */
const MAX_RATIO = 1_032;
/** What may be held in memory on the word of its sender alone. */
const HARMLESS_BYTES = 8 * 1024 * 1024;

/**
 * Inflates to `maxBytes` at most, off the event loop. Throws PAYLOAD_TOO_LARGE beyond that, BAD_REQUEST for a broken stream.
 *
 * A bomb is refused without being held in memory: gzip ends with the size of what it holds, which is believed where it is
 * too much, and no more than that is taken at first. Where it cannot be true, or is missing as in deflate, the data
 * is inflated to nowhere and counted before.
 */
export async function inflateBody(raw: Buffer, compression: Compression, maxBytes: number): Promise<Buffer> {
  const isHarmless = compression !== "zstd" && raw.length * MAX_RATIO <= HARMLESS_BYTES;
  const announced = compression === "gzip" && raw.length >= 4 ? raw.readUInt32LE(raw.length - 4) : 0;
  if (announced > maxBytes && announced <= raw.length * MAX_RATIO) throw tooLarge(maxBytes);
  const expected = isHarmless ? maxBytes : announced;
  const chunkSize = chunkSizeFor(announced);
  if (expected > 0 && expected <= maxBytes) {
    const inflated = await inflateUpTo(raw, compression, { maxOutputLength: expected, chunkSize });
    if (inflated) return inflated;
    if (isHarmless) throw tooLarge(maxBytes);
  }
  await count(raw, compression, maxBytes);
  const inflated = await inflateUpTo(raw, compression, { maxOutputLength: maxBytes, chunkSize });
  if (!inflated) throw tooLarge(maxBytes);
  return inflated;
}

/** All in one chunk, as a rule. Zlib goes for another when one is full, hence a byte more. */
function chunkSizeFor(announced: number): number {
  return Math.min(Math.max(announced + 1, MIN_CHUNK_BYTES), MAX_CHUNK_BYTES);
}

type Bounds = { readonly maxOutputLength: number; readonly chunkSize: number };

/** `undefined` when there is more. */
async function inflateUpTo(raw: Buffer, compression: Compression, bounds: Bounds): Promise<Buffer | undefined> {
  try {
    return await known(whole[compression])(raw, bounds);
  } catch (cause) {
    if (codeOf(cause) === "ERR_BUFFER_TOO_LARGE") return undefined;
    throw broken(cause);
  }
}

async function count(raw: Buffer, compression: Compression, maxBytes: number): Promise<void> {
  let bytes = 0;
  const counter = new Writable({
    write(chunk: Buffer, _, done) {
      bytes += chunk.length;
      done(bytes > maxBytes ? tooLarge(maxBytes) : null);
    },
  });
  const inflater = known(streamed[compression])({ chunkSize: COUNTED_CHUNK_BYTES });
  await pipeline([raw], inflater, counter).catch((cause: unknown) => {
    throw cause instanceof AppError ? cause : broken(cause);
  });
}

/** Callers ask for what is in COMPRESSIONS only. */
function known<T>(method: T | undefined): T {
  if (method === undefined) throw new TypeError("this Node.js lacks the compression");
  return method;
}

function tooLarge(maxBytes: number): AppError {
  return new AppError("PAYLOAD_TOO_LARGE", `Body inflates to more than ${maxBytes} bytes`);
}

function broken(cause: unknown): AppError {
  return new AppError("BAD_REQUEST", "Body is not valid compressed data", { cause });
}
