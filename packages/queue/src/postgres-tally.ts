import { INGEST_QUEUE } from "@xtrace/contract";
import { MAX_TALLIED_JOBS, type QueueTally } from "./queue-tally.ts";

/** What is needed of BullMQ's connection pool. */
export type PostgresQueue = {
  readonly schema: string;
  readonly pool: {
    query(text: string, values?: readonly unknown[]): Promise<{ rows: Array<Record<string, unknown>> }>;
  };
};

/**
 * Makes the queue's schema count the events of every job that is added, in the transaction that adds it.
 * One row a job, since one row for all would make the gateways wait for each other; readers add them up.
 */
export async function countAcceptedInPostgres({ pool, schema }: PostgresQueue): Promise<void> {
  const name = quote(schema);
  const { rows } = await pool.query("select 1 from pg_trigger where tgname = $1 and tgrelid = $2::regclass", [
    TRIGGER,
    `${name}.job`,
  ]);
  if (rows.length > 0) return;
  // Several statements are one transaction, and the lock, which is any number, makes others wait for it.
  await pool.query(`
    select pg_advisory_xact_lock(${INSTALL_LOCK});
    create table if not exists ${name}.accepted (events bigint not null);
    create or replace function ${name}.count_accepted() returns trigger language plpgsql as $$
    begin
      insert into ${name}.accepted values (substring(new.id from '-(\\d{1,9})$')::bigint);
      return null;
    end $$;
    create or replace trigger ${TRIGGER} after insert on ${name}.job
      for each row when (new.id ~ '-\\d{1,9}$') execute function ${name}.count_accepted();`);
}

const TRIGGER = "count_accepted";
const INSTALL_LOCK = 8_742_002;

/** Rows beyond so many are replaced by their sum. */
const MAX_ROWS = 1_000;

/** One statement, so one moment. */
export async function readPostgresTally({ pool, schema }: PostgresQueue): Promise<QueueTally> {
  const name = quote(schema);
  const { rows } = await pool.query(
    `select count(*) as counted, coalesce(sum(events), 0) as accepted,
       (select array_agg(id) from (
         select id from ${name}.job where queue = $1 and state <> 'completed' limit $2) as j) as ids
     from ${name}.accepted`,
    [INGEST_QUEUE, MAX_TALLIED_JOBS + 1],
  );
  const { counted, accepted, ids } = rows[0] as { counted: string; accepted: string; ids: string[] | null };
  if (Number(counted) > MAX_ROWS) await addUp(pool, name);
  const jobIds = ids ?? [];
  return {
    counter: schema,
    accepted: Number(accepted),
    jobIds: jobIds.length > MAX_TALLIED_JOBS ? null : jobIds,
  };
}

async function addUp(pool: PostgresQueue["pool"], name: string): Promise<void> {
  await pool.query(
    `with counted as (delete from ${name}.accepted returning events)
     insert into ${name}.accepted select sum(events) from counted having count(*) > 0`,
  );
}

function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}
