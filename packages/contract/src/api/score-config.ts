import { z } from "zod";
import { atMost, NonEmptyText } from "../bounded.ts";
import { LIMITS } from "../limits.ts";
import { paged } from "./page.ts";

const MAX_CATEGORIES = 1_000;
const MAX_DESCRIPTION_LENGTH = 10_000;
/** Source: Langfuse, which refuses a longer new name, but takes one that a config is created with. */
const MAX_NEW_NAME_LENGTH = 35;

/** What a config may describe: all types of scores but corrections. */
export const SCORE_CONFIG_DATA_TYPES = ["NUMERIC", "CATEGORICAL", "BOOLEAN", "TEXT"] as const;
export const ScoreConfigDataType = z.enum(SCORE_CONFIG_DATA_TYPES);
export type ScoreConfigDataType = z.infer<typeof ScoreConfigDataType>;

/** A value that a score may have, by the number that stands for it. */
export const ScoreCategory = z.object({ label: NonEmptyText, value: z.number() }).meta({ id: "ScoreCategory" });
export type ScoreCategory = z.infer<typeof ScoreCategory>;

const Name = NonEmptyText.refine(...atMost(LIMITS.maxNameLength));
const Description = z.string().refine(...atMost(MAX_DESCRIPTION_LENGTH));
const Categories = z.array(ScoreCategory).refine(...atMost(MAX_CATEGORIES));

/** What scores of one name may be. Source: Langfuse's ScoreConfig. */
export const ScoreConfig = z
  .object({
    id: z.string(),
    projectId: z.string(),
    name: z.string(),
    dataType: ScoreConfigDataType,
    isArchived: z.boolean(),
    minValue: z.number().nullable().describe("Of NUMERIC: the least that a score may be; `null` for no bound."),
    maxValue: z.number().nullable().describe("Of NUMERIC: the most that a score may be; `null` for no bound."),
    categories: z.array(ScoreCategory).nullable().describe("Of CATEGORICAL, and True and False of BOOLEAN."),
    description: z.string().nullable(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: "ScoreConfig" });
export type ScoreConfig = z.infer<typeof ScoreConfig>;

export const ScoreConfigList = paged(ScoreConfig);

export const CreateScoreConfig = z.object({
  name: Name,
  dataType: ScoreConfigDataType,
  minValue: z.number().nullish(),
  maxValue: z.number().nullish(),
  categories: Categories.nullish().describe("Those of BOOLEAN are made, and may not be given."),
  description: Description.nullish(),
});
export type CreateScoreConfig = z.infer<typeof CreateScoreConfig>;

/** What is absent stays as it is. */
export const UpdateScoreConfig = z
  .object({
    isArchived: z.boolean(),
    name: Name.refine(...atMost(MAX_NEW_NAME_LENGTH)),
    minValue: z.number().nullable(),
    maxValue: z.number().nullable(),
    categories: Categories,
    description: Description.nullable(),
  })
  .partial()
  .refine((body) => Object.keys(body).length > 0, { error: "expected at least one field to change" });
export type UpdateScoreConfig = z.infer<typeof UpdateScoreConfig>;
