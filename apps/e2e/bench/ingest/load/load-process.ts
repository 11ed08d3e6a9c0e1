import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { loaderArgs } from "@xtrace/testkit";
import type {
  LoadOrder,
  LoadReport,
  PaceOrder,
  PaceResult,
  SaturateOrder,
  SaturateResult,
  Workload,
} from "./messages.ts";

export type LoadProcess = AsyncDisposable & {
  readonly pid: number;
  /** Resolves to the bytes of all bodies. */
  prepare(workload: Workload): Promise<number>;
  saturate(order: SaturateOrder): Promise<SaturateResult>;
  pace(order: PaceOrder): Promise<PaceResult>;
  /** Of what `pace` has still to send nothing is sent. */
  stop(): void;
  tellStored(observations: number): void;
};

export function startLoadProcess(): LoadProcess {
  const entry = fileURLToPath(new URL("./load-main.ts", import.meta.url));
  const child = fork(entry, { execArgv: loaderArgs(entry), stdio: ["ignore", 2, 2, "ipc"] });
  return {
    pid: child.pid ?? 0,
    prepare: async (workload) => (await ask(child, { kind: "prepare", workload }, "prepared")).bytes,
    saturate: async (order) => (await ask(child, { kind: "saturate", order }, "saturated")).result,
    pace: async (order) => (await ask(child, { kind: "pace", order }, "paced")).result,
    stop: () => void tell(child, { kind: "stop" }),
    tellStored: (observations) => void tell(child, { kind: "stored", observations }),
    [Symbol.asyncDispose]: () => end(child),
  };
}

function tell(child: ChildProcess, order: LoadOrder): boolean {
  return child.connected && child.send(order);
}

function ask<K extends LoadReport["kind"]>(
  child: ChildProcess,
  order: LoadOrder,
  answer: K,
): Promise<Extract<LoadReport, { kind: K }>> {
  return new Promise((resolve, reject) => {
    const settle = (action: () => void) => {
      child.off("message", hear).off("exit", die);
      action();
    };
    const hear = (report: LoadReport) => {
      if (report.kind === "failed") settle(() => reject(new Error(report.message)));
      else if (report.kind === answer) settle(() => resolve(report as Extract<LoadReport, { kind: K }>));
    };
    const die = () => settle(() => reject(new Error("the load process ended")));
    child.on("message", hear).on("exit", die);
    if (!tell(child, order)) die();
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.kill("SIGKILL");
  });
}
