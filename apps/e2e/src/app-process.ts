import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { eventually, spawnNode, type NodeProcess } from "@xtrace/testkit";

export type AppName = "gateway" | "worker" | "query" | "standalone";

/** An app from its sources, as `pnpm start` runs it but without a build before every test. */
export function startApp(name: AppName, env: Readonly<Record<string, string>>): NodeProcess {
  return spawnNode(fileURLToPath(new URL(`../../${name}/src/main.ts`, import.meta.url)), { env });
}

const START_TIMEOUT_MS = 40_000;

/** Each process logs its address when it has started, so no port has to be guessed. */
export async function addressOf(process: NodeProcess): Promise<string> {
  const line = await process.waitForLine(/"(url|health)":"http/, START_TIMEOUT_MS);
  return /"(?:url|health)":"([^"]+)"/.exec(line)?.[1] ?? "";
}

/** On a machine that is busy with other tests, late is not lost: no write is refused because the queue is slow. */
export const PATIENT_ENV = { ENQUEUE_DEADLINE_MS: "15000" } as const;

const READY_TIMEOUT_MS = 30_000;

/** Resolves when the process says that it can serve. */
export async function untilReady(url: string, timeoutMs = READY_TIMEOUT_MS): Promise<void> {
  await eventually(
    async () => {
      const { status } = await fetch(`${url}/readyz`);
      if (status !== 200) throw new Error(`${url}/readyz answers ${status}`);
    },
    { timeoutMs },
  );
}

/** Tells which of the processes have ended, ever since it was called. */
export function watchProcesses(processes: Readonly<Record<string, NodeProcess>>): () => readonly string[] {
  const dead: string[] = [];
  for (const [name, { exited }] of Object.entries(processes)) void exited.then(() => dead.push(name));
  return () => dead;
}

export function logsOf(processes: Readonly<Record<string, NodeProcess>>): readonly string[] {
  return Object.entries(processes).flatMap(([name, { lines }]) => lines.map((line) => `${name}: ${line}`));
}

/** Resident bytes of each process that still runs. */
export async function memoryOf(processes: Readonly<Record<string, NodeProcess>>): Promise<Record<string, number>> {
  const entries = Object.entries(processes).map(async ([name, { pid }]) => {
    const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
    return [name, Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

export async function metricsOf(urls: readonly string[]): Promise<string> {
  const texts = await Promise.all(urls.map(async (url) => (await fetch(`${url}/metrics`)).text()));
  return texts.join("\n");
}
