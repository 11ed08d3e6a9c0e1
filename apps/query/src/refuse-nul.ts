import type { ErrorDetail } from "@xtrace/contract";
import { InvalidRequest } from "@xtrace/runtime";
import { createMiddleware } from "hono/factory";

/** PostgreSQL text holds no U+0000, so nothing that is stored can match one: answers 400 instead of failing in the database. */
export const refuseNul = createMiddleware(async function refuseNul(c, next) {
  if (c.req.url.includes("%00")) {
    throw new InvalidRequest(detailsOf(new URL(c.req.url)));
  }
  await next();
});

function detailsOf(url: URL): ErrorDetail[] {
  const names = [...url.searchParams].filter((pair) => pair.join("").includes("\u0000")).map(([name]) => name);
  const places = names.length === 0 ? ["path"] : [...new Set(names)];
  return places.map((path) => ({ path: path.replaceAll("\u0000", ""), message: "holds U+0000" }));
}
