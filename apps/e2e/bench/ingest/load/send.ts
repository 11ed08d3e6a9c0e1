import { setTimeout as sleep } from "node:timers/promises";
import { headerOf } from "./read-answer.ts";
import type { Request, Sender } from "./sender.ts";

const DEFAULT_RETRY_AFTER_S = 1;

/** Sends until it is acknowledged and says how often it was refused for the moment. Any other answer is an error. */
export async function sendPatiently(sender: Sender, request: Request): Promise<number> {
  for (let refusals = 0; ; refusals++) {
    const { statusCode, head, body } = await sender.post(request);
    if (statusCode >= 200 && statusCode < 300) return refusals;
    if (statusCode !== 429 && statusCode !== 503)
      throw new Error(`${request.path} answers ${statusCode}: ${body.slice(0, 500)}`);
    await sleep(1_000 * (Number(headerOf(head, "retry-after")) || DEFAULT_RETRY_AFTER_S));
  }
}
