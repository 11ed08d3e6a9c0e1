import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fillDisk, freeDisk, mountSmallDisk, whyNoSmallDisk } from "../faults/small-disk.ts";
import { SUCCESS, type Scenario } from "./scenario.ts";

const FULL_MS = 15_000;
const REFILL_MS = 500;

export const REDIS_DISK_FULL: Scenario = {
  id: "F13",
  title: "Redis: disk of the append-only file full for 15 s (MISCONF); 503 with Retry-After, and 200 again",
  expected: { answers: [...SUCCESS, "503"], sees: ["503"], recoveryMs: 60_000 },
  notHere: whyNoSmallDisk,
  async system() {
    const disk = await mountSmallDisk(256);
    return { options: { redisDir: join(disk.dir, "redis") }, remove: () => disk.remove() };
  },
  async run({ system: { redisDir }, recovered }) {
    await holdFull(join(redisDir, ".."));
    await recovered();
  },
};

export const POSTGRES_DISK_FULL: Scenario = {
  id: "F19",
  title: "PostgreSQL: disk full (53100) for 15 s; ingestion 200 throughout, no dead letter, and it drains",
  expected: { answers: SUCCESS, recoveryMs: 60_000 },
  notHere: whyNoSmallDisk,
  async system() {
    const disk = await mountSmallDisk(1_024);
    return { options: { postgresDir: join(disk.dir, "postgres") }, remove: () => disk.remove() };
  },
  async run({ system: { postgresDir }, recovered }) {
    await holdFull(join(postgresDir, ".."));
    await recovered();
  },
};

async function holdFull(dir: string): Promise<void> {
  for (const until = performance.now() + FULL_MS; performance.now() < until;) {
    await fillDisk(dir);
    await sleep(REFILL_MS);
  }
  await freeDisk(dir);
}
