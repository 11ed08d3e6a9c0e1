import type { Load } from "../load/start-load.ts";
import type { ChaosSystem, ChaosSystemOptions } from "../system/chaos-system.ts";
import type { Allowance } from "../verify/verify.ts";

/** What a client sees: a status, `reset` for a broken connection, `timeout` for no answer in ten seconds. */
export type ClientSees = "200" | "202" | "207" | "429" | "503" | "reset" | "timeout";

/** Success in all protocols that the senders speak. */
export const SUCCESS: readonly ClientSees[] = ["200", "202", "207"];

export type Expectation = {
  /** Nothing else may be seen. */
  readonly answers: readonly ClientSees[];
  /** Of those, what has to be seen at least once; else the fault did not strike. */
  readonly sees?: readonly ClientSees[];
  /** From the end of the fault until a new event is accepted and stored, at most. */
  readonly recoveryMs: number;
  /** From a request's first byte to the end of its answer, at most. */
  readonly slowestMs?: number;
};

/** What the fault's steps work with, while the load is on. */
export type Fault = {
  readonly system: ChaosSystem;
  readonly load: Load;
  /** Real lengths instead of shortened ones. */
  readonly full: boolean;
  /** A line of progress. */
  note(line: string): void;
  /** Breaks the scenario unless `holds`; the steps go on. */
  expect(holds: boolean, whatElse: string): void;
  /** Measures the recovery from here: sends an event and waits until it is stored. */
  recovered(): Promise<void>;
};

/** One row of the fault matrix. */
export type Scenario = {
  /** `F16`, or a name. */
  readonly id: string;
  /** The component, the fault and what is to happen, in a line. */
  readonly title: string;
  readonly expected: Expectation;
  readonly system?: ChaosSystemOptions | ((full: boolean) => Promise<PreparedSystem>);
  readonly requestsPerSecond?: number;
  readonly seed?: number;
  /** The faults. Starts when the load has had its first acknowledgements, and ends when all is repaired. */
  run(fault: Fault): Promise<Allowance | void>;
  /** Why this machine cannot run it; asked before anything is started. */
  notHere?(): string | undefined;
};

/** Settings that need something made before the system and removed after it. */
export type PreparedSystem = { readonly options: ChaosSystemOptions; remove(): Promise<void> };
