import type { Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

type Connection = {
  readonly underWay: Set<ServerResponse>;
  /** Bytes received when the last request was answered: more than these are the beginning of another one. */
  answeredBytes: number;
};

export type Connections = {
  /** Every response from here on, those of requests under way included, says `Connection: close` and does so. */
  endAfterResponse(): void;
  /** Ends connections on which no request is under way or begun, now and as they come to that. */
  endIdle(): void;
};

/**
 * Knows what each connection of a server is at. Node's own `closeIdleConnections` takes one on which nothing
 * was ever sent for busy, as load balancers and browsers open ahead of need, and a stop would wait for it.
 *
 * To be called before the server's own listeners see a request, or after: it sends nothing itself.
 */
export function trackConnections(server: Server): Connections {
  const connections = new Map<Socket, Connection>();
  let isDraining = false;
  let isClosing = false;

  const endIfIdle = (socket: Socket, { underWay, answeredBytes }: Connection) => {
    if (underWay.size === 0 && socket.bytesRead === answeredBytes) socket.destroySoon();
  };

  server.on("connection", (socket) => {
    connections.set(socket, { underWay: new Set(), answeredBytes: 0 });
    socket.once("close", () => connections.delete(socket));
  });
  server.prependListener("request", ({ socket }, response) => {
    const connection = connections.get(socket);
    if (!connection) return;
    connection.underWay.add(response);
    if (isDraining) response.shouldKeepAlive = false;
    response.once("close", () => {
      connection.underWay.delete(response);
      connection.answeredBytes = socket.bytesRead;
      // It said before the drain that it would keep its connection.
      if (isClosing) endIfIdle(socket, connection);
    });
  });

  return {
    endAfterResponse() {
      isDraining = true;
      for (const { underWay } of connections.values())
        for (const response of underWay) response.shouldKeepAlive = false;
    },
    endIdle() {
      isClosing = true;
      for (const [socket, connection] of connections) endIfIdle(socket, connection);
    },
  };
}
