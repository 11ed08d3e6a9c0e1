import type { JsonObject, Scope } from "@xtrace/contract";
import { sql } from "drizzle-orm";
import { index, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { id, jsonbOf, timestampUs, writtenAt } from "./column-types.ts";

export const projects = pgTable("projects", {
  id: id("id").primaryKey(),
  name: text("name").notNull(),
  metadata: jsonbOf<JsonObject>("metadata").notNull().default({}),
  ...writtenAt,
});

/** Holds digests only; the secret is shown once, when it is made. */
export const apiKeys = pgTable(
  "api_keys",
  {
    id: id("id").primaryKey(),
    projectId: id("project_id")
      .notNull()
      .references(() => projects.id, { onDelete: "cascade" }),
    /** The user name of Basic authentication; `null` for a bearer token. */
    publicKey: text("public_key"),
    /** SHA-256 of the secret, lower-case hex. */
    secretHash: text("secret_hash").notNull(),
    /** The secret's last four characters, to tell keys apart. */
    secretHint: text("secret_hint").notNull(),
    scopes: text("scopes").array().$type<Scope[]>().notNull(),
    createdAt: timestampUs("created_at")
      .notNull()
      .default(sql`now()`),
    revokedAt: timestampUs("revoked_at"),
  },
  (t) => [
    uniqueIndex("api_keys_public_key_idx").on(t.publicKey),
    uniqueIndex("api_keys_secret_hash_idx").on(t.secretHash),
    index("api_keys_project_idx").on(t.projectId),
  ],
);
