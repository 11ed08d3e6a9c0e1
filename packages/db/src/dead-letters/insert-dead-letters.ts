import { sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { deadLetters } from "../schema/dead-letters.ts";
import { columnList, recordset } from "../write/recordset.ts";
import type { DeadLetter } from "./dead-letter.ts";
import { storable } from "./storable.ts";

const COLUMNS = ["id", "projectId", "sqlstate", "error", "payload", "receivedAt"];

/**
 * Keeps what could not become rows, with the reasons. Once per id, so a redelivery adds nothing; in the order of the ids, so
 * that two workers who have the same jobs wait for each other and not both.
 */
export async function insertDeadLetters(db: Database, letters: readonly DeadLetter[]): Promise<void> {
  if (letters.length === 0) return;
  const rows = letters
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, projectId, receivedAtUs, payload, sqlstate, error }) => ({
      id,
      projectId,
      sqlstate,
      error: storable(error),
      payload: JSON.stringify(payload),
      receivedAt: receivedAtUs,
    }));
  const fresh = recordset(deadLetters, COLUMNS, rows);
  await db.execute(sql`
    insert into ${deadLetters} (${columnList(deadLetters, COLUMNS)})
    select ${fresh.values} from ${fresh.from}
    on conflict do nothing`);
}

export async function insertDeadLetter(db: Database, letter: DeadLetter): Promise<void> {
  await insertDeadLetters(db, [letter]);
}
