import { fileURLToPath } from "node:url";
import { spawnNode, type NodeProcess } from "@xtrace/testkit";

const START_TIMEOUT_MS = 60_000;

export type StartedApp = { readonly process: NodeProcess; readonly url: string };

type AppName = "gateway" | "worker" | "query" | "standalone";

/** An app as production runs it, from its build and with its defaults for logs; or from its sources. */
export async function startApp(
  name: AppName,
  env: Readonly<Record<string, string>>,
  fromSources: boolean,
): Promise<StartedApp> {
  const file = fromSources ? "src/main.ts" : "dist/main.js";
  const main = fileURLToPath(new URL(`../../../../${name}/${file}`, import.meta.url));
  const process = spawnNode(main, { env, nodeArgs: ["--enable-source-maps"] });
  try {
    const line = await process.waitForLine(ADDRESS, START_TIMEOUT_MS);
    const [, logged, printed] = ADDRESS.exec(line) ?? [];
    return { process, url: logged ?? printed ?? "" };
  } catch (error) {
    await process.stop();
    throw error;
  }
}

/** The services log it, the standalone command prints it. */
const ADDRESS = /"(?:url|health)":"(http[^"]+)"|^ *URL +(http\S+)/;
