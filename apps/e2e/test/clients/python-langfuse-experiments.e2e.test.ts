import { describe, expect, test } from "vitest";
import type { Json } from "../support/api.ts";
import { describeStandalone } from "../support/each-system.ts";
import { pythonWith, type Python } from "../support/python.ts";
import { LANGFUSE_VERSIONS, langfusePackages } from "../support/python-packages.ts";

const SDKS = [
  // It scores no experiment but a dataset's run, and flattens metadata.
  {
    version: LANGFUSE_VERSIONS[2],
    metadata: { model: "none", "prompt.label": "best" },
    ofRun: { model: "none", prompt: { label: "best" } },
    localScores: [],
  },
  // It tells of all by spans alone.
  {
    version: LANGFUSE_VERSIONS[3],
    metadata: { model: "none", prompt: { label: "best" } },
    ofRun: { model: "none", prompt: { label: "best" } },
    localScores: [expect.objectContaining({ name: "average", value: 0.5 })],
  },
];

const pythons: (Python | undefined)[] = [];
for (const { version } of SDKS) pythons.push(await pythonWith(langfusePackages(version)));

for (const [index, { version, metadata, ofRun, localScores }] of SDKS.entries()) {
  const python = pythons[index];
  describe.skipIf(!python)(`SDK ${version}`, () => {
    describeStandalone(`experiments of langfuse ${version} for Python`, ({ system }) => {
      test("what ran is listed with its items, and gone with its traces", async () => {
        const { baseUrl, projectA } = system();
        const result = await python?.run("langfuse_experiments.py", [], {
          LANGFUSE_PUBLIC_KEY: projectA.publicKey,
          LANGFUSE_SECRET_KEY: projectA.secretKey,
          LANGFUSE_HOST: baseUrl,
          LANGFUSE_BASE_URL: baseUrl,
        });
        const { local, kept, datasetId } = result;
        const told = { description: "in the head", itemCount: 2 };
        expect(local.experiments).toMatchObject([
          { ...told, id: local.id, datasetId: null, metadata, scores: localScores },
        ]);
        expect(kept.experiments).toMatchObject([
          { ...told, id: kept.id, datasetId, metadata: ofRun, scores: [{ name: "average", value: 0.5 }] },
        ]);
        expectItems(local, null);
        expectItems(kept, datasetId);
        expect(result.ofDataset).toEqual([kept.id]);
        expect(result.countLeft).toEqual([1]);
        expect(result.left).toEqual([kept.id]);
      });
    });
  });
}

function expectItems({ id, traceIds, items }: Json, datasetId: string | null): void {
  const one = items.find(({ input }: Json) => input === "1+1");
  const other = items.find(({ input }: Json) => input === "2+3");
  const told = { experimentId: id, experimentDatasetId: datasetId, environment: "sdk-experiment" };
  expect(one).toMatchObject({ ...told, output: "two", expectedOutput: "two", scores: [{ name: "exact", value: 1 }] });
  expect(other).toMatchObject({
    ...told,
    output: "six",
    expectedOutput: "five",
    scores: [{ name: "exact", value: 0 }],
  });
  expect(one.experimentItemMetadata).toEqual({ digits: 1 });
  expect(one.experimentDescription).toBe("in the head");
  expect([one.traceId, other.traceId].toSorted()).toEqual([...traceIds].toSorted());
}
