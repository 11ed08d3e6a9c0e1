/** Loaded into a process by NODE_OPTIONS: SIGUSR2 blocks its event loop. */
const BLOCK_MS = 40_000;

process.on("SIGUSR2", () => {
  const until = Date.now() + BLOCK_MS;
  while (Date.now() < until);
});
