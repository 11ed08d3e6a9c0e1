import { createHash } from "node:crypto";
import { pick, seededRandom, type Random } from "../../../src/seeded-random.ts";
import { hex, skewed } from "./draw.ts";
import { prose } from "./words.ts";

/** One trace with its observations, before it is written in any protocol's form. */
export type BenchTrace = {
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  readonly userId: string;
  readonly sessionId: string;
  readonly tags: readonly string[];
  readonly startMs: number;
  readonly observations: readonly BenchObservation[];
};

export type BenchObservation = {
  /** 16 hexadecimal digits. */
  readonly id: string;
  readonly parentId: string | undefined;
  readonly type: "SPAN" | "GENERATION";
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly model: string | undefined;
  readonly input: ReadonlyArray<{ readonly role: string; readonly content: string }>;
  readonly output: string;
  readonly usage: { readonly input: number; readonly output: number; readonly total: number } | undefined;
  readonly metadata: Readonly<Record<string, string | number>>;
};

export type TraceShape = {
  readonly observations: number;
  /** What an observation's JSON has on average, in the form of `/v1/l/batch`. */
  readonly observationBytes: number;
};

const MODELS = ["gpt-4o", "gpt-4o-mini", "claude-sonnet-4", "claude-haiku-3-5", "gemini-2.0-flash", "llama-3.3-70b"];
const STEPS = ["plan", "retrieve-documents", "rerank", "chat", "call-tool", "summarize", "answer"];
const AGENTS = ["support-agent", "research-agent", "invoice-extraction", "code-review", "sales-assistant"];
const TAGS = ["production", "canary", "eu", "us", "batch", "interactive"];
const USERS = 5_000;

/** Everything but the texts: ids, names, times and the JSON around them. */
const FRAME_BYTES = 534;
const SPREAD = 0.4;
const TRACE_EVERY_MS = 7;

/** The trace with this number: the same for the same seed and number, whatever was generated before. */
export function generateTrace(shape: TraceShape, seed: number, index: number, baseMs: number): BenchTrace {
  const random = seededRandom(seed * 1_000_003 + index * 7_919);
  const id = digest(`${seed}/${index}`);
  const startMs = baseMs + index * TRACE_EVERY_MS;
  const user = skewed(random, USERS);
  const spanIdAt = (position: number) => digest(`${id}/${position}`).slice(0, 16);
  return {
    id,
    name: pick(random, AGENTS),
    userId: `user-${user}`,
    sessionId: `session-${user}-${skewed(random, 20)}`,
    tags: [pick(random, TAGS), `customer-${skewed(random, 200)}`],
    startMs,
    observations: Array.from({ length: shape.observations }, (_, position) => ({
      id: spanIdAt(position),
      parentId: position === 0 ? undefined : spanIdAt(0),
      ...generateWork(random, shape, startMs + position * 3),
    })),
  };
}

/** As unlike each other as random ids are, and never twice. */
function digest(text: string): string {
  return createHash("md5").update(text).digest("hex");
}

function generateWork(
  random: Random,
  { observationBytes }: TraceShape,
  startMs: number,
): Omit<BenchObservation, "id" | "parentId"> {
  const textBytes = Math.max(60, (observationBytes - FRAME_BYTES) * (1 - SPREAD / 2 + SPREAD * random()));
  const isGeneration = random() < 0.7;
  const model = pick(random, MODELS);
  const [promptTokens, completionTokens] = [Math.round(textBytes * 0.15), Math.round(textBytes * 0.08)];
  return {
    type: isGeneration ? "GENERATION" : "SPAN",
    name: pick(random, STEPS),
    startMs,
    endMs: startMs + 20 + Math.floor(random() * 3_000),
    model: isGeneration ? model : undefined,
    input: [
      { role: "system", content: prose(random, textBytes * 0.2) },
      { role: "user", content: prose(random, textBytes * 0.45) },
    ],
    output: prose(random, textBytes * 0.35),
    usage: isGeneration
      ? { input: promptTokens, output: completionTokens, total: promptTokens + completionTokens }
      : undefined,
    metadata: { request: hex(random, 12), attempt: 1 + skewed(random, 3), region: pick(random, ["eu-1", "us-2"]) },
  };
}
