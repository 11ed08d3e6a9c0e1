import { eventually } from "@xtrace/testkit";
import { beforeAll, expect, test } from "vitest";
import { apiOf, type Answer } from "../support/api.ts";
import { describeEachSystem } from "../support/each-system.ts";
import { IDS, RANGE, readMarked, writeMarked, type Mark } from "../support/marked-data.ts";
import { createMarked } from "../support/marked-managed.ts";
import { mapConcurrently } from "../support/map-concurrently.ts";
import { fillPath, readOperations, type ReadOperation } from "../support/read-operations.ts";

const MARK_OF_A: Mark = { text: "secret5a17", number: 51_735 };
const MARK_OF_B: Mark = { text: "other9b20", number: 92_099 };

/**
 * Nothing of a project is in these: they speak of the key, of the process or of the API. Nor of dead letters: what
 * the gateway lets through is refused by no PostgreSQL, so nobody can write one from outside. What is told of a file
 * has no room for a mark; the tests of clients' media have two projects.
 */
const WITHOUT_DATA =
  /^\/(healthz|livez|readyz|metrics|openapi\.json|docs.*|api\/public\/(health|ready|projects|media\/.*)|api\/internal\/.*|api\/dead-letters.*)$/;

/** Values of all parameters that take no text of A's, so that a request is not refused before it looks for anything. */
const REQUIRED = {
  name: MARK_OF_A.text,
  runName: MARK_OF_A.text,
  fromStartTime: RANGE.from,
  from: RANGE.from,
  to: RANGE.to,
  fromTimestamp: RANGE.from,
  // Beyond today: the time of a comment is not its writer's to say.
  toTimestamp: "2100-01-01T00:00:00Z",
  query: JSON.stringify({
    view: "observations",
    dimensions: [{ field: "name" }],
    metrics: [{ measure: "count", aggregation: "count" }],
    fromTimestamp: RANGE.from,
    toTimestamp: RANGE.to,
  }),
} as const;

/** For some thousand requests on a busy machine. */
const timeout = 240_000;

describeEachSystem("tenancy", ({ system }) => {
  const asA = () => apiOf(system(), system().projectA);
  const asB = () => apiOf(system(), system().projectB);
  let operations: ReadOperation[] = [];
  let ofA: Record<string, unknown> = {};
  /** Ids that the system chose for what A created. */
  let created: string[] = [];

  beforeAll(async () => {
    operations = await readOperations(system());
    await writeMarked(asA(), MARK_OF_A);
    created = await createMarked(asA(), MARK_OF_A);
    ofA = await eventually(() => readMarked(asA(), MARK_OF_A));
  });

  test("what A wrote is marked wherever it is read", { timeout }, async () => {
    // So that the next test can fail: its requests show A's data to A, on every route that has any.
    for (const operation of operations.filter(({ path }) => !WITHOUT_DATA.test(path))) {
      const answers = await mapConcurrently(requestsOf(operation, created), ({ url }) => asA().get(url));
      const found = answers.filter(({ status, text }) => status === 200 && text.includes(MARK_OF_A.text));
      expect.soft(found.length, operation.path).toBeGreaterThan(0);
    }
  });

  test("B finds nothing of A's on any route, by any id or value", { timeout }, async () => {
    for (const operation of operations) {
      await mapConcurrently(requestsOf(operation, created), async ({ url, named }) => {
        const answer = await asB().get(url);
        expectNothingOf(answer, url, named);
        // That something exists elsewhere must not show either: the answer is the one for what exists nowhere.
        if (named.length === 0) return;
        const strangers = named.map((value) => value.replace(/^./, value.startsWith("9") ? "8" : "9"));
        const strangeUrl = named.reduce(
          (text, value, index) =>
            text.replaceAll(encodeURIComponent(value), encodeURIComponent(strangers[index] ?? "")),
          url,
        );
        const absent = await asB().get(strangeUrl);
        expect.soft(absent.status, url).toBe(answer.status);
        expect.soft(withoutNames(withoutNoise(absent), strangers), url).toBe(withoutNames(withoutNoise(answer), named));
      });
    }
  });

  test("B cannot write into A's project by naming it", async () => {
    const body = { projectId: system().projectA.projectId, trace: { id: "smuggled", name: MARK_OF_B.text } };
    expect((await asB().post("/v1/l/batch", body)).status).toBe(403);
    const nested = { trace: { id: "smuggled", projectId: system().projectA.projectId } };
    expect((await asB().post("/v1/l/batch", nested)).status).toBe(403);
    const batch = [
      {
        id: "e",
        type: "trace-create",
        timestamp: RANGE.from,
        body: { id: "smuggled", projectId: system().projectA.projectId },
      },
    ];
    await asB().post("/api/public/ingestion", { batch });
    await expect.poll(async () => (await asB().get("/api/public/traces/smuggled")).status).toBe(200);
    expect((await asA().get("/api/public/traces/smuggled")).status).toBe(404);
  });

  test("B writes over every id of A's, and each reads its own", { timeout }, async () => {
    await writeMarked(asB(), MARK_OF_B);
    await createMarked(asB(), MARK_OF_B);
    const ofB = await eventually(() => readMarked(asB(), MARK_OF_B));
    for (const [path, body] of Object.entries(ofB)) {
      expect.soft(JSON.stringify(body), path).not.toContain(MARK_OF_A.text);
    }
    expect(await readMarked(asA(), MARK_OF_A)).toEqual(ofA);
    // B's key still sees nothing of A's now that it has rows with the same ids.
    for (const operation of operations) {
      await mapConcurrently(requestsOf(operation, created), async ({ url, named }) =>
        expectNothingOf(await asB().get(url), url, named),
      );
    }
  });

  test("a public key alone reads nothing and writes scores only", async () => {
    const bearer = { Authorization: `Bearer ${system().projectA.publicKey}`, "Content-Type": "application/json" };
    for (const operation of operations.filter(({ path }) => !WITHOUT_DATA.test(path))) {
      const url = `${system().baseUrl}${fillPath(operation.path, { id: IDS.nativeTrace })}?name=${MARK_OF_A.text}`;
      const response = await fetch(url, { headers: bearer });
      expect.soft(response.status, operation.path).toBe(403);
      expect.soft(await response.text()).not.toContain(MARK_OF_A.text);
    }
    const write = await fetch(`${system().baseUrl}/v1/l/batch`, {
      method: "POST",
      headers: bearer,
      body: '{"trace":{"id":"x"}}',
    });
    expect(write.status).toBe(403);
  });

  function expectNothingOf({ status, text, headers }: Answer, url: string, named: readonly string[]): void {
    // What is not found may be called by all that it was asked for by; what is found may not.
    const asked = status === 404 ? [...new URL(url, system().baseUrl).searchParams.values()] : [];
    const shown = withoutNames(`${text}\n${JSON.stringify([...headers])}`, [...named, ...asked.flatMap(asInJson)]);
    expect.soft(status, url).toBeLessThan(500);
    for (const secret of [MARK_OF_A.text, system().projectA.publicKey, system().projectA.projectId]) {
      expect.soft(shown, url).not.toContain(secret);
    }
    // By itself: digits may also be part of a request's random id.
    expect.soft(shown, url).not.toMatch(new RegExp(`(?<![0-9a-f])${MARK_OF_A.number}(?![0-9a-f])`));
  }
});

type Request = {
  readonly url: string;
  /** What the path names, which the answer may repeat. */
  readonly named: readonly string[];
};

/**
 * A route with A's ids in its path, and with A's ids and values in each of its parameters. What a path names already
 * is narrowed by values that are no ids.
 */
function requestsOf({ path, pathParams, queryParams }: ReadOperation, created: readonly string[]): Request[] {
  const known = [...Object.values(IDS), MARK_OF_A.text];
  const json = JSON.stringify({ [MARK_OF_A.text]: MARK_OF_A.text });
  const names = new Set(queryParams.map(({ name }) => name));
  const base = Object.entries(REQUIRED).filter(
    ([name]) => names.has(name) && (name !== "name" || path.endsWith("/query")),
  );
  const query = (extra: ReadonlyArray<readonly [string, string]>) => {
    const replaced = new Set<string>(extra.map(([name]) => name));
    return new URLSearchParams(
      Object.fromEntries([...base.filter(([name]) => !replaced.has(name)), ...extra]),
    ).toString();
  };
  const valuesOf = (name: string) => {
    if (pathParams.length > 0) return [MARK_OF_A.text, json];
    return [...known, json, ...(/id$/i.test(name) ? created : [])];
  };
  const pathValues = pathParams.length > 1 ? [...created, MARK_OF_A.text] : [...known, ...created];
  return combinations(pathParams, pathValues).flatMap((params) => {
    const filled = fillPath(path, params);
    const named = [...new Set(Object.values(params))];
    return [
      { url: `${filled}?${query([])}`, named },
      ...queryParams.flatMap(({ name }) =>
        valuesOf(name).map((value) => ({ url: `${filled}?${query([[name, value]])}`, named })),
      ),
    ];
  });
}

/** Every name with every value, in all ways. */
function combinations(
  [name, ...others]: readonly string[],
  values: readonly string[],
): Array<Readonly<Record<string, string>>> {
  if (name === undefined) return [{}];
  const rest = combinations(others, values);
  return values.flatMap((value) => rest.map((params) => ({ [name]: value, ...params })));
}

/** A text, and how it looks inside of one that is JSON. */
function asInJson(text: string): string[] {
  return [text, JSON.stringify(text).slice(1, -1)].filter((spelling) => spelling !== "");
}

function withoutNames(text: string, names: readonly string[]): string {
  return names.reduce((left, name) => left.replaceAll(name, "ID"), text);
}

/** An answer but for what differs between any two: its number and the time. */
function withoutNoise({ text, body }: Answer): string {
  return text.replaceAll(String(body?.requestId), "").replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "");
}
