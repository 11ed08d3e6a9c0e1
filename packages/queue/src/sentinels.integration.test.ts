import { setTimeout as sleep } from "node:timers/promises";
import { hasRedisServer, eventually, startRedisSentinels } from "@xtrace/testkit";
import { noEvents, INGEST_JOB_VERSION, type IngestJob } from "@xtrace/contract";
import { describe, expect, test } from "vitest";
import { connectRedis } from "./connect-redis.ts";
import { openConsumer } from "./consumer.ts";
import { guardDurability } from "./durability.ts";
import { openKeyDirectory } from "./key-directory.ts";
import { openProducer } from "./producer.ts";
import { openQueueReader } from "./queue-reader.ts";

const PREFIX = "{x}";

function jobOf(id: string): IngestJob {
  const traces = [{ id, stamp: 1 }] as never;
  return { v: INGEST_JOB_VERSION, projectId: "p", receivedAtUs: 1, events: { ...noEvents(), traces } };
}

describe.skipIf(!hasRedisServer())("over Sentinels", () => {
  test("all that opens a connection finds the master, with passwords of both, and the next one", async () => {
    const passwords = { password: "p/w @data", sentinelPassword: "watch%er" };
    await using group = await startRedisSentinels({ replicas: 1, ...passwords });
    const errors: Error[] = [];
    const onError = (error: Error) => void errors.push(error);
    const options = { url: group.url, prefix: PREFIX, onError };
    const warnings: string[] = [];
    const guard = guardDurability({ ...options, required: true, onWarning: (text) => void warnings.push(text) });
    const producer = openProducer({ ...options, deadlineMs: 2_000 });
    const delivered: string[] = [];
    const process = async ({ data }: { data: unknown }) =>
      void delivered.push((data as IngestJob).events.traces[0]?.id ?? "");
    const consumer = openConsumer({ ...options, concurrency: 2, process });
    const directory = openKeyDirectory(options);
    const reader = openQueueReader({ ...options, shards: 1 });

    const works = async (id: string) => {
      await eventually(() => producer.add(jobOf(id)), { timeoutMs: 20_000 });
      await eventually(() => expect(delivered).toContain(id), { timeoutMs: 20_000 });
      await eventually(() => directory.publish([]), { timeoutMs: 20_000 });
      await eventually(async () => expect((await reader.read()).memory).not.toBeNull(), { timeoutMs: 20_000 });
    };
    await guard.first;
    await works("before");
    expect(warnings).toEqual([expect.stringContaining("CONFIG SET min-replicas-to-write 1")]);

    const first = await group.master();
    await group.failOver();
    const second = await group.untilMasterIsNot(first);
    await works("after a fail-over in order");
    await second.command("CONFIG", "SET", "appendonly", "no");
    // It asks again when it connects to another master.
    await second.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
    await eventually(() => expect(guard.check()).rejects.toThrow(/appendonly is "no"/));

    await works("after a lost connection");

    for (const { message } of errors) {
      for (const password of Object.values(passwords)) expect(message).not.toContain(password);
    }
    await Promise.all([guard, producer, consumer, directory, reader].map((opened) => opened.close()));
  }, 60_000);

  test("is not sent back to the old master by a Sentinel that has not heard of the new one", async () => {
    await using group = await startRedisSentinels({ replicas: 1 });
    // The one that leads the fail-over is asked last.
    const [, hosts = ""] = /\/\/(.*)\//.exec(group.url) ?? [];
    const url = group.url.replace(hosts, hosts.split(",").toReversed().join(","));
    const client = connectRedis(url, { commandTimeoutMs: 2_000, onError: () => {} });
    const portOf = async () => Number(/^tcp_port:(\d+)/m.exec(await client.info("server"))?.[1]);
    const master = await group.master();
    await eventually(async () => expect(await portOf()).toBe(master.port));
    await group.failOver();
    await eventually(async () => expect(await portOf()).not.toBe(master.port), { timeoutMs: 20_000 });
    for (let look = 0; look < 20; look++) {
      expect(await portOf()).not.toBe(master.port);
      await sleep(100);
    }
    client.disconnect();
  }, 60_000);

  test("says which name the Sentinels do not know", async () => {
    await using group = await startRedisSentinels({ replicas: 0 });
    const errors: string[] = [];
    const url = group.url.replace(/\/queue$/, "/other");
    const producer = openProducer({
      url,
      prefix: PREFIX,
      deadlineMs: 500,
      onError: (e) => void errors.push(e.message),
    });
    await expect(producer.add(jobOf("x"))).rejects.toThrow();
    await eventually(() => expect(errors).toContainEqual(expect.stringContaining("No such master with that name")));
    await producer.close();
  }, 30_000);
});
