import { once } from "node:events";
import { createServer } from "node:http";

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
