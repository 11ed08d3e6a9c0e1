import { chmod, copyFile, cp, mkdir, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { ROOT, sourceFiles } from "../support/repository.ts";
import { runShell } from "../support/run.ts";
import { parseDockerfile, parseDockerignore, type Stage } from "./dockerfile.ts";

export type Image = {
  /** Its working directory, with all that the image has there. */
  readonly dir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly user: string | undefined;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly healthcheck: readonly string[];
  [Symbol.asyncDispose](): Promise<void>;
};

type BuiltStage = {
  readonly root: string;
  workdir: string;
  readonly env: Record<string, string>;
  readonly args: Record<string, string>;
};

/**
 * Does what the Dockerfile says in a temporary folder, for where no Docker engine is: each stage has
 * a folder that stands for its root. Base images are not there; the programs are those of this machine.
 *
 * Throws with the output of the step that failed.
 */
export async function buildImage(): Promise<Image> {
  const top = await mkdtemp(join(tmpdir(), "xtrace-image-"));
  // For others too, since the processes are not started as us.
  await chmod(top, 0o755);
  const remove = () => rm(top, { recursive: true, force: true });
  try {
    const built = new Map<string, BuiltStage>();
    const stages = parseDockerfile(await readFile(join(ROOT, "Dockerfile"), "utf8"));
    for (const stage of stages) built.set(stage.name, await buildStage(stage, join(top, stage.name), built));
    const last = stages.at(-1);
    const result = built.get(last?.name ?? "");
    if (!last || !result) throw new Error("no stage in the Dockerfile");
    const textOf = (name: string) => last.instructions.findLast((each) => each.name === name)?.text;
    return {
      dir: join(result.root, result.workdir),
      env: result.env,
      user: textOf("USER"),
      entrypoint: parseExec(textOf("ENTRYPOINT")),
      command: parseExec(textOf("CMD")),
      healthcheck: parseExec(/CMD (\[.*\])$/.exec(textOf("HEALTHCHECK") ?? "")?.[1]),
      [Symbol.asyncDispose]: remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function buildStage(stage: Stage, root: string, built: ReadonlyMap<string, BuiltStage>): Promise<BuiltStage> {
  const state: BuiltStage = { root, workdir: "/", env: {}, args: {} };
  await mkdir(root, { recursive: true });
  for (const { name, text } of stage.instructions) {
    if (name === "WORKDIR") {
      state.workdir = resolve(state.workdir, text);
      await mkdir(join(root, state.workdir), { recursive: true });
    } else if (name === "ENV" || name === "ARG") {
      const [, key = "", quoted, bare = ""] = /^(\w+)=(?:"([^"]*)"|(.*))$/.exec(text) ?? [];
      (name === "ENV" ? state.env : state.args)[key] = quoted ?? bare;
    } else if (name === "COPY") await copyInto(state, text.split(/\s+/), built);
    else if (name === "RUN") await runIn(state, text);
  }
  return state;
}

async function copyInto(state: BuiltStage, words: readonly string[], built: ReadonlyMap<string, BuiltStage>) {
  const target = join(state.root, resolve(state.workdir, words.at(-1) ?? ""));
  const stage = /^--from=(.+)$/.exec(words[0] ?? "")?.[1];
  if (stage !== undefined) {
    const source = join(built.get(stage)?.root ?? "", words[1] ?? "");
    await cp(source, target, { recursive: true, verbatimSymlinks: true });
    return;
  }
  const sources = words.slice(0, -1).map((path) => path.replace(/\/$/, ""));
  const isInContext = parseDockerignore(await readFile(join(ROOT, ".dockerignore"), "utf8"));
  const context = sourceFiles().filter(isInContext);
  for (const source of sources) {
    const found = context.filter((path) => source === "." || path === source || path.startsWith(`${source}/`));
    if (found.length === 0) throw new Error(`COPY ${source}: not in the build context`);
    for (const path of found) await copyOne(join(ROOT, path), join(target, path));
  }
}

async function copyOne(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to);
  await chmod(to, (await stat(from)).mode | 0o444);
}

/** What `npm test` and the test runner add for their own processes; the user's settings, such as a registry, stay. */
const NOT_OURS =
  /^(npm_(package|lifecycle)_|npm_(command|execpath|node_execpath)$|INIT_CWD$|NODE_(ENV|OPTIONS|PATH|V8_COVERAGE)$|VITEST|TEST)/i;

async function runIn(state: BuiltStage, text: string): Promise<void> {
  // What a step names by absolute path is a folder at the root. Caches are those of this machine.
  const command = text
    .replace(/^(--mount=\S+\s+)*/, "")
    .replaceAll(/(?<=^|[\s"'=])\/(?=(?:app|out)\b)/g, `${state.root}/`);
  const prefix = join(state.root, "usr", "local");
  const env = {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !NOT_OURS.test(name))),
    ...state.args,
    ...state.env,
    npm_config_prefix: prefix,
    PATH: [join(prefix, "bin"), process.env["PATH"] ?? ""].join(delimiter),
  };
  const { code, output } = await runShell(command, { cwd: join(state.root, state.workdir), env });
  if (code !== 0) throw new Error(`RUN ${text}\nexit code ${code}\n${output.slice(-8_000)}`);
}

function parseExec(text: string | undefined): string[] {
  return text === undefined ? [] : (JSON.parse(text) as string[]);
}
