import { connect, createServer, type Socket } from "node:net";
import { freePort } from "./free-port.ts";

export type Door = AsyncDisposable & {
  /** Leads to the server, as long as the door is open. */
  readonly url: string;
  open(): Promise<void>;
  /** Cuts every connection; new ones are refused. */
  close(): Promise<void>;
};

/** A way to a server that a test can close, as a server that is away refuses. Closed at first. */
export async function createDoor(to: string): Promise<Door> {
  const target = new URL(to);
  const url = new URL(to);
  url.port = String(await freePort());
  const sockets = new Set<Socket>();
  const listener = createServer((socket) => {
    const server = connect(Number(target.port), target.hostname);
    for (const end of [socket, server]) {
      sockets.add(end);
      end.on("error", () => {});
      end.on("close", () => sockets.delete(end));
    }
    socket.pipe(server).pipe(socket);
  });
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    if (listener.listening) await new Promise<void>((resolve) => void listener.close(() => resolve()));
  };
  return {
    url: url.href,
    open: async () => await new Promise((resolve) => void listener.listen(Number(url.port), url.hostname, resolve)),
    close,
    [Symbol.asyncDispose]: close,
  };
}
