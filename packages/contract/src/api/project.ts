import { z } from "zod";

/** Langfuse's SDKs require `organization`; a store without organizations shows one for all projects. */
export const Project = z
  .object({
    id: z.string(),
    name: z.string(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
    metadata: z.record(z.string(), z.unknown()),
    organization: z.object({ id: z.string(), name: z.string() }),
  })
  .meta({ id: "Project" });
export type Project = z.infer<typeof Project>;

/** A key belongs to one project, so the list has one entry. */
export const ProjectList = z.object({ data: z.array(Project) });
export type ProjectList = z.infer<typeof ProjectList>;
