import { AppError } from "./app-error.ts";
import { COMPRESSIONS, inflateBody, type Compression } from "./inflate-body.ts";

export type BodyLimits = {
  /** Of the body as sent. */
  readonly maxBodyBytes: number;
  /** Of the body after decompression. */
  readonly maxInflatedBytes: number;
};

/**
 * The request's body, decompressed, within both limits.
 *
 * Throws PAYLOAD_TOO_LARGE without reading or inflating further, UNSUPPORTED_MEDIA_TYPE for an
 * unknown Content-Encoding, BAD_REQUEST for a broken stream. Inflating runs off the event loop.
 */
export async function readBody(request: Request, limits: BodyLimits): Promise<Buffer> {
  const compression = compressionOf(request.headers.get("content-encoding"));
  const raw = await readRaw(request, limits.maxBodyBytes);
  if (!compression || raw.length === 0) return raw;
  return await inflateBody(raw, compression, limits.maxInflatedBytes);
}

function compressionOf(contentEncoding: string | null): Compression | undefined {
  const name = (contentEncoding ?? "identity").trim().toLowerCase();
  if (name === "" || name === "identity") return undefined;
  const compression = COMPRESSIONS.find((known) => known === (name === "x-gzip" ? "gzip" : name));
  if (compression) return compression;
  const names = COMPRESSIONS.join(", ");
  throw new AppError("UNSUPPORTED_MEDIA_TYPE", `Content-Encoding must be ${names} or identity`, {
    headers: { "Accept-Encoding": `${names}, identity` },
  });
}

/** How far a body that is refused is read on, to no use but the client's. */
const MAX_DISCARDED_BYTES = 64 * 1024 * 1024;
const MAX_DISCARDING_MS = 5_000;

/**
 * With a known and permitted length one read is enough; else the body is counted as it comes.
 *
 * What is refused is read on for a while and thrown away: a client that is cut off while it sends
 * sees a broken connection, never the 413.
 */
async function readRaw(request: Request, maxBytes: number): Promise<Buffer> {
  const announced = request.headers.get("content-length");
  if (announced !== null && Number(announced) <= maxBytes) return Buffer.from(await readWhole(request));
  const chunks: Uint8Array[] = [];
  let size = 0;
  let refusedAt = announced === null ? undefined : performance.now();
  const body: AsyncIterable<Uint8Array> | Iterable<Uint8Array> = request.body ?? [];
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) refusedAt ??= performance.now();
    if (refusedAt === undefined) {
      chunks.push(chunk);
      continue;
    }
    chunks.length = 0;
    const isLate = performance.now() - refusedAt > MAX_DISCARDING_MS;
    if (isLate || size > maxBytes + MAX_DISCARDED_BYTES) break;
  }
  if (refusedAt !== undefined) throw tooLarge(maxBytes);
  return Buffer.concat(chunks, size);
}

/** Ends the connection: what is still on its way there is nobody's next request. */
function tooLarge(maxBytes: number): AppError {
  return new AppError("PAYLOAD_TOO_LARGE", `Body exceeds ${maxBytes} bytes`, { headers: { Connection: "close" } });
}

async function readWhole(request: Request): Promise<ArrayBuffer> {
  try {
    return await request.arrayBuffer();
  } catch (cause) {
    throw new AppError("BAD_REQUEST", "Body ended before its announced length", { cause });
  }
}
