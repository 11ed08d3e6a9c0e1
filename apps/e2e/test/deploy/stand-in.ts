import { once } from "node:events";
import { createServer } from "node:http";
import { createServer as createHttp2Server } from "node:http2";

/** What a stand-in for a gateway or the read API saw of a request: its answer's body. */
export type Seen = {
  readonly server: string;
  readonly method: string;
  readonly url: string;
  readonly bodyBytes: number;
  readonly forwardedFor: string;
};

export type StandIn = {
  /** Whether `/readyz` answers 200. */
  isReady: boolean;
  stop(): Promise<void>;
};

export async function startStandIn(name: string, host: string, port: number): Promise<StandIn> {
  const standIn: StandIn = {
    isReady: true,
    async stop() {
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
  const server = createServer((request, response) => {
    if (request.url === "/readyz") {
      response.writeHead(standIn.isReady ? 200 : 503).end();
      return;
    }
    let bodyBytes = 0;
    request.on("data", (chunk: Buffer) => (bodyBytes += chunk.length));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      const seen: Seen = { server: name, method, url, bodyBytes, forwardedFor: String(headers["x-forwarded-for"]) };
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(seen));
    });
  });
  server.listen(port, host);
  await once(server, "listening");
  return standIn;
}

/** Answers every gRPC call with a message that is its path, and with the status that says that all is well. */
export async function startGrpcStandIn(host: string, port: number): Promise<{ stop(): Promise<void> }> {
  const server = createHttp2Server();
  server.on("stream", (stream, headers) => {
    const path = Buffer.from(headers[":path"] ?? "");
    const frame = Buffer.alloc(5);
    frame.writeUInt32BE(path.length, 1);
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.resume();
    stream.on("end", () => stream.end(Buffer.concat([frame, path])));
  });
  server.listen(port, host);
  await once(server, "listening");
  return {
    stop: async () => {
      server.close();
      await once(server, "close");
    },
  };
}
