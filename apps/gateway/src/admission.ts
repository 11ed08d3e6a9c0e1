import type { QueueReading } from "@xtrace/queue";

export type AdmissionLimits = {
  /** Payload in the queue; 0 is no limit. */
  readonly maxBytes: number;
  /** Of the memory that the queue's server may use, in percent; 0 is no limit. */
  readonly maxMemoryPercent: number;
  /** Age of the oldest job; 0 is no limit. */
  readonly maxAgeMs: number;
};

/** Why nothing is taken, in words for an operator. */
export type Closed = { readonly reason: string };

export type Admission = {
  /** `undefined` when a request may pass. Costs no round trip: it is decided by the latest reading. */
  closed(): Closed | undefined;
  /** Tells of bytes that this process gave to the queue: the next reading is up to a pause away. */
  added(bytes: number): void;
  /** Whether anything was added that the latest reading does not show. */
  hasAdded(): boolean;
  /** To be called before the queue is read; what it returns takes the reading. */
  reading(): (reading: QueueReading) => void;
};

/** A closed gate opens when the queue is this far below what closed it, so that it does not flutter. */
const REOPEN_AT = 0.9;

/** A job takes more memory in Redis than its payload: its options, its place in lists. */
const BYTES_BESIDE_PAYLOAD = 500;

/**
 * After this long without a reading nothing is known, and the gate is open: a queue that answers no questions takes no
 * jobs either, and what it does not take is refused one by one. A reading may be late for a moment's hiccup.
 */
const STALE_AFTER_MS = 5_000;

/**
 * Decides whether the queue may be given more, below the point where its server is full: a Redis at its limit
 * refuses its consumers too, so that nothing would drain it.
 *
 * Several gateways know of each other's jobs by the readings only. Together they may pass a limit by what the
 * others add between two readings.
 */
export function createAdmission(limits: AdmissionLimits, nowMs: () => number = () => performance.now()): Admission {
  let latest: { readonly reading: QueueReading; readonly atMs: number } | undefined;
  let ownBytes = 0;
  let isOpen = true;

  /** By how much of each limit the queue is filled, the fullest first. */
  function fullest(reading: QueueReading): { filled: number; reason: string } {
    const { bytes, memory, oldestAgeMs } = reading;
    const { maxBytes, maxMemoryPercent, maxAgeMs } = limits;
    const found = { filled: 0, reason: "" };
    const consider = (filled: number, reason: string) => {
      if (filled > found.filled) Object.assign(found, { filled, reason });
    };
    if (maxBytes > 0) consider((bytes + ownBytes) / maxBytes, "queue bytes");
    if (maxMemoryPercent > 0 && memory) {
      consider(
        (memory.usedBytes + ownBytes) / memory.limitBytes / (maxMemoryPercent / 100),
        "memory of the queue's server",
      );
    }
    if (maxAgeMs > 0) consider(oldestAgeMs / maxAgeMs, "age of the oldest job");
    return found;
  }

  return {
    closed() {
      if (!latest || nowMs() - latest.atMs > STALE_AFTER_MS) return undefined;
      const { filled, reason } = fullest(latest.reading);
      if (filled >= 1) isOpen = false;
      else if (filled < REOPEN_AT) isOpen = true;
      return isOpen ? undefined : { reason };
    },
    added(bytes) {
      ownBytes += bytes + BYTES_BESIDE_PAYLOAD;
    },
    hasAdded: () => ownBytes > 0,
    reading() {
      const alreadyAdded = ownBytes;
      const startedAtMs = nowMs();
      return (reading) => {
        ownBytes -= alreadyAdded;
        latest = { reading, atMs: startedAtMs };
      };
    },
  };
}
