import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createBackOff } from "./back-off.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

class Refusal extends Error {}

function setup() {
  const server = { refuses: true, asked: 0 };
  const refusals: unknown[] = [];
  const backOff = createBackOff({
    isRefusal: (error) => error instanceof Refusal,
    onRefusal: (error) => refusals.push(error),
  });
  const operation = async () => {
    server.asked += 1;
    if (server.refuses) throw new Refusal("OOM");
    return server.asked;
  };
  return { server, refusals, backOff, operation };
}

test("asks a refusing server seldom, however many operations wait, and lets all through when it relents", async () => {
  const { server, refusals, backOff, operation } = setup();
  const running = Array.from({ length: 400 }, () => backOff.run(operation));
  await vi.advanceTimersByTimeAsync(0);
  const burst = server.asked;
  expect(burst).toBeLessThanOrEqual(400);
  await vi.advanceTimersByTimeAsync(60_000);
  // Pauses of 0.1, 0.2 … s up to 5 s, half to one and a half of each.
  expect(server.asked - burst).toBeLessThan(40);
  expect(server.asked - burst).toBeGreaterThan(8);
  expect(refusals).toHaveLength(server.asked);
  // One that comes later does not ask on its own.
  const late = backOff.run(operation);
  const asked = server.asked;
  await vi.advanceTimersByTimeAsync(1);
  expect(server.asked - asked).toBeLessThanOrEqual(1);

  server.refuses = false;
  await vi.advanceTimersByTimeAsync(8_000);
  expect(await Promise.all([...running, late])).toHaveLength(401);
});

test("passes on at once what is no refusal", async () => {
  const { backOff } = setup();
  await expect(backOff.run(() => Promise.reject(new Error("missing lock")))).rejects.toThrow("missing lock");
});

test("gives up when stopped, for those that wait too", async () => {
  const { backOff, operation } = setup();
  const running = [backOff.run(operation), backOff.run(operation)];
  const settled = Promise.allSettled(running);
  await vi.advanceTimersByTimeAsync(1_000);
  backOff.stop();
  await vi.advanceTimersByTimeAsync(1_000);
  expect((await settled).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
});
