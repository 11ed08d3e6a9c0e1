import { sql } from "drizzle-orm";
import { pgTable, text } from "drizzle-orm/pg-core";
import { timestampUs } from "./column-types.ts";

/** Random secrets that all processes share without a setting: each is made once, by whoever needs it first. */
export const signingSecrets = pgTable("signing_secrets", {
  purpose: text("purpose").primaryKey(),
  secret: text("secret").notNull(),
  createdAt: timestampUs("created_at")
    .notNull()
    .default(sql`now()`),
});
