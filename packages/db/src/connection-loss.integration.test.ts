import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { createTestDatabase } from "@xtrace/testkit";
import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { openDatabase } from "./client.ts";

/** PostgreSQL behind a door that can be slammed: every connection breaks at once, and new ones are let in. */
async function startDoor(databaseUrl: string) {
  const { port, hostname } = new URL(databaseUrl);
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(from);
      from.on("error", () => {}).on("close", () => to.destroy());
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const url = new URL(databaseUrl);
  url.port = String((server.address() as AddressInfo).port);
  const slam = () => {
    for (const socket of open) socket.destroy();
    open.clear();
  };
  return {
    url: url.href,
    slam,
    [Symbol.asyncDispose]: async () => {
      slam();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

test("a connection that is lost in a transaction fails it, and nothing else", async () => {
  await using database = await createTestDatabase();
  await using door = await startDoor(database.url);
  const options = { poolSize: 1, applicationName: "test", statementTimeoutMs: 10_000 };
  await using pool = openDatabase({ url: door.url, ...options });

  for (let round = 0; round < 5; round += 1) {
    const lost = pool.db.transaction(async (tx) => {
      await tx.execute(sql`select 1`);
      setTimeout(door.slam, 20);
      await tx.execute(sql`select pg_sleep(5)`);
    });
    await expect(lost).rejects.toThrow();
    // The only connection of the pool: it has to come back.
    const rows = await pool.db.execute(sql`select ${round}::int as round`);
    expect(rows[0]).toEqual({ round });
  }
});
