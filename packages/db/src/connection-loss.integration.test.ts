import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { createTestDatabase } from "@xtrace/testkit";
import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { openDatabase } from "./client.ts";

/**
 * PostgreSQL behind a door that can be slammed: every connection breaks at once, and new ones are let in.
 * One that sends what `breaksAt` recognizes is reset.
 */
async function startDoor(databaseUrl: string, breaksAt: (sent: Buffer) => boolean = () => false) {
  const { port, hostname } = new URL(databaseUrl);
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    client.on("data", (sent) => {
      if (breaksAt(sent)) client.resetAndDestroy();
    });
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

test("a connection that is lost while the driver still prepares it fails who waits for it, and not the process", async () => {
  await using database = await createTestDatabase();
  let breaks = 0;
  await using door = await startDoor(database.url, (sent) => sent.includes("typcategory") && ++breaks <= 2);
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => void unhandled.push(reason);
  process.on("unhandledRejection", note);
  const options = { poolSize: 1, applicationName: "test", statementTimeoutMs: 10_000 };
  await using pool = openDatabase({ url: door.url, ...options });

  await expect(pool.db.execute(sql`select 1`)).rejects.toThrow();
  await expect(pool.db.transaction((tx) => tx.execute(sql`select 1`))).rejects.toThrow();
  expect(breaks).toBe(2);
  // Arrays show that the driver asked for the types again.
  const rows = await pool.db.execute(sql`select array['a', 'b'] as letters`);
  expect(rows[0]).toEqual({ letters: ["a", "b"] });
  process.off("unhandledRejection", note);
  expect(unhandled).toEqual([]);
});
