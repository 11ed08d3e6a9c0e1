import { createServer, type RequestListener } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createAnswerReader, headerOf } from "../../bench/ingest/load/read-answer.ts";
import { sendPatiently } from "../../bench/ingest/load/send.ts";
import { openSender } from "../../bench/ingest/load/sender.ts";

const request = { path: "/v1/l/batch", headers: { "content-type": "application/json" }, body: Buffer.from('{"ü":1}') };

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function openTestSender(url: string) {
  const sender = openSender(url);
  onTestFinished(() => sender.close());
  return sender;
}

test("reads an answer that comes byte by byte, and the next one on the same connection", () => {
  const read = createAnswerReader();
  for (const body of ["", "{}", "né"]) {
    const bytes = Buffer.from(
      `HTTP/1.1 207 Multi\r\nContent-Length: ${Buffer.byteLength(body)}\r\nRetry-After: 3\r\n\r\n${body}`,
    );
    const answers = Array.from(bytes, (_, index) => read(bytes.subarray(index, index + 1)));
    expect(answers.slice(0, -1)).toEqual(answers.slice(0, -1).fill(undefined));
    expect(answers.at(-1)).toMatchObject({ statusCode: 207, body });
    expect(headerOf(answers.at(-1)?.head ?? "", "retry-after")).toBe("3");
    expect(headerOf(answers.at(-1)?.head ?? "", "after")).toBeUndefined();
  }
});

test("an answer that does not tell its length is an error", () => {
  const read = createAnswerReader();
  expect(() => read(Buffer.from("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"))).toThrow("unknown length");
});

test("sends what it is given, and again after Retry-After where it is refused for the moment", async () => {
  const received: string[] = [];
  const url = await serve((incoming, answer) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const { method, url: path, headers } = incoming;
      received.push(`${method} ${path} ${headers["content-type"]} ${Buffer.concat(chunks).toString("utf8")}`);
      answer.writeHead(received.length === 1 ? 503 : 201, { "retry-after": "1", "content-length": 2 }).end("{}");
    });
  });
  const startedAt = performance.now();
  expect(await sendPatiently(openTestSender(url), request)).toBe(1);
  expect(performance.now() - startedAt).toBeGreaterThan(990);
  const line = 'POST /v1/l/batch application/json {"ü":1}';
  expect(received).toEqual([line, line]);
});

test("any other answer fails and is told", async () => {
  const url = await serve((_, answer) => answer.writeHead(400, { "content-length": 7 }).end("no such"));
  await expect(sendPatiently(openTestSender(url), request)).rejects.toThrow("/v1/l/batch answers 400: no such");
});

test("a connection that ends before the answer fails the request", async () => {
  const url = await serve((incoming) => incoming.socket.destroy());
  await expect(openTestSender(url).post(request)).rejects.toThrow(/ended before the answer|ECONNRESET/);
});

test("as many connections as requests under way, used again", async () => {
  const connections = new Set<Socket>();
  const url = await serve((incoming, answer) => {
    incoming.resume().on("end", () => setTimeout(() => answer.writeHead(200, { "content-length": 0 }).end(), 20));
    connections.add(incoming.socket);
  });
  const sender = openTestSender(url);
  for (let round = 0; round < 3; round++) await Promise.all([1, 2, 3].map(() => sender.post(request)));
  expect(connections.size).toBe(3);
});
