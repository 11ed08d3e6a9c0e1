import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Well-known services are below. From 32,768 on Linux chooses, for outgoing connections and for servers that ask for any port. */
const FIRST_PORT = 10_000;
const END_PORT = 32_768;
const ATTEMPTS = 100;

/**
 * A TCP port of the loopback interface on which nothing listens now. The system hands it to nobody by itself, so that it is still
 * free when the server that it is for starts, and while that server is down: of those that the system would choose, the many servers
 * and connections of tests that run beside may be given it meanwhile.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = randomInt(FIRST_PORT, END_PORT);
    if (await isFree(port)) return port;
  }
  throw new Error(`None of ${ATTEMPTS} ports from ${FIRST_PORT} to ${END_PORT - 1} is free`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(false);
      else reject(error);
    });
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
