import { setTimeout as sleep } from "node:timers/promises";
import type { Dispatcher } from "undici";

export type Request = {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
};

const DEFAULT_RETRY_AFTER_S = 1;

/** Sends until it is acknowledged and says how often it was refused for the moment. Any other answer is an error. */
export async function sendPatiently(pool: Dispatcher, { path, headers, body }: Request): Promise<number> {
  for (let refusals = 0; ; refusals++) {
    const answer = await pool.request({ method: "POST", path, headers, body });
    const { statusCode } = answer;
    if (statusCode >= 200 && statusCode < 300) {
      await answer.body.dump();
      return refusals;
    }
    const text = await answer.body.text();
    if (statusCode !== 429 && statusCode !== 503)
      throw new Error(`${path} answers ${statusCode}: ${text.slice(0, 500)}`);
    await sleep(1_000 * (Number(answer.headers["retry-after"]) || DEFAULT_RETRY_AFTER_S));
  }
}
