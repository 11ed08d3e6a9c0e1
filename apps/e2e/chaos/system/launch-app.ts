import { fileURLToPath } from "node:url";
import { spawnNode, type NodeProcess } from "@xtrace/testkit";
import type { Life } from "./supervise.ts";

export type AppName = "gateway" | "worker" | "query";

/** `dist` is what is shipped; `src` needs no build, and starts more slowly. */
export type AppBuild = "dist" | "src";

const SHOWN_LINES = 15;

/** Lines of all lives are added to `lines`. */
export function launchApp(options: {
  readonly app: AppName;
  readonly build: AppBuild;
  readonly env: Readonly<Record<string, string>>;
  readonly lines: string[];
}): Life {
  const { app, build, env, lines } = options;
  const file = build === "dist" ? "dist/main.js" : "src/main.ts";
  const process: NodeProcess = spawnNode(fileURLToPath(new URL(`../../../${app}/${file}`, import.meta.url)), { env });
  const exited = process.exited.then((exit) => {
    lines.push(...process.lines);
    return exit;
  });
  return { pid: process.pid, exited, lastLines: () => process.lines.slice(-SHOWN_LINES).join("\n") };
}
