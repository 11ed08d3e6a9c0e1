import * as fc from "fast-check";
import { fillPath, type ReadOperation } from "../read-operations.ts";
import type { MakeRequest } from "./fuzz-request.ts";
import { jsonText } from "./json-text.ts";

const value = fc.oneof(
  fc.constantFrom("1", "2", "50", "x", "timestamp.desc", "2026-03-01T00:00:00Z", "core,io", "DEFAULT", "1h", "avg"),
  fc.constantFrom(
    "",
    "-1",
    "1e9",
    "99999999999999999999",
    "NaN",
    "%_\\",
    "'; DROP TABLE traces; --",
    "\u0000",
    "a\u0000",
  ),
  fc.string({ unit: "binary", maxLength: 30 }),
  fc.constant("語".repeat(300)),
  jsonText.map((text) => text.slice(0, 2_000)),
);

const FILTER_COLUMNS = ["name", "timestamp", "tags", "metadata", "latency", "nonsense", "__proto__"];
const FILTER_TYPES = ["string", "datetime", "number", "stringOptions", "arrayOptions", "stringObject", "null", "x"];
const FILTER_OPERATORS = ["=", ">", "contains", "any of", "none of", "is null", "matches", "; --"];

/** As analysts write it, with anything in each place. */
const filter = fc
  .array(
    fc.record({
      column: fc.constantFrom(...FILTER_COLUMNS),
      type: fc.constantFrom(...FILTER_TYPES),
      operator: fc.constantFrom(...FILTER_OPERATORS),
      value: jsonText,
    }),
    { maxLength: 3 },
  )
  .map((parts) => {
    const objects = parts.map(
      ({ value: text, ...fields }) => `${JSON.stringify({ ...fields, key: "k" }).slice(0, -1)},"value":${text}}`,
    );
    return `[${objects.join(",")}]`.slice(0, 6_000);
  });

/** Half a surrogate pair as the bytes that a careless client sends. */
function encode(text: string): string {
  return text.isWellFormed() ? encodeURIComponent(text) : "%ED%A0%80";
}

/** Some of the parameters of one of the operations, each with any value. */
export function readRequests(operations: readonly ReadOperation[]): fc.Arbitrary<MakeRequest> {
  return fc.constantFrom(...operations).chain(({ path, pathParams, queryParams }) => {
    const inPath = fc.record(Object.fromEntries(pathParams.map((name) => [name, value])));
    const inQuery = fc.record(
      Object.fromEntries(queryParams.map(({ name }) => [name, name === "filter" ? filter : value])),
      { requiredKeys: queryParams.filter(({ required }) => required).map(({ name }) => name) },
    );
    return fc.tuple(inPath, inQuery).map(([params, query]) => () => {
      const pairs = Object.entries(query).map(([name, text]) => `${encodeURIComponent(name)}=${encode(text)}`);
      const filled = Object.fromEntries(Object.entries(params).map(([name, text]) => [name, text || "x"]));
      return { method: "GET", path: `${fillPath(path, filled)}?${pairs.join("&")}`, headers: {}, rows: [] };
    });
  });
}
