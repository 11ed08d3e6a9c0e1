import { describe, expect, test } from "vitest";
import { observationIdCandidates } from "../observations/observation-id-candidates.ts";
import { traceIdCandidates } from "./trace-id-candidates.ts";

describe("traceIdCandidates", () => {
  test.each([
    ["any text", ["any text"]],
    [
      "5b8efff7-9803-8103-d269-b633813fc60c",
      ["5b8efff7-9803-8103-d269-b633813fc60c", "5b8efff798038103d269b633813fc60c"],
    ],
    [
      "5B8EFFF7-9803-8103-D269-B633813FC60C",
      ["5B8EFFF7-9803-8103-D269-B633813FC60C", "5b8efff798038103d269b633813fc60c"],
    ],
    ["5b8efff798038103d269b633813fc60c", ["5b8efff798038103d269b633813fc60c", "5b8efff7-9803-8103-d269-b633813fc60c"]],
    ["5b8efff798038103d269b633813fc60", ["5b8efff798038103d269b633813fc60"]],
    ["", [""]],
  ])("%s", (id, candidates) => {
    expect(traceIdCandidates(id)).toEqual(candidates);
  });
});

describe("observationIdCandidates", () => {
  const hex = "eee19b7ec3c1b174";
  const padded = `0000000000000000${hex}`;
  const uuid = "00000000-0000-0000-eee1-9b7ec3c1b174";
  test.each([
    ["any text", ["any text"]],
    [hex, [hex, uuid, padded]],
    ["EEE19B7EC3C1B174", ["EEE19B7EC3C1B174", uuid, padded]],
    [uuid, [uuid, padded, hex]],
    [padded, [padded, uuid, hex]],
    [
      "5b8efff7-9803-8103-d269-b633813fc60c",
      ["5b8efff7-9803-8103-d269-b633813fc60c", "5b8efff798038103d269b633813fc60c"],
    ],
  ])("%s", (id, candidates) => {
    expect(observationIdCandidates(id)).toEqual(candidates);
  });
});
