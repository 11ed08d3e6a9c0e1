import { describe, expect, test } from "vitest";
import { apiOf } from "../support/api.ts";
import { describeEachSystem } from "../support/each-system.ts";
import { mapConcurrently } from "../support/map-concurrently.ts";
import { fillPath, readOperations, type ReadOperation } from "../support/read-operations.ts";

const long = "x".repeat(8_000);

/** Whatever the parameter is for: an id, a number, a time, a name, JSON. */
const HOSTILE = [
  "\u0000",
  "a\u0000b",
  "\ud800",
  "",
  " ",
  "0",
  "-1",
  "1e9",
  "1000000000",
  "99999999999999999999",
  "NaN",
  "Infinity",
  "0x10",
  "1.5",
  "'; DROP TABLE traces; --",
  '" OR 1=1 --',
  "timestamp.desc; SELECT pg_sleep(5)",
  "name) DESC NULLS FIRST, (SELECT 1",
  "%_\\",
  "__proto__",
  "constructor.asc",
  "{}",
  "[]",
  '{"a":{"b":1}}',
  '{"length":{"toString":1,"valueOf":1}}',
  Buffer.from('{"lastStartTimeTo":"2026-01-01T00:00:00Z","lastTraceId":{"length":{"toString":1}}}').toString("base64"),
  '{"__proto__":{"x":"y"}}',
  '{"a\\u0000":"b\\ud800"}',
  "{",
  "null",
  "*",
  "a,b,,c",
  "+275760-09-13T00:00:00.000Z",
  "-000001-01-01T00:00:00Z",
  "0000-00-00T00:00:00Z",
  "2026-13-45T99:99:99Z",
  "2026-01-01",
  "../../../etc/passwd",
  "%2e%2e%2f",
  "語".repeat(300),
  long,
];

describeEachSystem("hostile reads", ({ system }) => {
  const api = () => apiOf(system(), system().projectA);

  test("no parameter of any route can make a failure", { timeout: 400_000 }, async () => {
    const operations = await readOperations(system());
    expect(operations.length).toBeGreaterThan(10);
    const faults: Array<string | undefined> = [];
    for (const operation of operations) faults.push(...(await mapConcurrently(hostileUrls(operation), faultOf)));
    expect(faults.length).toBeGreaterThan(1_000);
    expect(faults.filter((fault) => fault !== undefined)).toEqual([]);
  });

  /** What is wrong with the answer, or nothing. */
  async function faultOf(url: string): Promise<string | undefined> {
    const { status, text, body } = await api().get(url);
    const fault = (what: string) => `${what}: ${url.slice(0, 200)}: ${status} ${text.slice(0, 300)}`;
    // A signed URL needs no key, and is refused as not signed whatever else is wrong with it.
    const isSigned = url.includes("signature=");
    if (![200, 400, 404, 414, 431, ...(isSigned ? [403] : [])].includes(status)) return fault("unexpected status");
    if (status === 400 && !(body?.message && body.code)) return fault("no reason given");
    // Nothing is stored, so nothing may be found either, but what every project has: itself, and built-in models.
    const isList = status === 200 && Array.isArray(body?.data) && !/\/(projects|models)\b/.test(url);
    return isList && body.data.length > 0 ? fault("found something") : undefined;
  }

  describe("a value of 100 KB", () => {
    test.each(["traces?name=", "observations?traceId=", "metrics/query?name=", "v2/scores?scoreIds="])(
      "%s",
      async (path) => {
        const answer = await api().get(`/api/public/${path}${"x".repeat(100_000)}`);
        expect([400, 414, 431]).toContain(answer.status);
      },
    );
  });

  test("a page far beyond the end is empty", async () => {
    for (const path of ["traces", "observations", "sessions", "v2/scores", "metrics/daily"]) {
      expect((await api().get(`/api/public/${path}?page=1000000000`)).body.data, path).toEqual([]);
    }
  });

  test("an unknown column, step or aggregation is refused by name", async () => {
    const cases = {
      "traces?orderBy=password.asc": "orderBy",
      "traces?orderBy=timestamp.sideways": "orderBy",
      "metrics/query?name=x&step=7m": "step",
      "metrics/query?name=x&agg=median": "agg",
      "metrics/query?name=x&labels=[1]": "labels",
      "metrics/query": "name",
      "observations?type=NONSENSE": "type",
      "v2/observations?cursor=%7B%7D": "cursor",
      "traces?limit=-1": "limit",
      "traces?page=0": "page",
      "traces?fromTimestamp=yesterday": "fromTimestamp",
    };
    for (const [path, field] of Object.entries(cases)) {
      const { status, text } = await api().get(`/api/public/${path}`);
      expect.soft(status, path).toBe(400);
      expect.soft(text, path).toContain(field);
    }
  });
});

/** Each value in each parameter, the required ones filled so that it is the hostile one that decides. */
function hostileUrls(operation: ReadOperation): string[] {
  const { path, pathParams, queryParams } = operation;
  const required = queryParams
    .filter(({ required: isRequired }) => isRequired)
    .map(({ name }) => `${encodeURIComponent(name)}=x`);
  const url = (params: Readonly<Record<string, string>>, query: readonly string[]) =>
    `${fillPath(path, params)}?${query.join("&")}`;
  const plain = Object.fromEntries(pathParams.map((name) => [name, "x"]));
  return [
    ...pathParams.flatMap((name) => HOSTILE.map((value) => url({ ...plain, [name]: value || "x" }, required))),
    ...queryParams.flatMap(({ name }) =>
      HOSTILE.map((value) => {
        const others = required.filter((pair) => !pair.startsWith(`${encodeURIComponent(name)}=`));
        return url(plain, [...others, `${encodeURIComponent(name)}=${encodeLoosely(value)}`]);
      }),
    ),
    url(plain, ["a".repeat(1_000), "limit=1&limit=2", "page=1&page=x", "%=%", "a[b][c]=1"]),
  ];
}

/** Half a surrogate pair as the bytes that a careless client sends. */
function encodeLoosely(value: string): string {
  return value.isWellFormed() ? encodeURIComponent(value) : "%ED%A0%80";
}
