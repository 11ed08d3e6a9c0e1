import { connect, createServer, type AddressInfo, type Socket } from "node:net";

export type SlowLine = AsyncDisposable & {
  readonly port: number;
  /** From now on, whatever the server says arrives so much later. */
  delay(ms: number): void;
  /** What is under way never arrives. */
  cut(): void;
};

/** A line to a server on this machine, as long as one wants it. */
export async function openSlowLine(serverPort: number): Promise<SlowLine> {
  let delayMs = 0;
  const open = new Set<Socket>();
  const line = createServer((client) => {
    const upstream = connect(serverPort, "127.0.0.1");
    for (const [end, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(end);
      end
        .on("error", () => {})
        .on("close", () => {
          open.delete(end);
          other.destroy();
        });
    }
    client.pipe(upstream);
    // Nothing overtakes what was said before it, when the line becomes shorter.
    let said = Promise.resolve();
    upstream.on("data", (answer) => {
      const arrival = delayMs > 0 ? new Promise<void>((resolve) => setTimeout(resolve, delayMs)) : undefined;
      said = said.then(async () => {
        await arrival;
        client.write(answer);
      });
    });
  });
  const cut = () => {
    for (const socket of open) socket.destroy();
  };
  await new Promise<void>((resolve) => line.listen(0, "127.0.0.1", resolve));
  return {
    port: (line.address() as AddressInfo).port,
    delay: (ms) => void (delayMs = ms),
    cut,
    [Symbol.asyncDispose]: async () => {
      cut();
      await new Promise((resolve) => line.close(resolve));
    },
  };
}
