import { OBSERVATION_TYPES, type ObservationType } from "@xtrace/contract";

/** What an event of the batch writes. An observation's `type` is `undefined` where its body says it. */
export type EventKind =
  | { readonly entity: "trace" }
  | { readonly entity: "score" }
  | { readonly entity: "log" }
  | { readonly entity: "observation"; readonly verb: "create" | "update"; readonly type: ObservationType | undefined };

/** By the event's `type`: every observation type has a create and an update, whichever of them clients use today. */
export const EVENT_KINDS: ReadonlyMap<string, EventKind> = new Map<string, EventKind>([
  ["trace-create", { entity: "trace" }],
  ["score-create", { entity: "score" }],
  ["sdk-log", { entity: "log" }],
  ...[undefined, ...OBSERVATION_TYPES].flatMap((type) => observationKinds(type)),
]);

function observationKinds(type: ObservationType | undefined): Array<[string, EventKind]> {
  const name = type?.toLowerCase() ?? "observation";
  return [
    [`${name}-create`, { entity: "observation", verb: "create", type }],
    [`${name}-update`, { entity: "observation", verb: "update", type }],
  ];
}
