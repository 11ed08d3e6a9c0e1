import { randomBytes } from "node:crypto";
import { LangfuseClient } from "@langfuse/client";
import { LangfuseSpanProcessor } from "@langfuse/otel";
import { setLangfuseTracerProvider, startObservation } from "@langfuse/tracing";
import { NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import { Langfuse, LangfuseMedia } from "langfuse";
import { expect, test } from "vitest";
import { apiOf, send } from "../support/api.ts";
import { describeEachSystem } from "../support/each-system.ts";

/** More than the pieces that it is stored in. */
const IMAGE = randomBytes(1_500_000);

const dataUri = (bytes: Buffer) => `data:image/png;base64,${bytes.toString("base64")}`;
const message = (url: string) => [{ role: "user", content: [{ type: "image_url", image_url: { url } }] }];

describeEachSystem("media", ({ system, soon }) => {
  const credentials = () => {
    const { baseUrl, projectA } = system();
    return { publicKey: projectA.publicKey, secretKey: projectA.secretKey, baseUrl };
  };
  const asA = () => apiOf(system(), system().projectA);

  test("langfuse 3 uploads what an input holds, and puts it back where it was", async () => {
    const client = new Langfuse(credentials());
    const failures: unknown[] = [];
    client.on("error", (error) => failures.push(error));
    const notes = new LangfuseMedia({ contentBytes: Buffer.from("notes"), contentType: "text/plain" });
    const trace = client.trace({ name: "with media", metadata: { notes } });
    const generation = trace.generation({ name: "look", input: message(dataUri(IMAGE)) });
    await client.flushAsync();

    const read = await soon(() => asA().read(`/api/public/observations/${generation.id}`));
    const { url } = read.input[0].content[0].image_url;
    expect(url).toMatch(/^@@@langfuseMedia:type=image\/png\|id=[\w-]{22}\|source=base64_data_uri@@@$/);
    const resolved = await client.resolveMediaReferences({ obj: read.input, resolveWith: "base64DataUri" });
    expect(resolved).toEqual(message(dataUri(IMAGE)));

    const { metadata } = await asA().read(`/api/public/traces/${trace.id}`);
    const { mediaId } = LangfuseMedia.parseReferenceString(metadata.notes as string);
    const file = await client.fetchMedia(mediaId);
    expect(file).toMatchObject({
      mediaId,
      contentType: "text/plain",
      contentLength: 5,
      uploadedAt: expect.any(String),
    });
    expect((await send(file.url, {})).text).toBe("notes");
    await client.shutdownAsync();
    expect(failures).toEqual([]);
  });

  test("@langfuse/otel 5 makes a token of a data URI in an input, which @langfuse/client 5 resolves", async () => {
    const bytes = randomBytes(10_000);
    const provider = new NodeTracerProvider({ spanProcessors: [new LangfuseSpanProcessor(credentials())] });
    setLangfuseTracerProvider(provider);
    const client = new LangfuseClient(credentials());
    const span = startObservation("look", { input: message(dataUri(bytes)) }, { asType: "generation" });
    span.update({ output: "a picture" }).end();
    await provider.forceFlush();

    const read = await soon(() => asA().read(`/api/public/observations/${span.id}`));
    expect(read).toMatchObject({ traceId: span.traceId, output: "a picture" });
    const text = JSON.stringify(read.input);
    expect(text).toContain("@@@langfuseMedia:type=image/png|id=");
    expect(text).not.toContain("base64,");
    const resolved = await client.media.resolveReferences({ obj: read.input, resolveWith: "base64DataUri" });
    expect(resolved).toEqual(message(dataUri(bytes)));

    setLangfuseTracerProvider(null);
    await Promise.all([provider.shutdown(), client.shutdown()]);
  });

  test("a file is its project's alone, and known there by its digest", async () => {
    const client = new Langfuse(credentials());
    const generation = client.generation({ traceId: "t", name: "look", input: dataUri(Buffer.from("secret")) });
    await client.flushAsync();
    const { input } = await soon(() => asA().read(`/api/public/observations/${generation.id}`));
    const { mediaId } = LangfuseMedia.parseReferenceString(input as string);
    const asB = apiOf(system(), system().projectB);
    const [answer, absent] = [
      await asB.get(`/api/public/media/${mediaId}`),
      await asB.get("/api/public/media/nothing"),
    ];
    expect([answer.status, answer.body.message]).toEqual([absent.status, absent.body.message]);
    const announcement = {
      traceId: "t",
      field: "input",
      contentType: "image/png",
      contentLength: 6,
      sha256Hash: "K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols=",
    };
    const [ofA, ofB] = [
      await asA().post("/api/public/media", announcement),
      await asB.post("/api/public/media", announcement),
    ];
    expect([ofA.status, ofA.body]).toEqual([201, { mediaId, uploadUrl: null }]);
    expect([ofB.status, ofB.body]).toEqual([201, { mediaId, uploadUrl: expect.stringContaining(system().baseUrl) }]);
    await client.shutdownAsync();
  });
});
