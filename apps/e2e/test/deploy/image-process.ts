// oxlint-disable-next-line no-restricted-imports -- it runs as another user, and is asked nothing but its probes.
import { spawn, spawnSync } from "node:child_process";
import type { Image } from "./build-image.ts";

export type ImageProcess = {
  /** What it printed so far, on either stream. */
  output(): string;
  readonly exited: Promise<number | null>;
  signal(name: NodeJS.Signals): void;
  /** Runs the image's health check beside it. */
  isHealthy(): boolean;
};

/** Not root: what Node's images call `node`. */
const NODE_UID = 1000;

/** Starts `docker run IMAGE …command` with nothing in its environment but what the image and `env` give it. */
export function runImage(
  image: Image,
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): ImageProcess {
  const [, ...entrypoint] = image.entrypoint;
  const options = {
    cwd: image.dir,
    env: { PATH: process.env["PATH"], ...image.env, ...env },
    ...(process.getuid?.() === 0 && { uid: NODE_UID, gid: NODE_UID }),
  };
  let output = "";
  const child = spawn(process.execPath, [...entrypoint, ...command], { ...options, stdio: ["ignore", "pipe", "pipe"] });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  }
  const exited = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  return {
    output: () => output,
    exited,
    signal: (name) => void child.kill(name),
    isHealthy: () => spawnSync(process.execPath, image.healthcheck.slice(1), options).status === 0,
  };
}
