import { stat } from "node:fs/promises";
import { EmbeddedPostgresError } from "./embedded-postgres-error.ts";
import { run } from "./run.ts";

export type ServerUser = { readonly uid: number; readonly gid: number; readonly name: string };

const OWN_USER = "xtrace";

/** The GNU and the BusyBox way; Debian's `adduser` comes with the former. */
const CREATE_USER = [
  ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", OWN_USER],
  ["adduser", "-S", "-D", "-H", "-s", "/sbin/nologin", OWN_USER],
] as const;

/**
 * Whom the server of a cluster runs as, or `undefined` for the user of this process.
 *
 * PostgreSQL refuses to run as root. For root it is the owner of the cluster if there is one, so
 * that a folder serves root and its owner alike; else `postgres`, our own system user, `nobody`.
 */
export async function findServerUser(clusterDir: string): Promise<ServerUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const user =
    (await ownerOf(clusterDir)) ??
    (await lookUp("postgres")) ??
    (await lookUp(OWN_USER)) ??
    (await createUser()) ??
    (await lookUp("nobody"));
  if (!user) throw new EmbeddedPostgresError("NO_SERVER_USER", NO_USER);

  // In a user name space with one user only, root cannot become anybody else.
  const { error } = await run("/bin/sh", ["-c", ":"], { user });
  if (error) {
    const message = `PostgreSQL does not run as root, and this root cannot start a process as ${user.name}; run as another user`;
    throw new EmbeddedPostgresError("NO_SERVER_USER", message, { cause: error });
  }
  return user;
}

const NO_USER = "PostgreSQL does not run as root and no other user exists; create one: useradd --system postgres";

async function ownerOf(dir: string): Promise<ServerUser | undefined> {
  const { uid, gid } = await stat(dir).catch(() => ({ uid: 0, gid: 0 }));
  return uid === 0 ? undefined : { uid, gid, name: `uid ${uid}` };
}

async function lookUp(name: string): Promise<ServerUser | undefined> {
  const [uid, gid] = await Promise.all([run("id", ["-u", name]), run("id", ["-g", name])]);
  if (uid.code !== 0 || gid.code !== 0) return undefined;
  const user = { uid: Number(uid.output), gid: Number(gid.output), name };
  return Number.isInteger(user.uid) && user.uid !== 0 && Number.isInteger(user.gid) ? user : undefined;
}

async function createUser(): Promise<ServerUser | undefined> {
  for (const [command, ...args] of CREATE_USER) {
    await run(command, args);
    const user = await lookUp(OWN_USER);
    if (user) return user;
  }
  return undefined;
}
