import { setTimeout as sleep } from "node:timers/promises";

export type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/** One life of a process. */
export type Life = {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** What SIGKILL has to end besides the process itself. */
  children?(): readonly number[];
  /** The end of what it printed. */
  lastLines?(): string;
};

/** A process that is started again whenever it ends, as an orchestrator does. */
export type Supervised = {
  readonly name: string;
  /** Of the life that runs; `undefined` in between. */
  pid(): number | undefined;
  /** How often it was started, the first time included. */
  starts(): number;
  /** How it ended when no signal ended it, and the last it printed: nothing that is well ends unasked. */
  crashes(): readonly string[];
  /** To the process as it runs now; does nothing in between. Resolves to whether there was one. */
  signal(name: NodeJS.Signals): boolean;
  /** SIGKILL, to its children too; resolves when it is gone, to whether there was one. It comes back by itself. */
  kill(): Promise<boolean>;
  /** Ends it and keeps it down. Resolves to how it ended; `undefined` when it was down already. */
  takeDown(signal?: NodeJS.Signals): Promise<Exit | undefined>;
  /** Starts it again after `takeDown`; resolves when it runs. */
  bringUp(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

export type SuperviseOptions = {
  readonly name: string;
  /** Rejects while it cannot be started; it is then tried again. */
  readonly launch: () => Promise<Life>;
  /** Between an end and the next start. */
  readonly restartDelayMs: number;
  /** What makes it end in order; SIGTERM if absent. */
  readonly stopSignal?: NodeJS.Signals;
  readonly log: (line: string) => void;
};

const LAUNCH_RETRY_MS = 300;
const LAUNCH_TIMEOUT_MS = 60_000;
/** A process that does not follow its signal in this time is killed when all is over. */
const DISPOSE_TIMEOUT_MS = 15_000;

/** Resolves when the first life has begun. */
export async function supervise(options: SuperviseOptions): Promise<Supervised> {
  const { name, launch, restartDelayMs, stopSignal = "SIGTERM", log } = options;
  let life: Life | undefined;
  let starts = 0;
  const crashes: string[] = [];
  let isWanted = true;
  let starting: Promise<void> | undefined;

  async function start(): Promise<void> {
    const deadline = performance.now() + LAUNCH_TIMEOUT_MS;
    while (isWanted) {
      try {
        const begun = await launch();
        starts += 1;
        life = begun;
        void begun.exited.then((exit) => ended(begun, exit));
        return;
      } catch (error) {
        if (performance.now() > deadline) throw error;
        await sleep(LAUNCH_RETRY_MS);
      }
    }
  }

  async function ended(which: Life, { code, signal }: Exit): Promise<void> {
    if (life === which) life = undefined;
    if (!isWanted) return;
    log(`${name} ended with ${signal ?? code}`);
    if (!signal) crashes.push(`${name} ended by itself with ${code}: ${which.lastLines?.() ?? ""}`);
    await sleep(restartDelayMs);
    if (isWanted && !life && !starting) await up();
  }

  async function up(): Promise<void> {
    starting ??= start().finally(() => (starting = undefined));
    await starting.catch((error: unknown) => log(`${name} does not start: ${String(error)}`));
  }

  function signal(signalName: NodeJS.Signals): boolean {
    return life !== undefined && send(life.pid, signalName);
  }

  async function takeDown(signalName = stopSignal): Promise<Exit | undefined> {
    isWanted = false;
    await starting;
    const current = life;
    if (!current) return undefined;
    send(current.pid, signalName);
    return await current.exited;
  }

  await up();
  if (!life) throw new Error(`${name} does not start`);
  return {
    name,
    pid: () => life?.pid,
    starts: () => starts,
    crashes: () => crashes,
    signal,
    async kill() {
      const current = life;
      if (!current) return false;
      const all = [current.pid, ...(current.children?.() ?? [])];
      for (const pid of all) send(pid, "SIGKILL");
      await current.exited;
      return true;
    },
    takeDown,
    async bringUp() {
      isWanted = true;
      if (!life) await up();
      if (!life) throw new Error(`${name} does not start`);
    },
    [Symbol.asyncDispose]: async () => {
      // A stopped process follows no signal.
      signal("SIGCONT");
      const timer = setTimeout(() => signal("SIGKILL"), DISPOSE_TIMEOUT_MS);
      await takeDown();
      clearTimeout(timer);
    },
  };
}

function send(pid: number, signalName: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signalName);
    return true;
  } catch {
    // It is gone already.
    return false;
  }
}
