import { createHash, randomBytes } from "node:crypto";
import { mediaChunks } from "@xtrace/db";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { setupQuery, SECOND_US, T0_US, type TestProject, type TestQuery } from "../../test/setup-query.ts";

const MAX_BYTES = 3 * 1024 * 1024;
const ORIGIN = "http://traces.example";

let query: TestQuery;
let nowUs = T0_US;

beforeAll(async () => {
  query = await setupQuery({ nowUs: () => nowUs, media: { maxBytes: MAX_BYTES, publicUrl: null } });
});
afterAll(() => query?.[Symbol.asyncDispose]());

const project = () => query.project({ scopes: ["ingest", "read"] });
const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("base64");

function announcement(bytes: Uint8Array, more: object = {}) {
  const sha256Hash = digest(bytes);
  const contentLength = bytes.length;
  return { traceId: "t1", contentType: "image/svg+xml", contentLength, sha256Hash, field: "input", ...more };
}

async function send(path: string, init: RequestInit = {}, base = ORIGIN) {
  const response = await query.app.request(path.startsWith("http") ? path : `${base}${path}`, init);
  const bytes = Buffer.from(await response.arrayBuffer());
  const isJson = response.headers.get("content-type")?.startsWith("application/json");
  return { status: response.status, headers: response.headers, bytes, body: isJson ? JSON.parse(String(bytes)) : null };
}

function as({ authorization }: TestProject, method: string, body?: object, headers: Record<string, string> = {}) {
  const sent = { authorization, ...(body && { "content-type": "application/json" }), ...headers };
  return { method, headers: sent, ...(body && { body: JSON.stringify(body) }) };
}

async function announce(owner: TestProject, bytes: Uint8Array, more: object = {}) {
  const { status, body } = await send("/api/public/media", as(owner, "POST", announcement(bytes, more)));
  expect(status).toBe(201);
  return body as { mediaId: string; uploadUrl: string | null };
}

/** As SDKs do it: without a key, with headers that an object store wants. */
function put(url: string | null, bytes: Uint8Array, headers: Record<string, string> = {}) {
  return send(url ?? "", {
    method: "PUT",
    body: new Uint8Array(bytes),
    headers: { "content-type": "image/svg+xml", "x-ms-blob-type": "BlockBlob", ...headers },
  });
}

async function uploaded(owner: TestProject, bytes: Uint8Array) {
  const { mediaId, uploadUrl } = await announce(owner, bytes);
  expect((await put(uploadUrl, bytes)).status).toBe(200);
  const { body } = await send(`/api/public/media/${mediaId}`, as(owner, "GET"));
  return { mediaId, uploadUrl, url: body.url as string };
}

async function chunksOf({ projectId }: TestProject) {
  const all = await query.database.db.select().from(mediaChunks);
  return all.filter((chunk) => chunk.projectId === projectId);
}

describe("a file", () => {
  test("goes up and comes down byte by byte, in pieces of a mebibyte at most", async () => {
    const owner = project();
    const bytes = randomBytes(2.5 * 1024 * 1024);
    const { mediaId, uploadUrl } = await announce(owner, bytes, { observationId: "o1" });
    expect(mediaId).toBe(createHash("sha256").update(bytes).digest("base64url").slice(0, 22));
    expect(uploadUrl).toMatch(/^http:\/\/traces\.example\//);
    const answer = await put(uploadUrl, bytes, { "x-amz-checksum-sha256": digest(bytes) });
    expect([answer.status, answer.bytes.length]).toEqual([200, 0]);

    const path = `/api/public/media/${mediaId}`;
    const report = {
      uploadedAt: "2026-01-02T03:04:05.678Z",
      uploadHttpStatus: 200,
      uploadHttpError: "",
      uploadTimeMs: 3,
    };
    const reported = await send(path, as(owner, "PATCH", report));
    expect([reported.status, reported.bytes.length]).toEqual([200, 0]);
    const { status, body } = await send(path, as(owner, "GET"));
    expect(status).toBe(200);
    expect(body).toEqual({
      mediaId,
      contentType: "image/svg+xml",
      contentLength: bytes.length,
      uploadedAt: "2026-01-02T03:04:05.678Z",
      url: expect.stringMatching(/^http:\/\/traces\.example\//),
      urlExpiry: new Date(nowUs / 1000 + 3_600_000).toISOString(),
    });
    const downloaded = await send(body.url);
    expect(downloaded.status).toBe(200);
    expect(downloaded.bytes.equals(bytes)).toBe(true);
    const chunks = await chunksOf(owner);
    expect(chunks.map((chunk) => chunk.bytes.length).toSorted((a, b) => a - b)).toEqual([
      524_288, 1_048_576, 1_048_576,
    ]);
  });

  test("is no page of this origin, whatever it holds", async () => {
    const { url } = await uploaded(project(), Buffer.from("<svg onload='alert(1)'/>"));
    const { headers } = await send(url);
    expect(Object.fromEntries(headers)).toMatchObject({
      "content-type": "image/svg+xml",
      "content-length": "24",
      "content-disposition": "attachment",
      "content-security-policy": "default-src 'none'; sandbox",
      "x-content-type-options": "nosniff",
    });
  });

  test("that a project has is not uploaded again, and another project's is no help", async () => {
    const [owner, other] = [project(), project()];
    const bytes = Buffer.from("known");
    const { mediaId } = await uploaded(owner, bytes);
    expect(await announce(owner, bytes, { traceId: "t2", field: "output" })).toEqual({ mediaId, uploadUrl: null });
    expect((await announce(other, bytes)).uploadUrl).not.toBeNull();
    expect((await send(`/api/public/media/${mediaId}`, as(other, "GET"))).status).toBe(404);
  });

  test("that is not here is not found, and the answer says why", async () => {
    const owner = project();
    const messageOf = async (id: string) => {
      const { status, body } = await send(`/api/public/media/${id}`, as(owner, "GET"));
      expect([status, body.error]).toEqual([404, "LangfuseNotFoundError"]);
      return body.message as string;
    };
    expect(await messageOf("nothing")).toBe("Media asset not found");
    const { mediaId } = await announce(owner, Buffer.from("later"));
    expect(await messageOf(mediaId)).toBe("Media not yet uploaded");
    const report = { uploadedAt: "2026-01-02T03:04:05Z", uploadHttpStatus: 503 };
    expect((await send(`/api/public/media/${mediaId}`, as(owner, "PATCH", report))).status).toBe(200);
    expect(await messageOf(mediaId)).toBe("Media upload failed with status 503");
    expect((await send("/api/public/media/nothing", as(owner, "PATCH", report))).status).toBe(404);
  });
});

describe("an announcement", () => {
  test.each<[string, object]>([
    ["contentType", { contentType: "application/x-msdownload" }],
    ["contentLength", { contentLength: 0 }],
    ["sha256Hash", { sha256Hash: "abc" }],
    ["field", { field: "name" }],
    ["field", { field: "expectedOutput" }],
    ["field", { traceId: null, datasetId: "d", datasetItemId: "i", field: "output" }],
    ["traceId", { traceId: null }],
    ["traceId", { traceId: "ü".repeat(401) }],
    ["traceId", { datasetId: "d", datasetItemId: "i" }],
    ["datasetItemId", { traceId: null, datasetId: "d" }],
    ["observationId", { traceId: null, datasetId: "d", datasetItemId: "i", observationId: "o" }],
  ])("is refused for its %s: %j", async (path, more) => {
    const sent = announcement(Buffer.from("x"), more);
    const { status, body } = await send("/api/public/media", as(project(), "POST", sent));
    expect([status, body.details[0].path]).toEqual([400, path]);
  });

  test("is refused beyond the limit", async () => {
    const sent = announcement(Buffer.from("x"), { contentLength: MAX_BYTES + 1 });
    const { status, body } = await send("/api/public/media", as(project(), "POST", sent));
    expect([status, body.message]).toEqual([400, `File size must be at most ${MAX_BYTES} bytes`]);
  });

  test("may be for an item of a data set", async () => {
    const context = { traceId: null, datasetId: "d", datasetItemId: "i", field: "expectedOutput" };
    expect((await announce(project(), Buffer.from("item"), context)).uploadUrl).not.toBeNull();
  });

  test("gives URLs at the address that the client used, as proxies before this server say it", async () => {
    const owner = project();
    const urlOf = async (headers: Record<string, string>) => {
      const sent = as(owner, "POST", announcement(Buffer.from("address")), headers);
      const { body } = await send("/api/public/media", sent, "http://internal:8744");
      return new URL(body.uploadUrl as string).origin;
    };
    expect(await urlOf({})).toBe("http://internal:8744");
    expect(await urlOf({ "x-forwarded-proto": "https" })).toBe("https://internal:8744");
    const chain = { "x-forwarded-proto": "https, http", "x-forwarded-host": "traces.example, internal" };
    expect(await urlOf(chain)).toBe("https://traces.example");
    for (const bad of ["javascript", "https://evil"]) {
      expect(await urlOf({ "x-forwarded-proto": bad })).toBe("http://internal:8744");
    }
    expect(await urlOf({ "x-forwarded-host": "a/b@c" })).toBe("http://internal:8744");
  });
});

describe("an upload", () => {
  test.each<[string, (bytes: Buffer) => Uint8Array]>([
    ["of too few bytes", (bytes) => bytes.subarray(1)],
    ["of too many bytes", (bytes) => Buffer.concat([bytes, bytes])],
    ["of other bytes", (bytes) => bytes.toReversed()],
    ["of nothing", () => Buffer.alloc(0)],
  ])("%s is refused and leaves nothing", async (_, change) => {
    const owner = project();
    const bytes = Buffer.concat([Buffer.alloc(1024 * 1024, "a"), Buffer.from("end")]);
    const { mediaId, uploadUrl } = await announce(owner, bytes);
    expect((await put(uploadUrl, change(bytes))).status).toBe(400);
    expect((await send(`/api/public/media/${mediaId}`, as(owner, "GET"))).status).toBe(404);
    expect(await chunksOf(owner)).toEqual([]);
    expect((await put(uploadUrl, bytes)).status).toBe(200);
  });

  test("that says itself to be another file is refused", async () => {
    const bytes = Buffer.from("checked");
    const { uploadUrl } = await announce(project(), bytes);
    expect((await put(uploadUrl, bytes, { "x-amz-checksum-sha256": digest(Buffer.from("other")) })).status).toBe(400);
    expect((await put(uploadUrl, bytes, { "x-amz-checksum-sha256": digest(bytes) })).status).toBe(200);
  });

  test("that is made twice is stored once", async () => {
    const owner = project();
    const bytes = Buffer.from("twice");
    const { uploadUrl, url } = await uploaded(owner, bytes);
    expect((await put(uploadUrl, bytes)).status).toBe(200);
    expect(await chunksOf(owner)).toHaveLength(1);
    expect(String((await send(url)).bytes)).toBe("twice");
  });
});

describe("a signed URL", () => {
  test("opens what it was made for and nothing else", async () => {
    const [owner, other] = [project(), project()];
    const { url, uploadUrl } = await uploaded(owner, Buffer.from("mine"));
    const { mediaId } = await uploaded(owner, Buffer.from("also mine"));
    await uploaded(other, Buffer.from("mine"));
    const changed = (from: string, change: (url: URL) => void) => {
      const parsed = new URL(from);
      change(parsed);
      return parsed.href;
    };
    const statusOf = async (target: string, method = "GET") => (await send(target, { method })).status;
    expect(await statusOf(url)).toBe(200);
    expect(await statusOf(changed(url, (each) => each.searchParams.set("project", other.projectId)))).toBe(403);
    expect(await statusOf(changed(url, (each) => each.searchParams.set("expires", "99999999999")))).toBe(403);
    expect(await statusOf(changed(url, (each) => each.searchParams.set("signature", "x")))).toBe(403);
    expect(await statusOf(changed(url, (each) => (each.pathname = `/api/public/media/${mediaId}/download`)))).toBe(403);
    expect(await statusOf(changed(uploadUrl ?? "", (each) => (each.pathname = new URL(url).pathname)))).toBe(403);
    expect(
      await statusOf(
        changed(url, (each) => (each.pathname = new URL(uploadUrl ?? "").pathname)),
        "PUT",
      ),
    ).toBe(403);
    expect(await statusOf(changed(url, (each) => each.searchParams.delete("signature")))).toBe(400);
    expect(await statusOf(changed(url, (each) => each.searchParams.set("project", "a\u0000b")))).toBe(400);
  });

  test("closes after an hour", async () => {
    const { url } = await uploaded(project(), Buffer.from("an hour"));
    nowUs += 3_599 * SECOND_US;
    expect((await send(url)).status).toBe(200);
    nowUs += 2 * SECOND_US;
    expect((await send(url)).status).toBe(403);
  });

  test("made by one process opens at another one over the same database", async () => {
    const { url } = await uploaded(project(), Buffer.from("shared"));
    await using other = await setupQuery({ nowUs: () => nowUs, db: query.database.db });
    expect((await other.app.request(url)).status).toBe(200);
  });
});

test("the address in URLs may be set", async () => {
  await using other = await setupQuery({ media: { maxBytes: MAX_BYTES, publicUrl: "https://set.example/xtrace/" } });
  const owner = other.project({ scopes: ["ingest"] });
  const response = await other.app.request("/api/public/media", as(owner, "POST", announcement(Buffer.from("set"))));
  const { uploadUrl } = (await response.json()) as { uploadUrl: string };
  expect(uploadUrl).toMatch(/^https:\/\/set\.example\/xtrace\/api\/public\/media\//);
});
