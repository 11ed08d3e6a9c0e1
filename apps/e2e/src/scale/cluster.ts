import { freePort } from "@xtrace/testkit";
import { buildOrCleanUp } from "../cleanup.ts";
import { openProbes, type Probes } from "../probes.ts";
import { openTestStores } from "../test-stores.ts";
import { createPod, type Pod } from "./pod.ts";

export type Tiers<T> = { readonly gateways: T; readonly workers: T; readonly queries: T };

/** Several of each process over one Redis and one PostgreSQL. */
export type Cluster = Tiers<readonly Pod[]> & {
  readonly databaseUrl: string;
  readonly queue: { readonly url: string; readonly prefix: string };
  readonly probes: Probes;
  /** The ports that all gateways and all query apps serve at, each at a host of its own. */
  readonly ports: { readonly gateway: number; readonly query: number };
  logs(): readonly string[];
  [Symbol.asyncDispose](): Promise<void>;
};

export type ClusterOptions = Tiers<number> & {
  /** What all processes are started with beside the usual. */
  readonly env?: Readonly<Record<string, string>>;
  /** PostgreSQL as the workers and the query apps reach it, where that is not the database itself. */
  readonly databaseUrl?: (direct: string) => string;
  /** The database is left empty, to be migrated by whoever comes first. */
  readonly isEmpty?: boolean;
};

/** Each pod has its own address of this machine, as a container has; they are started together. Needs Linux. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  return await buildOrCleanUp(async (cleanup) => {
    const stores = cleanup.use(await openTestStores({ isEmpty: options.isEmpty ?? false }));
    const { databaseUrl, queue } = stores;
    const env = { ...stores.env, DATABASE_URL: options.databaseUrl?.(databaseUrl) ?? databaseUrl, ...options.env };
    const ports = { gateway: await freePort(), query: await freePort(), worker: await freePort() };
    let host = 1;
    const podsOf = (app: "gateway" | "worker" | "query", count: number) =>
      Array.from({ length: count }, (_, index) => {
        const address = `127.0.0.${(host += 1)}:${ports[app]}`;
        return cleanup.use(createPod({ app, name: `${app}-${index + 1}`, address, env }));
      });
    const gateways = podsOf("gateway", options.gateways);
    const workers = podsOf("worker", options.workers);
    const queries = podsOf("query", options.queries);
    const pods = [...gateways, ...workers, ...queries];
    await Promise.all(pods.map((pod) => pod.start()));
    const probes = openProbes({ databaseUrl, queue });
    cleanup.defer(() => probes.close());
    return {
      gateways,
      workers,
      queries,
      databaseUrl,
      queue,
      probes,
      ports,
      logs: () => pods.flatMap((pod) => pod.lines()),
      [Symbol.asyncDispose]: () => cleanup.run(),
    };
  });
}
