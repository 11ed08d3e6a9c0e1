import { readMediaChunk, type Database, type MediaUpload } from "@xtrace/db";

/** The bytes of a stored file, read a mebibyte at a time as the client takes them. Fails if the file is deleted meanwhile. */
export function readContent(db: Database, upload: MediaUpload, length: number): ReadableStream<Uint8Array> {
  let seq = 0;
  let sent = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const bytes = await readMediaChunk(db, upload, seq);
        if (!bytes) throw new Error("the file was deleted while it was read");
        controller.enqueue(bytes);
        seq += 1;
        sent += bytes.length;
        if (sent >= length) controller.close();
      },
    },
    { highWaterMark: 1 },
  );
}
