import { connect, createServer, type Socket } from "node:net";
import { freePort } from "./free-port.ts";

export type Door = AsyncDisposable & {
  /** Leads to the server, as long as the door is open. */
  readonly url: string;
  open(): Promise<void>;
  /** Cuts every connection; new ones are refused. */
  close(): Promise<void>;
};

/**
 * A way to a server that a test can close, as a server that is away refuses. Closed at first. Of a client nothing more gets
 * through once it has sent `lastWords`, as of one that is frozen then.
 */
export async function createDoor(to: string, { lastWords }: { lastWords?: string } = {}): Promise<Door> {
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
    server.pipe(socket);
    if (lastWords === undefined) socket.pipe(server);
    else passUntil(lastWords, socket, server);
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

/** By chunk, so the words are to be sent together with what follows them. */
function passUntil(lastWords: string, from: Socket, to: Socket): void {
  let isSilent = false;
  from.on("data", (chunk: Buffer) => {
    if (!isSilent) to.write(chunk);
    isSilent ||= chunk.includes(lastWords);
  });
  from.on("end", () => to.end());
}
