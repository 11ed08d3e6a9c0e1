import type { Sql } from "postgres";
import { readProcess } from "../measure/proc.ts";

/** PostgreSQL's first process, `undefined` if it runs on another machine. */
export async function postmasterOf(sql: Sql): Promise<number | undefined> {
  const [row] = await sql<Array<{ pid: number }>>`SELECT pg_backend_pid() AS pid`;
  const backend = row && (await readProcess(row.pid));
  return backend?.command === "postgres" ? backend.parentPid : undefined;
}
