import { fileURLToPath } from "node:url";
import { spawnNode, type NodeProcess } from "@xtrace/testkit";

const START_TIMEOUT_MS = 60_000;

export type BuiltApp = { readonly process: NodeProcess; readonly url: string };

/** An app as production runs it: from its build, with its defaults for logs. */
export async function startBuiltApp(
  name: "gateway" | "worker" | "query" | "standalone",
  env: Readonly<Record<string, string>>,
): Promise<BuiltApp> {
  const main = fileURLToPath(new URL(`../../../../${name}/dist/main.js`, import.meta.url));
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
