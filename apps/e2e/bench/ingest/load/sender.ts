import { connect, type Socket } from "node:net";
import { createAnswerReader, type Answer } from "./read-answer.ts";

/** A POST. */
export type Request = {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
};

/** Sends requests over connections that stay open. */
export type Sender = {
  /** Over a connection that is free, or a new one. Rejects when the connection ends before the answer is whole. */
  post(request: Request): Promise<Answer>;
  close(): void;
};

/** Servers close what idles for 5 s: a request must not meet that moment. */
const MAX_IDLE_MS = 2_000;

/**
 * HTTP/1.1 over sockets, with one write a request and no streams: what sends shares the machine with what is measured, and
 * undici takes twice as much of it (35 µs a request for 57 to 107, of which the kernel has 17).
 */
export function openSender(url: string): Sender {
  const { hostname, port, host } = new URL(url);
  const idle: Connection[] = [];
  const open = new Set<Socket>();

  function connection(): Connection {
    for (let free = idle.pop(); free; free = idle.pop()) {
      if (free.socket.writable && performance.now() - free.idleSince < MAX_IDLE_MS) return free;
      free.socket.destroy();
    }
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    return holdConnection(socket);
  }

  return {
    async post(request) {
      const used = connection();
      const answer = await used.exchange(headOf(host, request), request.body);
      used.idleSince = performance.now();
      idle.push(used);
      return answer;
    },
    close() {
      for (const socket of open) socket.destroy();
    },
  };
}

type Connection = {
  readonly socket: Socket;
  idleSince: number;
  exchange(head: string, body: Uint8Array): Promise<Answer>;
};

function holdConnection(socket: Socket): Connection {
  const read = createAnswerReader();
  let pending: { resolve(answer: Answer): void; reject(error: Error): void } | undefined;
  const fail = (error: Error) => {
    pending?.reject(error);
    socket.destroy();
  };
  socket.on("error", fail);
  socket.on("close", () => fail(new Error("the connection ended before the answer")));
  socket.on("data", (bytes) => {
    try {
      const answer = read(bytes);
      if (answer) pending?.resolve(answer);
    } catch (error) {
      fail(error as Error);
    }
  });
  return {
    socket,
    idleSince: 0,
    exchange(head, body) {
      return new Promise((resolve, reject) => {
        pending = { resolve, reject };
        socket.cork();
        socket.write(head, "latin1");
        socket.write(body);
        socket.uncork();
      });
    },
  };
}

function headOf(host: string, { path, headers, body }: Request): string {
  let head = `POST ${path} HTTP/1.1\r\nhost: ${host}\r\ncontent-length: ${body.length}\r\n`;
  for (const name in headers) head += `${name}: ${headers[name]}\r\n`;
  return `${head}\r\n`;
}
