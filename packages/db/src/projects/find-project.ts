import { eq } from "drizzle-orm";
import type { Database } from "../client.ts";
import { projects } from "../schema/projects.ts";

export type ProjectRow = typeof projects.$inferSelect;

/** A project's record. Keys from the environment may name a project that has none. */
export async function findProject(
  db: Database,
  query: { readonly projectId: string },
): Promise<ProjectRow | undefined> {
  const [row] = await db.select().from(projects).where(eq(projects.id, query.projectId));
  return row;
}
