import { startHaproxy } from "../deploy/haproxy.ts";
import { startCluster } from "./cluster.ts";
import type { Pod, PodStop } from "./pod.ts";
import { watchStalledJobs } from "./stalled-jobs.ts";
import { startSteadyLoad, type LoadReport } from "./steady-load.ts";
import { missingTraces, untilDrained } from "./stored.ts";
import { untilProxied, untilServing } from "./until-serving.ts";

export type RolloutReport = LoadReport & {
  /** Acknowledged and not stored, or not stored whole. */
  readonly lost: readonly string[];
  /** Jobs that the queue gave up. */
  readonly failedJobs: number;
  /** Times that a job was taken from a worker which had stopped without handing it back. */
  readonly stalledJobs: number;
  readonly stops: readonly PodStop[];
  readonly logs: readonly string[];
};

/** As the proxy of docker-compose.yml needs, which checks once a second and takes two failures for a sign. */
const DELAY_MS = 5_000;

/**
 * Restarts two gateways, two workers and two query apps one after another, by SIGTERM, behind a real
 * HAProxy and under a steady load of clients that keep their connections. Takes about a minute.
 */
export async function rollingRestart(): Promise<RolloutReport> {
  await using cluster = await startCluster({
    gateways: 2,
    workers: 2,
    queries: 2,
    env: { SHUTDOWN_DELAY_MS: String(DELAY_MS) },
  });
  await using stalled = await watchStalledJobs(cluster.queue);
  const { gateways, workers, queries } = cluster;
  const hostsOf = (pods: readonly Pod[]) => pods.map(({ url }) => new URL(url).hostname);
  await using haproxy = await startHaproxy({
    gateway: { port: cluster.ports.gateway, hosts: () => hostsOf(gateways) },
    query: { port: cluster.ports.query, hosts: () => hostsOf(queries) },
  });
  await untilProxied(haproxy.url);

  const load = startSteadyLoad({ url: haproxy.url, writers: 4, readers: 4, pauseMs: 20 });
  const stops: PodStop[] = [];
  try {
    await untilServing([...gateways, ...queries]);
    for (const pod of [...gateways, ...workers, ...queries]) {
      stops.push(await pod.stop());
      await pod.start();
      await untilServing([...gateways, ...queries]);
    }
  } finally {
    await load.finish();
  }
  const report = await load.finish();
  await untilDrained(cluster.probes);
  return {
    ...report,
    lost: await missingTraces(cluster.databaseUrl, report.acknowledged),
    failedJobs: (await cluster.probes.queueCounts()).failed,
    stalledJobs: stalled.count(),
    stops,
    logs: cluster.logs(),
  };
}
