import { emptyBag, type AttributeBag } from "./attribute-bag.ts";
import type { Around, OtlpResource, OtlpScope } from "./otlp-span.ts";
import { BYTES, readerOf, readFields, readMessage, readString, tagOf, type Reader } from "./protobuf-reader.ts";
import { readAttribute } from "./protobuf-values.ts";
import type { Place } from "./signal.ts";
import type { Draft } from "./span-draft.ts";

/*
 * The messages around the items of an export, the same in all signals. Fields that are not listed
 * here are skipped, as are those of another wire type, which is what protobuf readers do with them.
 *
 * Source: opentelemetry-proto 1.x, resource/v1/resource.proto, common/v1/common.proto
 */

const REQUEST = { resources: tagOf(1, BYTES) };
const RESOURCE_ITEMS = { resource: tagOf(1, BYTES), scopes: tagOf(2, BYTES) };
const RESOURCE = { attributes: tagOf(1, BYTES) };
const SCOPE_ITEMS = { scope: tagOf(1, BYTES), items: tagOf(2, BYTES) };
const SCOPE = { name: tagOf(1, BYTES), version: tagOf(2, BYTES), attributes: tagOf(3, BYTES) };

/**
 * Has to consume the item's message. What is `around` it may be filled in later than the item:
 * protobuf has fields in any order.
 */
type ReadItem = (reader: Reader, around: Around, place: Place) => void;

/** Calls `readItem` for every item. Throws BAD_REQUEST or TOO_DEEP when the bytes are no such message. */
export function walkProtobuf(bytes: Uint8Array, readItem: ReadItem): void {
  readFields(readerOf(bytes), { readItem, children: 0 }, readRequestField);
}

/** A list that is being read, with its place for the paths of rejections. */
type Request = { readonly readItem: ReadItem; children: number };
type ResourceItems = Request & { readonly index: number; readonly bag: AttributeBag; readonly resource: OtlpResource };
type ScopeItems = {
  readonly parent: ResourceItems;
  readonly index: number;
  readonly bag: AttributeBag;
  readonly scope: Draft<OtlpScope>;
  readonly around: Around;
  children: number;
};

function readRequestField(reader: Reader, tag: number, request: Request): boolean {
  if (tag !== REQUEST.resources) return false;
  const bag = emptyBag();
  const resource = { attributes: bag.values };
  const items = { readItem: request.readItem, children: 0, index: request.children++, bag, resource };
  readMessage(reader, items, readResourceItemsField);
  return true;
}

function readResourceItemsField(reader: Reader, tag: number, parent: ResourceItems): boolean {
  if (tag === RESOURCE_ITEMS.resource) readMessage(reader, parent.bag, readResourceField);
  else if (tag === RESOURCE_ITEMS.scopes) {
    const bag = emptyBag();
    const scope = { name: "", version: "", attributes: bag.values };
    const around = { resource: parent.resource, scope };
    readMessage(reader, { parent, index: parent.children++, bag, scope, around, children: 0 }, readScopeItemsField);
  } else return false;
  return true;
}

function readResourceField(reader: Reader, tag: number, bag: AttributeBag): boolean {
  if (tag !== RESOURCE.attributes) return false;
  readAttribute(reader, bag);
  return true;
}

function readScopeItemsField(reader: Reader, tag: number, scope: ScopeItems): boolean {
  if (tag === SCOPE_ITEMS.scope) readMessage(reader, scope, readScopeField);
  else if (tag === SCOPE_ITEMS.items) {
    const place = { resource: scope.parent.index, scope: scope.index, item: scope.children++ };
    scope.parent.readItem(reader, scope.around, place);
  } else return false;
  return true;
}

function readScopeField(reader: Reader, tag: number, { scope, bag }: ScopeItems): boolean {
  if (tag === SCOPE.name) scope.name = readString(reader);
  else if (tag === SCOPE.version) scope.version = readString(reader);
  else if (tag === SCOPE.attributes) readAttribute(reader, bag);
  else return false;
  return true;
}
