import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 250;
/** Longer than anything takes to install; whoever holds the lock after that is gone. */
const STALE_AFTER_MS = 20 * 60_000;

/**
 * A folder below the system's temporary one that is filled once and kept: `fill` gets it, empty, if nobody has filled it
 * before. Runs at the same time wait for each other; one that failed leaves nothing.
 */
export async function filledOnce(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(tmpdir(), "xtrace-test-clients", name);
  const complete = join(folder, ".complete");
  if (await exists(complete)) return folder;
  await withLock(`${folder}.lock`, async () => {
    if (await exists(complete)) return;
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
    await fill(folder);
    await writeFile(complete, "");
  });
  return folder;
}

async function withLock(path: string, run: () => Promise<void>): Promise<void> {
  await mkdir(join(path, ".."), { recursive: true });
  while (!(await take(path))) await sleep(POLL_MS);
  try {
    await run();
  } finally {
    await rm(path, { force: true });
  }
}

async function take(path: string): Promise<boolean> {
  try {
    await writeFile(path, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  if (await isAbandoned(path)) await rm(path, { force: true });
  return false;
}

async function isAbandoned(path: string): Promise<boolean> {
  try {
    const [{ mtimeMs }, pid] = await Promise.all([stat(path), readFile(path, "utf8")]);
    if (Date.now() - mtimeMs > STALE_AFTER_MS) return true;
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
