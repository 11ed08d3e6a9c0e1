import { isJsonObject, type JsonValue } from "@xtrace/contract";
import { AppError } from "@xtrace/runtime";

/**
 * Throws FORBIDDEN when an item names another project than its key's, since storing it here would
 * put it where its sender does not look. A project is never taken from a body.
 *
 * `default` is what clients send that were told of no project.
 */
export function requireOwnProject(
  item: JsonValue | undefined,
  ownProjectId: string,
  ...path: ReadonlyArray<string | number>
): void {
  if (!isJsonObject(item)) return;
  const named = item["projectId"] ?? item["project_id"] ?? "default";
  if (named === "default" || named === ownProjectId) return;
  throw new AppError("FORBIDDEN", "The body names a project that the key does not belong to", {
    details: [{ path: [...path, "projectId"].join("."), message: "not the project of this key" }],
  });
}
