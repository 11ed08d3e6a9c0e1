import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from "@xtrace/contract";
import { AppError } from "@xtrace/runtime";
import { emptyBag } from "./attribute-bag.ts";
import type { Intake } from "./intake.ts";
import { fillBag, isAbsent, listOf, textOf } from "./json-fields.ts";
import type { Around } from "./otlp-span.ts";
import { otherSignalMessage, pathOf, SIGNALS, type Place, type Signal } from "./signal.ts";

type Problems = Pick<Intake<unknown>, "reject" | "warn">;
type ReadItem = (sent: JsonObject, around: Around, place: Place) => void;
type Walk = { readonly signal: Signal; readonly problems: Problems; readonly readItem: ReadItem };

/**
 * Calls `readItem` for every item of an export in OTLP's JSON. What has the wrong shape costs the
 * items in it and no others. Throws BAD_REQUEST when the body is no export of this signal at all.
 *
 * Source: OTLP 1.x, "JSON Protobuf Encoding"; proto3 JSON mapping
 */
export function walkJson(signal: Signal, body: JsonValue, problems: Problems, readItem: ReadItem): void {
  if (!isJsonObject(body)) throw new AppError("BAD_REQUEST", "Body must be a JSON object");
  const resources = body[signal.resources];
  if (isAbsent(resources)) return refuseOtherSignals(signal, body);
  if (!isJsonArray(resources)) throw new AppError("BAD_REQUEST", `${signal.resources} must be a list`);
  const walk = { signal, problems, readItem };
  resources.forEach((item, index) => walkResource(walk, item, index));
}

function refuseOtherSignals(signal: Signal, body: JsonObject): void {
  const other = SIGNALS.find(({ resources }) => !isAbsent(body[resources]));
  if (other) throw new AppError("BAD_REQUEST", otherSignalMessage(other.resources, signal));
}

function walkResource(walk: Walk, item: JsonValue, index: number): void {
  const { signal, problems } = walk;
  const path = `${signal.resources}.${index}`;
  if (!isJsonObject(item)) return problems.reject(path, "expected an object");
  const resource = { attributes: readSideBag(item["resource"], `${path}.resource`, problems) };
  const scopes = listOf(item[signal.scopes]);
  if (!scopes) return problems.reject(`${path}.${signal.scopes}`, "expected a list");
  scopes.forEach((child, scopeIndex) => walkScope(walk, child, { resource, index, scopeIndex }));
}

type Parent = { readonly resource: Around["resource"]; readonly index: number; readonly scopeIndex: number };

function walkScope({ signal, problems, readItem }: Walk, item: JsonValue, parent: Parent): void {
  const path = `${signal.resources}.${parent.index}.${signal.scopes}.${parent.scopeIndex}`;
  if (!isJsonObject(item)) return problems.reject(path, "expected an object");
  const sent = isJsonObject(item["scope"]) ? item["scope"] : {};
  const attributes = readSideBag(sent, `${path}.scope`, problems);
  const scope = { name: textOf(sent["name"]), version: textOf(sent["version"]), attributes };
  const items = listOf(item[signal.items]);
  if (!items) return problems.reject(`${path}.${signal.items}`, "expected a list");
  const around = { resource: parent.resource, scope };
  items.forEach((child, index) => {
    const place = { resource: parent.index, scope: parent.scopeIndex, item: index };
    if (isJsonObject(child)) readItem(child, around, place);
    else problems.reject(pathOf(signal, place), "expected an object");
  });
}

/** The attributes of a resource or a scope: no reason to lose the items when they have the wrong shape. */
function readSideBag(owner: JsonValue | undefined, path: string, problems: Problems) {
  const attributes = isJsonObject(owner) ? owner["attributes"] : undefined;
  if (!listOf(attributes)) problems.warn(`${path}.attributes`, "expected a list; it was left out");
  return fillBag(emptyBag(), attributes).values;
}
