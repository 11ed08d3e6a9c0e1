import { eventually } from "@xtrace/testkit";
import { expect, test } from "vitest";
import { apiOf } from "../support/api.ts";
import { describeEachSystem } from "../support/each-system.ts";
import { LINES, type Line } from "../support/matrix-lines.ts";

/** Spans in one trace that others have been brought down by. */
const MANY_SPANS = 10_000;
const SPANS_A_REQUEST = 500;

describeEachSystem("the matrix of bad input", ({ system }) => {
  const api = () => apiOf(system(), system().projectA);

  test.each(LINES.map((line, index) => ({ ...line, index })))("$title", async (line) => {
    const id = `line-${line.index}`;
    const numbered = (text: string) =>
      text.replaceAll("@id@", id).replaceAll("@hex@", String(line.index).padStart(32, "a"));
    const body = typeof line.body === "string" ? numbered(line.body) : line.body;
    const answer = await api().post(line.path ?? "/v1/l/batch", body, line.headers);
    expect(answer.status, answer.text.slice(0, 500)).toBe(line.status);
    expect({ ...answer.body }).toMatchObject(line.answer ?? {});
    expect(Object.fromEntries(answer.headers)).toMatchObject(line.answerHeaders ?? {});
    expect(answer.headers.get("x-request-id")).toMatch(/^[\w-]+$/);
    for (const { path, status, body: wanted } of storedBy(line, id, numbered)) {
      await eventually(async () => {
        const found = await api().get(`/api/public/${path}`);
        expect(found.status, path).toBe(status);
        expect(found.body).toMatchObject(wanted);
      });
    }
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  test("what was no UTF-8 became U+FFFD", async () => {
    await eventually(async () =>
      expect(await api().read("/api/public/observations/utf8-line")).toMatchObject({ name: "a\uFFFD\uFFFDb" }),
    );
  });

  test("headers of more than 16 KB", async () => {
    const answer = await api().post("/v1/l/batch", "{}", { "X-Long": "x".repeat(17_000) });
    expect(answer.status).toBe(431);
  });

  test(`${MANY_SPANS} spans in one trace`, { timeout: 120_000 }, async () => {
    for (let first = 0; first < MANY_SPANS; first += SPANS_A_REQUEST) {
      const observations = Array.from({ length: SPANS_A_REQUEST }, (_, index) => ({
        id: `many-${first + index}`,
        traceId: "many",
        type: "SPAN",
        parentObservationId: `many-${first + index - 1}`,
      }));
      expect((await api().post("/v1/l/batch", { observations })).status).toBe(200);
    }
    await eventually(
      async () =>
        expect(await api().read("/api/public/traces/many?fields=core")).toMatchObject({
          observationCount: MANY_SPANS,
        }),
      { timeoutMs: 60_000, intervalMs: 250 },
    );
  });
});

type Stored = { readonly path: string; readonly status: number; readonly body: object };

/** What has to be read back of a line: first what is there, so that what is not has had its time. */
function storedBy({ observation, trace, good }: Line, id: string, numbered: (text: string) => string): Stored[] {
  const found = (path: string, body: object) => ({
    path,
    status: 200,
    body: JSON.parse(numbered(JSON.stringify(body))) as object,
  });
  const absent = (path: string) => ({ path, status: 404, body: {} });
  return [
    ...(good ? [found(`observations/${id}-good`, {})] : []),
    ...(observation ? [found(`observations/${id}`, observation)] : []),
    ...(trace ? [found(`traces/${id}-t`, trace)] : []),
    ...(good === false ? [absent(`observations/${id}-good`)] : []),
    ...(observation === null ? [absent(`observations/${id}`)] : []),
  ];
}
