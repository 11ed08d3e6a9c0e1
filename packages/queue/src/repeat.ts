/** Runs a task now and then every `intervalMs`, until stopped. A failure is told and the next turn tries again. */
export function repeat(
  task: () => Promise<void>,
  options: { readonly intervalMs: number; readonly onError: (error: Error) => void },
): { stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const turn = async () => {
    await task().catch(options.onError);
    if (isStopped) return;
    timer = setTimeout(() => void turn(), options.intervalMs);
    timer.unref();
  };
  void turn();
  return {
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
