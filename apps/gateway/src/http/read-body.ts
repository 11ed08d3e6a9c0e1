import { promisify } from "node:util";
import { gunzip, inflate } from "node:zlib";
import { AppError, codeOf } from "@xtrace/runtime";
import type { BodyLimits } from "../protocols/protocol.ts";

const gunzipAsync = promisify(gunzip);
const inflateAsync = promisify(inflate);

/**
 * The request's body, decompressed, within both limits.
 *
 * Throws PAYLOAD_TOO_LARGE without reading or inflating further, UNSUPPORTED_MEDIA_TYPE for an
 * unknown Content-Encoding, BAD_REQUEST for a broken stream. Inflating runs off the event loop.
 */
export async function readBody(request: Request, limits: BodyLimits): Promise<Buffer> {
  const inflater = inflaterOf(request.headers.get("content-encoding"));
  const raw = await readRaw(request, limits.maxBodyBytes);
  if (!inflater || raw.length === 0) return raw;
  try {
    return await inflater(raw, { maxOutputLength: limits.maxInflatedBytes });
  } catch (cause) {
    if (codeOf(cause) === "ERR_BUFFER_TOO_LARGE") {
      throw new AppError("PAYLOAD_TOO_LARGE", `Body inflates to more than ${limits.maxInflatedBytes} bytes`, { cause });
    }
    throw new AppError("BAD_REQUEST", "Body is not valid compressed data", { cause });
  }
}

function inflaterOf(contentEncoding: string | null) {
  switch ((contentEncoding ?? "identity").trim().toLowerCase()) {
    case "":
    case "identity":
      return undefined;
    case "gzip":
    case "x-gzip":
      return gunzipAsync;
    case "deflate":
      return inflateAsync;
    default:
      throw new AppError("UNSUPPORTED_MEDIA_TYPE", "Content-Encoding must be gzip, deflate or identity");
  }
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
  if (refusedAt !== undefined) throw new AppError("PAYLOAD_TOO_LARGE", `Body exceeds ${maxBytes} bytes`);
  return Buffer.concat(chunks, size);
}

async function readWhole(request: Request): Promise<ArrayBuffer> {
  try {
    return await request.arrayBuffer();
  } catch (cause) {
    throw new AppError("BAD_REQUEST", "Body ended before its announced length", { cause });
  }
}
