import { eventually } from "@xtrace/testkit";
import type { Api } from "./api.ts";
import { IDS, type Mark } from "./marked-data.ts";

/** Creates one of each thing that is managed, filled with the mark and about the marked data. Returns the ids that the system chose. */
export async function createMarked(api: Api, { text }: Mark): Promise<string[]> {
  // Only what is there can be commented on.
  await eventually(() => api.read(`/api/public/traces/${IDS.nativeTrace}`));
  const json = { [text]: text };
  const requests: ReadonlyArray<readonly [path: string, body: object]> = [
    [
      "score-configs",
      { name: text, dataType: "CATEGORICAL", categories: [{ label: text, value: 1 }], description: text },
    ],
    [
      "comments",
      { projectId: text, objectType: "TRACE", objectId: IDS.nativeTrace, content: text, authorUserId: text },
    ],
    // It prices nothing of the marked data, which would depend on how soon a worker knows it.
    ["models", { modelName: text, matchPattern: `^never ${text}$`, unit: "TOKENS", inputPrice: 1 }],
    [
      "v2/prompts",
      { name: text, prompt: text, labels: ["production"], tags: [text], config: json, commitMessage: text },
    ],
    ["v2/datasets", { name: text, description: text, metadata: json }],
    [
      "dataset-items",
      {
        datasetName: text,
        id: IDS.datasetItem,
        input: json,
        expectedOutput: json,
        metadata: json,
        sourceTraceId: IDS.langfuseTrace,
        sourceObservationId: IDS.langfuseObservation,
      },
    ],
    ["annotation-queues", { name: text, description: text, scoreConfigIds: [] }],
  ];
  const ids: string[] = [];
  for (const [path, body] of requests) ids.push((await create(api, path, body))["id"] ?? "");
  const run = {
    runName: text,
    runDescription: text,
    metadata: json,
    datasetItemId: IDS.datasetItem,
    traceId: IDS.langfuseTrace,
    observationId: IDS.langfuseObservation,
  };
  const { datasetRunId = "" } = await create(api, "dataset-run-items", run);
  const queueItem = { objectId: text, objectType: "TRACE" };
  const { id: queueItemId = "" } = await create(api, `annotation-queues/${ids.at(-1)}/items`, queueItem);
  return [...ids.filter((id) => id !== IDS.datasetItem), datasetRunId, queueItemId];
}

async function create(api: Api, path: string, body: object): Promise<Readonly<Record<string, string | undefined>>> {
  const answer = await api.post(`/api/public/${path}`, body);
  if (answer.status >= 300) throw new Error(`POST ${path}: ${answer.status} ${answer.text}`);
  return answer.body;
}
