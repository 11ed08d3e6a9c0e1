/** A project's keys as a client is configured with them. */
export type ProjectKeys = {
  readonly projectId: string;
  readonly publicKey: string;
  readonly secretKey: string;
  /** Only the default project has one. */
  readonly bearerToken: string | undefined;
};

export type QueueCounts = Readonly<Record<"waiting" | "active" | "delayed" | "failed", number>>;

/** A running xtrace of its own: real processes, an own database and an own queue. */
export type TestSystem = {
  /** The one address that clients know. */
  readonly baseUrl: string;
  /** The process that takes writes, without anything in between. */
  readonly ingestUrl: string;
  readonly projectA: ProjectKeys;
  readonly projectB: ProjectKeys;
  /** Names of the processes that have ended; empty while all is well. */
  deadProcesses(): readonly string[];
  queueCounts(): Promise<QueueCounts>;
  /** Events that the store refused, with its reasons. */
  deadLetters(): Promise<readonly string[]>;
  readonly databaseUrl: string;
  /** What the processes that take and store events say at /metrics, as one text. */
  metrics(): Promise<string>;
  /** Resident memory of each process. */
  memoryBytes(): Promise<Readonly<Record<string, number>>>;
  /** All that the processes printed. */
  logs(): readonly string[];
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

export const PROJECT_A = {
  projectId: "project-a",
  publicKey: "pk-lf-e2e-a",
  secretKey: "sk-lf-e2e-a-0123456789",
  bearerToken: "bearer-e2e-a-0123456789",
} as const satisfies ProjectKeys;

export const PROJECT_B = {
  projectId: "project-b",
  publicKey: "pk-lf-e2e-b",
  secretKey: "sk-lf-e2e-b-0123456789",
  bearerToken: undefined,
} as const satisfies ProjectKeys;

/** What every process that authenticates is started with. */
export const KEY_ENV = {
  DEFAULT_PROJECT_ID: PROJECT_A.projectId,
  XTRACE_PUBLIC_KEY: PROJECT_A.publicKey,
  XTRACE_SECRET_KEY: PROJECT_A.secretKey,
  API_BEARER_TOKEN: PROJECT_A.bearerToken,
  XTRACE_API_KEYS: `${PROJECT_B.projectId}:${PROJECT_B.publicKey}:${PROJECT_B.secretKey}`,
} as const;

/** The user's side of Basic authentication. */
export function basicAuth({ publicKey, secretKey }: ProjectKeys): string {
  return `Basic ${Buffer.from(`${publicKey}:${secretKey}`).toString("base64")}`;
}
