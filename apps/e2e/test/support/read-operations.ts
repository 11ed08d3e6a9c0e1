import type { ProjectKeys, TestSystem } from "../../src/test-system.ts";
import { apiOf } from "./api.ts";

/** A GET of the query app, as its own description has it. */
export type ReadOperation = {
  readonly path: string;
  readonly pathParams: readonly string[];
  readonly queryParams: ReadonlyArray<{ readonly name: string; readonly required: boolean }>;
};

type Parameter = { readonly name: string; readonly in: string; readonly required?: boolean };
type Document = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly parameters?: readonly Parameter[] }>>>>;
};

/** All of them, so that tests that use this cover a new route on the day it is added. */
export async function readOperations(
  system: TestSystem,
  project: ProjectKeys = system.projectA,
): Promise<ReadOperation[]> {
  const document: Document = await apiOf(system, project).read("/openapi.json");
  return Object.entries(document.paths).flatMap(([path, item]) => {
    const parameters = item["get"]?.parameters ?? [];
    if (!item["get"]) return [];
    const named = (place: string) => parameters.filter((parameter) => parameter.in === place);
    return [
      {
        path,
        pathParams: named("path").map(({ name }) => name),
        queryParams: named("query").map(({ name, required = false }) => ({ name, required })),
      },
    ];
  });
}

/** `/a/{id}` with its parameters, encoded. */
export function fillPath(path: string, params: Readonly<Record<string, string>>): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name] ?? "x";
    return value.isWellFormed() ? encodeURIComponent(value) : "%ED%A0%80";
  });
}
