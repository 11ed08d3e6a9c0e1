import { eventually } from "@xtrace/testkit";
import { describe, expect, test } from "vitest";
import { apiOf, type Answer } from "../support/api.ts";
import { mapConcurrently } from "../support/map-concurrently.ts";
import { describeEachSystem } from "../support/each-system.ts";
import {
  GOOD_METRIC,
  GOOD_OTLP_TRACE,
  GOOD_TRACE,
  JSON_PROTOCOLS,
  type JsonProtocol,
} from "../support/json-protocols.ts";

const TIMEOUT_MS = 120_000;

type Case = { readonly title: string; readonly body: string; readonly field: string };

/** Each hostile value in each of the fields, next to one item that is in order. */
function casesOf(protocol: JsonProtocol): Case[] {
  return protocol.slots
    .flatMap(([field, values]) => values.map(({ title, json }) => ({ title: `${field}: ${title}`, field, json })))
    .map(({ title, field, json }, index) => ({
      title,
      field,
      body: protocol.body([protocol.item({ [field]: json }), protocol.good(index)]),
    }));
}

describeEachSystem("hostile fields", ({ system }) => {
  const api = () => apiOf(system(), system().projectA);
  let accepted = 0;
  let acceptedPoints = 0;
  let acceptedSpans = 0;

  describe.each(JSON_PROTOCOLS)("$title", (protocol) => {
    test("are refused by name or stored in a harmless form", { timeout: TIMEOUT_MS }, async () => {
      const answers = await mapConcurrently(casesOf(protocol), async (hostile) => ({
        ...hostile,
        answer: await api().post(protocol.path, hostile.body),
      }));
      for (const { title, field, answer } of answers) {
        expect.soft([200, 207, 400], `${title}: ${answer.text.slice(0, 200)}`).toContain(answer.status);
        expect.soft(saysWhy(field, answer), `${title}: ${answer.text.slice(0, 200)}`).toBe(true);
      }
      const good = answers.filter(({ answer }) => answer.status < 300).length;
      if (protocol.path === "/v1/metrics/batch" || protocol.path === "/v1/metrics") acceptedPoints += good;
      else if (protocol.path === "/v1/traces" || protocol.path === "/v1/logs") acceptedSpans += good;
      else accepted += good;
      expect(good).toBeGreaterThan(answers.length / 2);
    });
  });

  test("every neighbour that was in order is stored, and the queue is empty", { timeout: TIMEOUT_MS }, async () => {
    await eventually(
      async () => {
        expect(await api().read(`/api/public/observations?traceId=${GOOD_TRACE}&limit=1`)).toMatchObject({
          meta: { totalItems: accepted },
        });
        expect(await api().read(`/api/public/observations?traceId=${GOOD_OTLP_TRACE}&limit=1`)).toMatchObject({
          meta: { totalItems: acceptedSpans },
        });
        const query = `name=${GOOD_METRIC}&agg=sum&step=1d&from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z&group_by=none`;
        const { data } = await api().read(`/api/public/metrics/query?${query}`);
        expect(data[0]?.values[0]?.value).toBe(acceptedPoints);
        expect(await system().queueCounts()).toEqual({ waiting: 0, active: 0, delayed: 0, failed: 0 });
      },
      { timeoutMs: 60_000, intervalMs: 250 },
    );
  });
});

/** Whether a refusal says which field it is about, unless it is the whole body that cannot be read. */
function saysWhy(field: string, { status, body, text }: Answer): boolean {
  const isRefused = status === 400 || body?.errors?.length > 0 || body?.rejected > 0 || body?.partialSuccess;
  const isWhole = /INVALID_JSON|TOO_DEEP|NON_FINITE|nested deeper|too large for JSON|more than \d+ values/i.test(text);
  return !isRefused || isWhole || new RegExp(`${field}|span|id|dataPoint`, "i").test(text);
}
