import type { Api } from "./api.ts";
import { IDS, type Mark } from "./marked-data.ts";

/** Creates one of each thing whose id the system chooses, filled with the mark and about the marked data. Returns the ids. */
export async function createMarked(api: Api, { text }: Mark): Promise<string[]> {
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
  ];
  const ids: string[] = [];
  for (const [path, body] of requests) {
    const answer = await api.post(`/api/public/${path}`, body);
    if (answer.status >= 300) throw new Error(`POST ${path}: ${answer.status} ${answer.text}`);
    ids.push(answer.body.id);
  }
  return ids;
}
