import { copyFile, cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { ROOT, sourceFiles } from "../support/repository.ts";
import { type Finished, runShell } from "../support/run.ts";

export type TreeCopy = {
  readonly dir: string;
  /** What was copied, relative to `dir`. */
  readonly files: readonly string[];
  write(path: string, text: string): Promise<void>;
  read(path: string): Promise<string>;
  /** Runs a script of a `package.json`, with arguments of ours after its own: the very command of CI. */
  runScript(name: string, options?: { readonly in?: string; readonly args?: readonly string[] }): Promise<Finished>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** The work tree in a temporary folder, to plant violations in; its dependencies are links to the real ones. */
export async function copyTree(): Promise<TreeCopy> {
  const dir = await realpath(await mkdtemp(join(tmpdir(), "xtrace-gates-")));
  const files = sourceFiles();
  await Promise.all(
    [...new Set(files.map((path) => dirname(join(dir, path))))].map((each) => mkdir(each, { recursive: true })),
  );
  await Promise.all(files.map((path) => copyFile(join(ROOT, path), join(dir, path))));

  await symlink(join(ROOT, "node_modules"), join(dir, "node_modules"));
  // Relative links as they are, so that workspace packages are those of the copy.
  const packages = files.flatMap((path) => (/^[^/]+\/[^/]+\/package\.json$/.test(path) ? [dirname(path)] : []));
  for (const path of packages
    .map((each) => join(each, "node_modules"))
    .filter((each) => existsSync(join(ROOT, each)))) {
    await cp(join(ROOT, path), join(dir, path), { recursive: true, verbatimSymlinks: true });
  }

  const read = (path: string) => readFile(join(dir, path), "utf8");
  return {
    dir,
    files,
    read,
    async write(path, text) {
      await mkdir(dirname(join(dir, path)), { recursive: true });
      await writeFile(join(dir, path), text);
    },
    async runScript(name, { in: folder = ".", args = [] } = {}) {
      const { scripts } = JSON.parse(await read(join(folder, "package.json"))) as { scripts: Record<string, string> };
      const command = scripts[name];
      if (command === undefined) throw new Error(`${folder}/package.json has no script ${name}`);
      const PATH = [join(dir, "node_modules", ".bin"), process.env["PATH"] ?? ""].join(delimiter);
      return await runShell([command, ...args].join(" "), { cwd: join(dir, folder), env: { ...process.env, PATH } });
    },
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}
