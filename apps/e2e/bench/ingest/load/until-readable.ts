import { setTimeout as sleep } from "node:timers/promises";
import type { Dispatcher } from "undici";

/** Between two questions: so long at first, later a tenth of the time waited. A machine that is late is not asked the more for it. */
const FIRST_POLL_MS = 5;
const POLL_SHARE = 0.1;
const GIVE_UP_MS = 60_000;

/** Asks the read API for the observation until it has it. */
export async function untilReadable(pool: Dispatcher, id: string, authorization: string): Promise<void> {
  const path = `/api/public/observations/${id}`;
  const since = performance.now();
  for (;;) {
    const answer = await pool.request({ method: "GET", path, headers: { authorization } });
    const text = await answer.body.text();
    if (answer.statusCode === 200) return;
    if (answer.statusCode !== 404) throw new Error(`${path} answers ${answer.statusCode}: ${text.slice(0, 500)}`);
    const waited = performance.now() - since;
    if (waited > GIVE_UP_MS) throw new Error(`${path} is not readable after ${GIVE_UP_MS} ms`);
    await sleep(Math.max(FIRST_POLL_MS, waited * POLL_SHARE));
  }
}
