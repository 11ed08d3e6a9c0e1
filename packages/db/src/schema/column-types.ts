import { isoFromUs, type JsonValue } from "@xtrace/contract";
import { sql, type SQL } from "drizzle-orm";
import { customType } from "drizzle-orm/pg-core";
import { readTimestamp } from "./read-timestamp.ts";

/**
 * A `timestamptz` handled as Unix epoch microseconds: a JavaScript `Date` would cut PostgreSQL's
 * microseconds to milliseconds.
 */
export const timestampUs = customType<{ data: number; driverData: string }>({
  dataType: () => "timestamp with time zone",
  toDriver: isoFromUs,
  fromDriver: readTimestamp,
});

/** When a row was written first, and when last: the writer of an update sets it. Rows of one transaction have one time. */
export const writtenAt = writtenBy(sql`now()`);

/** The same by the clock, for rows that are listed in the order of their making, also those of one transaction. */
export const writtenByClock = writtenBy(sql`clock_timestamp()`);

function writtenBy(time: SQL) {
  return {
    createdAt: timestampUs("created_at").notNull().default(time),
    updatedAt: timestampUs("updated_at").notNull().default(time),
  };
}

/*
 * Drizzle's own json columns parse every string that the driver returns, though postgres.js has
 * parsed it already: the JSON string "123" would come back as the number 123.
 */

/** `json` keeps key order and is written without being rebuilt: for payloads that nobody filters by. */
export const jsonText = customType<{ data: JsonValue; driverData: unknown }>({
  dataType: () => "json",
  toDriver: (value) => JSON.stringify(value),
  fromDriver: (value) => value as JsonValue,
});

/** `json` of a known shape. */
export function jsonOf<T>(name: string) {
  return customType<{ data: T; driverData: unknown }>({
    dataType: () => "json",
    toDriver: (value) => JSON.stringify(value),
    fromDriver: (value) => value as T,
  })(name);
}

/** `jsonb`, for objects that are filtered or looked into. */
export function jsonbOf<T>(name: string) {
  return customType<{ data: T; driverData: unknown }>({
    dataType: () => "jsonb",
    toDriver: (value) => JSON.stringify(value),
    fromDriver: (value) => value as T,
  })(name);
}

export const bytea = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => "bytea" });

/** Ids as the client sent them, compared byte by byte: the order of keys must not depend on a locale. */
export const id = customType<{ data: string; driverData: string }>({
  dataType: () => `text COLLATE "C"`,
});
