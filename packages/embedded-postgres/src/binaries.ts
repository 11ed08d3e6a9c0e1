import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { copyBinaries } from "./copy-binaries.ts";
import { EmbeddedPostgresError } from "./embedded-postgres-error.ts";
import { linkLibraries } from "./link-libraries.ts";
import { run } from "./run.ts";
import type { ServerUser } from "./server-user.ts";

export type Binaries = {
  readonly initdb: string;
  readonly postgres: string;
  /** As in `PG_VERSION`: a data folder is bound to it. */
  readonly majorVersion: string;
};

/**
 * Binaries that `user` can run: those in `node_modules`, or a copy of them if they are closed to
 * the user or their library links are missing and cannot be made.
 */
export async function prepareBinaries(user: ServerUser | undefined): Promise<Binaries> {
  const source = await locateBinaries();
  if (await linkLibraries(source.dir)) {
    const inPlace = await probe(source.dir, user);
    if (inPlace.ok) return inPlace.binaries;
    if (!inPlace.denied) throw unusable(inPlace.reason);
  }
  const dir = await copyBinaries(source, user);
  await linkLibraries(dir);
  const copied = await probe(dir, user);
  if (copied.ok) return copied.binaries;
  throw unusable(copied.reason);
}

/**
 * The folder with `bin`, `lib` and `share`. The package of the platform is a dependency of
 * `embedded-postgres`, so it is resolved from there. That package's own code is never loaded: it
 * installs process-wide exit hooks.
 */
async function locateBinaries(): Promise<{ readonly dir: string; readonly version: string }> {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  try {
    const wrapper = createRequire(import.meta.url).resolve("embedded-postgres");
    const packageDir = resolve(dirname(createRequire(wrapper).resolve(name)), "..");
    const { version } = JSON.parse(await readFile(join(packageDir, "package.json"), "utf8")) as { version: string };
    return { dir: join(packageDir, "native"), version };
  } catch (cause) {
    const message = `The package ${name} with the PostgreSQL binaries is not installed; set DATABASE_URL to a server of your own`;
    throw new EmbeddedPostgresError("BINARIES_MISSING", message, { cause });
  }
}

type Probe =
  | { readonly ok: true; readonly binaries: Binaries }
  | { readonly ok: false; readonly reason: string; readonly denied: boolean };

/** Runs the server just far enough to tell its version, which shows that it and its libraries load. */
async function probe(dir: string, user: ServerUser | undefined): Promise<Probe> {
  const [initdb, postgres] = [join(dir, "bin", "initdb"), join(dir, "bin", "postgres")];
  const { output, error } = await run(postgres, ["--version"], { user });
  const majorVersion = /^postgres \(PostgreSQL\) (\d+)/.exec(output)?.[1];
  if (majorVersion !== undefined) return { ok: true, binaries: { initdb, postgres, majorVersion } };
  return { ok: false, reason: error?.message ?? output.trim(), denied: error?.code === "EACCES" };
}

function unusable(reason: string): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    "BINARIES_UNUSABLE",
    `The PostgreSQL binaries do not run on this machine: ${reason}`,
  );
}
