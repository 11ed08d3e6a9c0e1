import { runProcess } from "../src/process.ts";

// Lets objects live just long enough to be old, as the events of a batch do, and tells how large the heap became, in MiB.

const LIVE = 400_000;
const ROUNDS = 12;

function churn(): void {
  const ring: unknown[] = Array.from({ length: LIVE });
  let peak = 0;
  for (let count = 0; count < LIVE * ROUNDS; count += 1) {
    ring[count % LIVE] = { id: count, values: [count, count + 1, count + 2] };
    if (count % 10_000 === 0) peak = Math.max(peak, process.memoryUsage().heapUsed);
  }
  process.stdout.write(`${Math.round(peak / 1_048_576)}\n`);
}

if (process.argv[2] === "process") {
  await runProcess(
    async () => {
      churn();
      process.exit(0);
    },
    () => undefined,
  );
}
churn();
