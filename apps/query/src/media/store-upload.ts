import { createHash, randomUUID } from "node:crypto";
import { dropUpload, finishUpload, writeMediaChunk, type Database, type MediaRow } from "@xtrace/db";
import { AppError } from "@xtrace/runtime";

const CHUNK_BYTES = 1024 * 1024;

type Body = ReadableStream<Uint8Array> | null;

/**
 * Stores the bytes of an announced file, a mebibyte at a time: neither memory nor a transaction grows with the file or
 * waits for the client. Throws BAD_REQUEST, and keeps nothing, unless the bytes have the announced length and digest.
 */
export async function storeUpload(db: Database, file: MediaRow, body: Body): Promise<void> {
  const upload = { projectId: file.projectId, mediaId: file.id, uploadId: randomUUID() };
  const hash = createHash("sha256");
  let received = 0;
  let seq = 0;
  try {
    for await (const bytes of inChunks(body)) {
      received += bytes.length;
      if (received > file.contentLength) throw refusal(`more than the announced ${file.contentLength} bytes`);
      hash.update(bytes);
      const isWritten = await writeMediaChunk(db, upload, { seq, bytes });
      if (!isWritten) throw new AppError("NOT_FOUND", "Media asset not found");
      seq += 1;
    }
    if (received < file.contentLength) throw refusal(`${received} of the announced ${file.contentLength} bytes`);
    if (hash.digest("base64") !== file.sha256) throw refusal("not the bytes of the announced SHA-256");
  } catch (error) {
    // What is left if this fails too goes with the next upload of the file, or with the file.
    await dropUpload(db, upload).catch(() => {});
    throw error;
  }
  await finishUpload(db, upload);
}

function refusal(what: string): AppError {
  return new AppError("BAD_REQUEST", `The body holds ${what}`);
}

/** The body in pieces of one size, of which only the last may be shorter. */
async function* inChunks(body: Body): AsyncGenerator<Uint8Array> {
  let chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let filled = 0;
  for await (const part of partsOf(body)) {
    for (let offset = 0; offset < part.length;) {
      const taken = Math.min(part.length - offset, CHUNK_BYTES - filled);
      chunk.set(part.subarray(offset, offset + taken), filled);
      filled += taken;
      offset += taken;
      if (filled < CHUNK_BYTES) continue;
      yield chunk;
      // Not the same memory again: the driver may still be sending it.
      chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      filled = 0;
    }
  }
  if (filled > 0) yield chunk.subarray(0, filled);
}

async function* partsOf(body: Body): AsyncGenerator<Uint8Array> {
  try {
    yield* body ?? [];
  } catch (cause) {
    throw new AppError("BAD_REQUEST", "Body ended before its announced length", { cause });
  }
}
