import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { apiOf } from "../support/api.ts";
import { describeStandalone } from "../support/each-system.ts";

const require = createRequire(import.meta.url);

/** Which answer each of the client's types describes. What a type extends is a line of its own. */
const ANSWERS: ReadonlyArray<readonly [type: string, method: "get" | "post", path: string]> = [
  ["Trace$1", "get", "/traces"],
  ["Trace$1", "get", "/traces/{traceId}"],
  ["TraceWithDetails", "get", "/traces"],
  ["TraceWithFullDetails", "get", "/traces/{traceId}"],
  ["ObservationsView", "get", "/observations"],
  ["ObservationsView", "get", "/observations/{observationId}"],
  ["ObservationV2", "get", "/v2/observations"],
  ["Session", "get", "/sessions"],
  ["Session", "get", "/sessions/{sessionId}"],
  ["SessionWithTraces", "get", "/sessions/{sessionId}"],
  ["BaseScore", "get", "/v2/scores"],
  ["BaseScoreV3", "get", "/v3/scores"],
  ["Comment", "get", "/comments"],
  ["Model", "get", "/models"],
  ["Project", "get", "/projects"],
  ["ScoreConfig", "get", "/score-configs"],
  ["PromptMeta", "get", "/v2/prompts"],
  ["BasePrompt", "get", "/v2/prompts/{promptName}"],
  ["Dataset", "get", "/v2/datasets"],
  ["DatasetItem", "get", "/dataset-items"],
  ["DatasetRun", "get", "/datasets/{datasetName}/runs"],
  ["DatasetRunItem", "get", "/dataset-run-items"],
  ["Experiment", "get", "/experiments"],
  ["ExperimentItem", "get", "/experiment-items"],
  ["AnnotationQueue", "get", "/annotation-queues"],
  ["AnnotationQueueItem", "get", "/annotation-queues/{queueId}/items"],
  ["GetMediaResponse", "get", "/media/{mediaId}"],
  ["GetMediaUploadUrlResponse", "post", "/media"],
];

const REQUESTS: ReadonlyArray<readonly [type: string, path: string]> = [
  ["GetTracesRequest", "/traces"],
  ["GetTraceRequest", "/traces/{traceId}"],
  ["GetSessionsRequest", "/sessions"],
  ["GetScoresRequest", "/v2/scores"],
  ["GetCommentsRequest", "/comments"],
  ["GetModelsRequest", "/models"],
  ["GetScoreConfigsRequest", "/score-configs"],
  ["ListPromptsMetaRequest", "/v2/prompts"],
  ["GetPromptRequest", "/v2/prompts/{promptName}"],
  ["GetDatasetsRequest", "/v2/datasets"],
  ["GetDatasetItemsRequest", "/dataset-items"],
  ["ListDatasetRunItemsRequest", "/dataset-run-items"],
  ["GetAnnotationQueuesRequest", "/annotation-queues"],
  ["GetAnnotationQueueItemsRequest", "/annotation-queues/{queueId}/items"],
  ["ListExperimentsRequest", "/experiments"],
  ["ListExperimentItemsRequest", "/experiment-items"],
];

/** Optional there, and of Langfuse's cloud alone. */
const NOT_OURS = new Set(["_deprecation", "retentionDays"]);

type Property = { readonly name: string; readonly isOptional: boolean; readonly type: string };

/** The properties of each interface of the client's declarations, as its generator lays them out. */
async function clientTypes(): Promise<ReadonlyMap<string, readonly Property[]>> {
  const entry = require.resolve("@langfuse/core");
  const text = await readFile(join(dirname(entry), "index.d.ts"), "utf8");
  const types = new Map<string, readonly Property[]>();
  for (const [, name = "", body = ""] of text
    .replaceAll(/\/\*\*[\s\S]*?\*\//g, "")
    .matchAll(/^interface ([\w$]+)(?: extends [^{]+)? \{\n([\s\S]*?)^\}/gm)) {
    const properties = [...body.matchAll(/^ {4}"?([\w$]+)"?(\??): ([^;]+);/gm)].map(
      ([, property = "", optional, type = ""]) => ({ name: property, isOptional: optional === "?", type }),
    );
    if (!types.has(name)) types.set(name, properties);
  }
  return types;
}

function namesOf(properties: readonly Property[] = []): string[] {
  return properties.map(({ name }) => name);
}

type Schema = {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
};
type Operation = {
  readonly parameters?: ReadonlyArray<{ readonly name: string; readonly in: string }>;
  readonly responses: Readonly<
    Record<string, { readonly content?: { readonly "application/json"?: { readonly schema: Schema } } }>
  >;
};
type Document = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
};

function propertiesOf(document: Document, schema: Schema | undefined): Readonly<Record<string, Schema>> {
  if (!schema) return {};
  if (schema.$ref) return propertiesOf(document, document.components.schemas[schema.$ref.split("/").at(-1) ?? ""]);
  const parts = [...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? []), schema.items];
  return Object.assign({}, ...parts.map((part) => propertiesOf(document, part)), schema.properties);
}

function partsOf(document: Document, schema: Schema): readonly Schema[] {
  if (schema.$ref) return partsOf(document, document.components.schemas[schema.$ref.split("/").at(-1) ?? ""] ?? {});
  const parts = [...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  return parts.length === 0 ? [schema] : [schema, ...parts.flatMap((part) => partsOf(document, part))];
}

/** The schema of one item of a list, else of the answer itself. */
function itemOf(document: Document, method: string, path: string): Schema {
  const { responses } = document.paths[`/api/public${path}`]?.[method] ?? { responses: {} };
  const answer = (responses["200"] ?? responses["201"])?.content?.["application/json"]?.schema ?? {};
  const list = partsOf(document, answer).find(({ properties }) => properties?.["data"])?.properties?.["data"];
  return list ? (partsOf(document, list).find(({ items }) => items)?.items ?? {}) : answer;
}

/** What a property does not keep to of the client's type; only texts, numbers and booleans are compared. */
function broken(document: Document, item: Schema, { name, isOptional, type }: Property): string[] {
  const parts = partsOf(document, item);
  const kinds = parts.flatMap(({ properties }) =>
    partsOf(document, properties?.[name] ?? {}).flatMap((part) => part.type ?? []),
  );
  const [wanted = ""] = /^(?:string|number|boolean)(?=$| \| null$)/.exec(type) ?? [];
  const isOfKind = wanted === "" || kinds.includes(wanted) || (wanted === "number" && kinds.includes("integer"));
  const isThere = isOptional || type.includes("unknown") || parts.some(({ required }) => required?.includes(name));
  const mayBeNull = isOptional || type.includes("null") || type.includes("unknown") || !kinds.includes("null");
  return [
    ...(isOfKind ? [] : [`${name} is no ${wanted}`]),
    ...(isThere ? [] : [`${name} may be absent`]),
    ...(mayBeNull ? [] : [`${name} may be null`]),
  ];
}

describeStandalone("the types of langfuse 5", ({ system }) => {
  const documentOf = async (): Promise<Document> => await apiOf(system(), system().projectA).read("/openapi.json");

  test("have no field that answers lack", async () => {
    const [document, types] = [await documentOf(), await clientTypes()];
    for (const [type, method, path] of ANSWERS) {
      const fields = Object.keys(propertiesOf(document, itemOf(document, method, path)));
      const wanted = namesOf(types.get(type)).filter((field) => !NOT_OURS.has(field));
      expect(wanted.length, type).toBeGreaterThan(0);
      expect(fields, `${type} at ${path}`).toEqual(expect.arrayContaining(wanted));
    }
  });

  test("are kept by the fields: none is absent, null or of another kind than a client expects", async () => {
    const [document, types] = [await documentOf(), await clientTypes()];
    for (const [type, method, path] of ANSWERS) {
      const item = itemOf(document, method, path);
      const properties = (types.get(type) ?? []).filter(({ name }) => !NOT_OURS.has(name));
      const problems = properties.flatMap((property) => broken(document, item, property));
      expect(problems, `${type} at ${path}`).toEqual([]);
    }
  });

  test("have no parameter that is not known", async () => {
    const [document, types] = [await documentOf(), await clientTypes()];
    for (const [type, path] of REQUESTS) {
      const known = document.paths[`/api/public${path}`]?.["get"]?.parameters ?? [];
      const wanted = namesOf(types.get(type));
      expect(wanted.length, type).toBeGreaterThan(0);
      const names = known.filter((parameter) => parameter.in === "query").map(({ name }) => name);
      expect(names, `${type} at ${path}`).toEqual(expect.arrayContaining(wanted));
    }
  });
});
