import { spawnSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";

const POLICY_FILE = "/usr/sbin/policy-rc.d";

/**
 * Installs Debian's `redis-server` if we are root on a system with `apt-get`, else does nothing.
 * The package would start a server as a service, which is not wanted here.
 *
 * Source: invoke-rc.d(8), exit status 101 of `policy-rc.d` forbids an action.
 */
export function installRedis(): void {
  if (process.getuid?.() !== 0 || spawnSync("apt-get", ["--version"]).status !== 0) return;
  console.log("Redis: no redis-server on the path, installing it with apt-get");
  const isOurs = !existsSync(POLICY_FILE);
  if (isOurs) writeFileSync(POLICY_FILE, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    // A fresh image has no package lists.
    if (!installPackage() && aptGet("update")) installPackage();
  } finally {
    if (isOurs) rmSync(POLICY_FILE, { force: true });
  }
}

function installPackage(): boolean {
  return aptGet("install", "--yes", "--no-install-recommends", "redis-server");
}

function aptGet(...args: readonly string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  return spawnSync("apt-get", ["--quiet", ...args], { env, stdio: "ignore", timeout: 180_000 }).status === 0;
}
