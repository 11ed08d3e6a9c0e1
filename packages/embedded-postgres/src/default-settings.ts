/** For a small machine that is not PostgreSQL's alone. A caller's settings win. */
export const DEFAULT_SETTINGS: Readonly<Record<string, string>> = {
  shared_buffers: "128MB",
  // Fewer checkpoints: after each, the first change to a page writes all of it to the log.
  max_wal_size: "2GB",
  checkpoint_timeout: "15min",
  // An index lookup costs about the same as a sequential read on the disks of today.
  random_page_cost: "1.1",
  // Compiling takes longer than the short queries that it would speed up.
  jit: "off",
  log_checkpoints: "off",
  timezone: "UTC",
  log_timezone: "UTC",
};
