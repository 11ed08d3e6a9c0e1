import { isoFromUs } from "@xtrace/contract";
import { sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { deadLetters } from "../schema/dead-letters.ts";
import type { DeadLetter } from "./dead-letter.ts";
import { storable } from "./storable.ts";

/** Keeps what could not become rows, with the reason. Once per id, so a redelivery adds nothing. */
export async function insertDeadLetter(db: Database, letter: DeadLetter): Promise<void> {
  const { id, projectId, receivedAtUs, payload, sqlstate, error } = letter;
  await db
    .insert(deadLetters)
    .values({
      id,
      projectId,
      sqlstate,
      error: storable(error),
      payload: JSON.stringify(payload),
      receivedAt: sql`${isoFromUs(receivedAtUs)}::timestamptz`,
    })
    .onConflictDoNothing();
}
