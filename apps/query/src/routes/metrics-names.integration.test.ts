import { metrics } from "@xtrace/db";
import { expect, test } from "vitest";
import { newProject, startRoutes } from "../../test/route-app.ts";
import { metricRow } from "../../test/route-rows.ts";
import { metricsNamesRoutes } from "./metrics-names.ts";

test("lists each name of the project once, in order", async () => {
  await using app = await startRoutes(metricsNamesRoutes);
  const [mine, theirs] = [newProject(), newProject()];
  const names = async () => await app.get("/metrics/names", {}, mine);
  expect(await names()).toEqual({ status: 200, body: { data: [] } });
  await app.db
    .insert(metrics)
    .values([
      ...["latency", "cost", "tokens", "latency", "latency"].map((name) => metricRow(mine, { name })),
      metricRow(mine, { name: "staged", environment: "prod" }),
      metricRow(theirs, { name: "secret" }),
    ]);
  expect(await names()).toEqual({ status: 200, body: { data: ["cost", "latency", "staged", "tokens"] } });
});
