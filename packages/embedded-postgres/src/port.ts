import { createServer } from "node:net";
import { EmbeddedPostgresError } from "./embedded-postgres-error.ts";

/** A port that is free now, `port` itself unless that is 0. */
export function findPort(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(error.code === "EADDRINUSE" ? portBusy(port) : error);
    });
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : port));
    });
  });
}

export function portBusy(port: number): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    "PORT_BUSY",
    `Port ${port} is taken; stop what listens there, or choose another port`,
  );
}
