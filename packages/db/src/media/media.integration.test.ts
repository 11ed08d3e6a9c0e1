import { randomUUID } from "node:crypto";
import { createTestDatabase, type TestDatabase } from "@xtrace/testkit";
import { and, eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDatabase, type Database, type OpenDatabase } from "../client.ts";
import { migrateDatabase } from "../migrate.ts";
import { mediaChunks, mediaLinks } from "../schema/media.ts";
import { deleteMediaOfTraces } from "./delete-media-of-traces.ts";
import { ensureSigningSecret } from "./ensure-signing-secret.ts";
import { findMedia } from "./find-media.ts";
import { dropUpload, finishUpload, readMediaChunk, writeMediaChunk } from "./media-chunks.ts";
import { registerMedia } from "./register-media.ts";
import { reportUpload } from "./report-upload.ts";

let server: TestDatabase;
let database: OpenDatabase;
let db: Database;

beforeAll(async () => {
  server = await createTestDatabase({ migrate: migrateDatabase });
  database = openDatabase({ url: server.url, poolSize: 4, applicationName: "test", statementTimeoutMs: 10_000 });
  db = database.db;
});
afterAll(async () => {
  await database?.close();
  await server?.[Symbol.asyncDispose]();
});

const mediaId = "file-1";

/** Announces one file, as used by a trace. */
function announced(projectId: string, traceId = "t1", more: { contentType?: string; contentLength?: number } = {}) {
  return {
    projectId,
    mediaId,
    sha256: "digest",
    contentType: "image/png",
    contentLength: 3,
    link: { owner: "trace" as const, ownerId: traceId, partId: "o1", field: "input" },
    ...more,
  };
}

async function store(projectId: string): Promise<string> {
  const upload = { projectId, mediaId, uploadId: randomUUID() };
  await writeMediaChunk(db, upload, { seq: 0, bytes: Buffer.from([0, 1, 255]) });
  await finishUpload(db, upload);
  return upload.uploadId;
}

async function linksOf(projectId: string) {
  return await db.select().from(mediaLinks).where(eq(mediaLinks.projectId, projectId));
}

async function chunksOf(projectId: string) {
  return await db
    .select()
    .from(mediaChunks)
    .where(and(eq(mediaChunks.projectId, projectId), eq(mediaChunks.mediaId, mediaId)));
}

describe("a file", () => {
  test("is awaited until its bytes are there, in each project for itself, and every use is noted once", async () => {
    const [projectId, other] = [randomUUID(), randomUUID()];
    expect(await registerMedia(db, announced(projectId))).toBe("awaited");
    expect(await registerMedia(db, announced(projectId))).toBe("awaited");
    await store(projectId);
    expect(await registerMedia(db, announced(projectId, "t2"))).toBe("stored");
    expect(await registerMedia(db, announced(other))).toBe("awaited");
    expect((await linksOf(projectId)).map(({ ownerId }) => ownerId)).toEqual(["t1", "t2"]);
    expect(await findMedia(db, { projectId: randomUUID(), mediaId })).toBeUndefined();
  });

  test("takes the newest type, and no length once its bytes are there", async () => {
    const projectId = randomUUID();
    await registerMedia(db, announced(projectId));
    await registerMedia(db, announced(projectId, "t1", { contentLength: 5 }));
    expect(await findMedia(db, { projectId, mediaId })).toMatchObject({ contentLength: 5, uploadId: null });
    await store(projectId);
    const newType = announced(projectId, "t1", { contentType: "image/gif", contentLength: 9 });
    expect(await registerMedia(db, newType)).toBe("stored");
    expect(await findMedia(db, { projectId, mediaId })).toMatchObject({ contentType: "image/gif", contentLength: 5 });
  });

  test("does not give way to another one under its id", async () => {
    const projectId = randomUUID();
    await registerMedia(db, announced(projectId));
    expect(await registerMedia(db, { ...announced(projectId), sha256: "another" })).toBe("conflict");
    expect(await findMedia(db, { projectId, mediaId })).toMatchObject({ sha256: "digest" });
  });

  test("keeps what its uploader reports", async () => {
    const projectId = randomUUID();
    const report = { uploadedAtUs: 1_767_323_045_000_000, httpStatus: 503, httpError: "away" };
    expect(await reportUpload(db, { projectId, mediaId }, report)).toBe(false);
    await registerMedia(db, announced(projectId));
    expect(await reportUpload(db, { projectId, mediaId }, report)).toBe(true);
    const told = { uploadedAt: report.uploadedAtUs, uploadHttpStatus: 503, uploadHttpError: "away" };
    expect(await findMedia(db, { projectId, mediaId })).toMatchObject(told);
  });
});

describe("an upload", () => {
  test("is the content from when it is finished, byte by byte", async () => {
    const projectId = randomUUID();
    await registerMedia(db, announced(projectId));
    const uploadId = await store(projectId);
    expect(await findMedia(db, { projectId, mediaId })).toMatchObject({ uploadId, uploadHttpStatus: 200 });
    const upload = { projectId, mediaId, uploadId };
    expect([...((await readMediaChunk(db, upload, 0)) ?? [])]).toEqual([0, 1, 255]);
    expect(await readMediaChunk(db, upload, 1)).toBeUndefined();
    expect(await readMediaChunk(db, { ...upload, projectId: randomUUID() }, 0)).toBeUndefined();
  });

  test("beside another one of the same file: the first to finish stays, and no piece of the other", async () => {
    const projectId = randomUUID();
    await registerMedia(db, announced(projectId));
    const [slow, quick] = [randomUUID(), randomUUID()].map((uploadId) => ({ projectId, mediaId, uploadId }));
    if (!slow || !quick) throw new Error("two uploads");
    await writeMediaChunk(db, slow, { seq: 0, bytes: Buffer.from("slow") });
    await writeMediaChunk(db, quick, { seq: 0, bytes: Buffer.from("quick") });
    await finishUpload(db, quick);
    await writeMediaChunk(db, slow, { seq: 1, bytes: Buffer.from("slow") });
    await finishUpload(db, slow);
    expect((await chunksOf(projectId)).map(({ uploadId }) => uploadId)).toEqual([quick.uploadId]);
    expect(await findMedia(db, { projectId, mediaId })).toMatchObject({ uploadId: quick.uploadId });
  });

  test("that failed leaves nothing", async () => {
    const projectId = randomUUID();
    await registerMedia(db, announced(projectId));
    const upload = { projectId, mediaId, uploadId: randomUUID() };
    expect(await writeMediaChunk(db, upload, { seq: 0, bytes: Buffer.from("x") })).toBe(true);
    await dropUpload(db, upload);
    expect(await chunksOf(projectId)).toEqual([]);
  });

  test("of a file that nobody announced is not written", async () => {
    const upload = { projectId: randomUUID(), mediaId, uploadId: randomUUID() };
    expect(await writeMediaChunk(db, upload, { seq: 0, bytes: Buffer.from("x") })).toBe(false);
  });
});

describe("deleting traces", () => {
  test("removes their files with all bytes, and those that something else uses only with the last use", async () => {
    const [projectId, other] = [randomUUID(), randomUUID()];
    for (const project of [projectId, other]) {
      for (const trace of ["t1", "t2"]) await registerMedia(db, announced(project, trace));
      await store(project);
    }
    await deleteMediaOfTraces(db, { projectId, traceIds: ["t1", "nothing"] });
    expect((await linksOf(projectId)).map(({ ownerId }) => ownerId)).toEqual(["t2"]);
    expect(await chunksOf(projectId)).toHaveLength(1);
    await deleteMediaOfTraces(db, { projectId, traceIds: ["t2"] });
    expect(await findMedia(db, { projectId, mediaId })).toBeUndefined();
    expect([await linksOf(projectId), await chunksOf(projectId)]).toEqual([[], []]);
    expect([await linksOf(other), await chunksOf(other)].map(({ length }) => length)).toEqual([2, 1]);
  });

  test("leaves what an item of a data set by the same name uses", async () => {
    const projectId = randomUUID();
    const link = { owner: "dataset" as const, ownerId: "t1", partId: "item", field: "input" };
    await registerMedia(db, { ...announced(projectId), link });
    await deleteMediaOfTraces(db, { projectId, traceIds: ["t1"] });
    expect(await linksOf(projectId)).toHaveLength(1);
  });

  test("never takes a file from a use that is added at the same time", async () => {
    const projectId = randomUUID();
    await registerMedia(db, announced(projectId));
    await store(projectId);
    let added: Promise<string> | undefined;
    await db.transaction(async (tx) => {
      await deleteMediaOfTraces(tx, { projectId, traceIds: ["t1"] });
      added = registerMedia(db, announced(projectId, "t2"));
      // It waits for this transaction, and must not have answered before it.
      expect(await Promise.race([added, new Promise((resolve) => setTimeout(resolve, 200, "waits"))])).toBe("waits");
    });
    expect(await added).toBe("awaited");
    expect((await linksOf(projectId)).map(({ ownerId }) => ownerId)).toEqual(["t2"]);
  });
});

test("a signing secret is made once, whoever asks first", async () => {
  const purpose = randomUUID();
  const secrets = await Promise.all(Array.from({ length: 8 }, () => ensureSigningSecret(db, purpose)));
  expect(new Set(secrets).size).toBe(1);
  expect(Buffer.from(secrets[0] ?? "", "base64url")).toHaveLength(32);
  expect(await ensureSigningSecret(db, randomUUID())).not.toBe(secrets[0]);
});
