import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimes, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 200;
const HEARTBEAT_MS = 2_000;
/** Long enough for a machine that swaps; only the lock of another host or container waits for it. */
const STALE_MS = 30_000;

/**
 * Runs the action while no other process does. The lock is a folder, which is made by one process
 * only; its holder touches it regularly, and one whose holder is gone is taken away.
 *
 * @template T
 * @param {string} dir
 * @param {() => Promise<T>} action
 * @returns {Promise<T>}
 */
export async function withLock(dir, action) {
  mkdirSync(dirname(dir), { recursive: true });
  for (let hasTold = false; !tryLock(dir); await sleep(POLL_MS)) {
    if (removeIfStale(dir) || hasTold) continue;
    console.log(
      `xtrace: waiting for another start (process ${readHolder(dir)?.pid ?? "unknown"}) to finish its installation`,
    );
    hasTold = true;
  }
  const heartbeat = setInterval(() => utimes(dir, new Date(), new Date(), () => {}), HEARTBEAT_MS);
  try {
    return await action();
  } finally {
    clearInterval(heartbeat);
    rmSync(dir, { recursive: true, force: true });
  }
}

/** @param {string} dir */
function tryLock(dir) {
  try {
    mkdirSync(dir);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "EEXIST") return false;
    throw error;
  }
  writeFileSync(join(dir, "holder.json"), JSON.stringify({ pid: process.pid, host: hostname() }));
  return true;
}

/** @param {string} dir */
function removeIfStale(dir) {
  const holder = readHolder(dir);
  const isGone = holder?.host === hostname() ? !isAlive(holder.pid) : ageMs(dir) > STALE_MS;
  if (!isGone) return false;
  try {
    // Renamed first: of several who find it stale, one removes it.
    const aside = `${dir}.${process.pid}`;
    renameSync(dir, aside);
    rmSync(aside, { recursive: true, force: true });
  } catch {
    // Another was faster.
  }
  return true;
}

/**
 * @param {string} dir
 * @returns {{ pid: number, host: string } | undefined}
 */
function readHolder(dir) {
  try {
    return JSON.parse(readFileSync(join(dir, "holder.json"), "utf8"));
  } catch {
    return undefined;
  }
}

/** @param {string} dir */
function ageMs(dir) {
  try {
    return Date.now() - statSync(dir).mtimeMs;
  } catch {
    return 0;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
}
