import { setTimeout as sleep } from "node:timers/promises";
import type { Dispatcher } from "undici";

const POLL_MS = 5;
const GIVE_UP_MS = 60_000;

/** Asks the read API for the observation until it has it. */
export async function untilReadable(pool: Dispatcher, id: string, authorization: string): Promise<void> {
  const path = `/api/public/observations/${id}`;
  const giveUpAt = performance.now() + GIVE_UP_MS;
  for (;;) {
    const answer = await pool.request({ method: "GET", path, headers: { authorization } });
    const text = await answer.body.text();
    if (answer.statusCode === 200) return;
    if (answer.statusCode !== 404) throw new Error(`${path} answers ${answer.statusCode}: ${text.slice(0, 500)}`);
    if (performance.now() > giveUpAt) throw new Error(`${path} is not readable after ${GIVE_UP_MS} ms`);
    await sleep(POLL_MS);
  }
}
