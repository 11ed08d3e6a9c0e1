import { projects } from "@xtrace/db";
import { expect, test } from "vitest";
import { newProject, NOW_US, startRoutes } from "../../test/route-app.ts";
import { projectsRoutes } from "./projects.ts";

test("shows the key's project, recorded or not", async () => {
  await using app = await startRoutes(projectsRoutes);
  const [recorded, unrecorded] = [newProject(), newProject()];
  await app.db.insert(projects).values([
    { id: recorded, name: "Chat", metadata: { team: "core" }, createdAt: NOW_US - 1_000_000, updatedAt: NOW_US },
    { id: newProject(), name: "Another" },
  ]);
  const organization = { id: "default", name: "Default" };
  expect(await app.get("/projects", {}, recorded)).toEqual({
    status: 200,
    body: {
      data: [
        {
          id: recorded,
          name: "Chat",
          createdAt: "2026-01-31T11:59:59.000Z",
          updatedAt: "2026-01-31T12:00:00.000Z",
          metadata: { team: "core" },
          organization,
        },
      ],
    },
  });
  const now = "2026-01-31T12:00:00.000Z";
  expect((await app.get("/projects", {}, unrecorded)).body).toEqual({
    data: [{ id: unrecorded, name: unrecorded, createdAt: now, updatedAt: now, metadata: {}, organization }],
  });
});
