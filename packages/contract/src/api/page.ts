import { z } from "zod";

/** Page numbers start at 1. `totalItems` is camel case, as the Rust client and Langfuse's SDKs read it. */
export const PageMeta = z.object({
  page: z.int(),
  limit: z.int(),
  totalItems: z.int(),
  totalPages: z.int(),
});
export type PageMeta = z.infer<typeof PageMeta>;

export function pageMeta(options: { page: number; limit: number; totalItems: number }): PageMeta {
  return { ...options, totalPages: Math.ceil(options.totalItems / options.limit) };
}

/** `{data: […], meta}`: the shape of every paged list. */
export function paged<T extends z.ZodType>(item: T) {
  return z.object({ data: z.array(item), meta: PageMeta });
}
