import { z } from "zod";
import { atMost, NonEmptyText } from "../bounded.ts";
import { OptionalJson } from "../json.ts";
import { LIMITS } from "../limits.ts";
import { paged } from "./page.ts";

/** What a version is read by when nobody says otherwise. */
export const PRODUCTION_LABEL = "production";
/** Of the newest version, by itself. */
export const LATEST_LABEL = "latest";

/** Bounds on prompts. Lengths are in UTF-16 code units. */
export const PROMPT_LIMITS = {
  maxLabelLength: 36,
  maxLabels: 50,
  maxMessages: 1_000,
  maxCommitMessageLength: 500,
  /** Prompts that one version may refer to, at all depths. */
  maxReferences: 200,
  /** Levels of prompts within prompts, the outermost among them. */
  maxDepth: 5,
  /** A prompt of prompts of prompts may not grow beyond this. */
  maxResolvedLength: 4 * 1024 * 1024,
} as const;

export const PROMPT_TYPES = ["text", "chat"] as const;
export type PromptType = (typeof PROMPT_TYPES)[number];

const PlaceholderMessage = z.object({ type: z.literal("placeholder"), name: NonEmptyText });
const RoleMessage = z.object({ role: z.string(), content: z.string() });

/** What else a client says of a message is left out, as Langfuse does. */
export const PromptMessage = z.union([RoleMessage, PlaceholderMessage]);
export type PromptMessage = z.infer<typeof PromptMessage>;

/** A text, or the messages of a chat. */
export type PromptContent = string | PromptMessage[];

export const PromptLabel = z
  .string()
  .refine(...atMost(PROMPT_LIMITS.maxLabelLength))
  .refine((label) => LABEL.test(label), {
    error: "expected lower-case letters, digits, underscores, hyphens and periods",
  });
const LABEL = /^[a-z0-9_.-]+$/;

export const PromptLabels = z.array(PromptLabel).refine(...atMost(PROMPT_LIMITS.maxLabels));

/** A `|` would end the name in a reference to the prompt. */
const PromptName = NonEmptyText.refine(...atMost(LIMITS.maxNameLength)).refine((name) => !name.includes("|"), {
  error: "must not hold |",
});

const Tags = z.array(NonEmptyText.refine(...atMost(LIMITS.maxTagLength))).refine(...atMost(LIMITS.maxTags));

const base = {
  name: PromptName,
  labels: PromptLabels.default([]),
  config: OptionalJson,
  tags: Tags.nullish().describe("Of all versions; left out, they stay as they are."),
  commitMessage: z
    .string()
    .refine(...atMost(PROMPT_LIMITS.maxCommitMessageLength))
    .nullish(),
};

const Text = z.string().refine(...atMost(LIMITS.maxFieldLength));
const Messages = z.array(PromptMessage).refine(...atMost(PROMPT_LIMITS.maxMessages));

const CreateTextPrompt = z.object({ ...base, type: z.literal("text").optional(), prompt: Text });
const CreateChatPrompt = z.object({ ...base, type: z.literal("chat"), prompt: Messages });

/** The body of `POST /v2/prompts`. Source: Langfuse's API definition. */
export const CreatePrompt = z.union([CreateTextPrompt, CreateChatPrompt]);
export type CreatePrompt = z.infer<typeof CreatePrompt>;

const isActive = z.boolean().describe("Whether the version gets the label `production`.");

/** The body of `POST /prompts`, which came before labels. */
export const CreateLegacyPrompt = z.union([
  CreateTextPrompt.extend({ isActive }),
  CreateChatPrompt.extend({ isActive }),
]);

export const UpdatePromptLabels = z.object({
  newLabels: PromptLabels.refine((labels) => !labels.includes(LATEST_LABEL), {
    error: "latest is the newest version's by itself",
  }).describe("Added to this version, and taken from the others."),
});

const PromptReference = z.object({ id: z.string(), name: z.string(), version: z.int() });

/** Which prompts a prompt was put together from, by the ids of those that name them. */
export const PromptGraph = z.object({
  root: PromptReference,
  dependencies: z.record(z.string(), z.array(PromptReference)),
});
export type PromptGraph = z.infer<typeof PromptGraph>;

const time = z.iso.datetime();

const PromptFields = z.object({
  id: z.string(),
  projectId: z.string(),
  name: z.string(),
  version: z.int(),
  type: z.enum(PROMPT_TYPES),
  prompt: z.union([z.string(), z.array(PromptMessage)]),
  config: z.unknown(),
  labels: z.array(z.string()),
  tags: z.array(z.string()),
  commitMessage: z.string().nullable(),
  createdBy: z.string(),
  createdAt: time,
  updatedAt: time,
});

/** One version of a prompt. */
export const Prompt = PromptFields.extend({
  resolutionGraph: PromptGraph.nullable()
    .optional()
    .describe("`null` where the prompt refers to no other; absent where it was not asked for."),
}).meta({ id: "Prompt" });
export type Prompt = z.infer<typeof Prompt>;

export const LegacyPrompt = Prompt.extend({ isActive: z.boolean() }).meta({ id: "LegacyPrompt" });

/** A prompt of a list: what its versions that match say together. */
export const PromptMeta = z
  .object({
    name: z.string(),
    type: z.enum(PROMPT_TYPES),
    versions: z.array(z.int()),
    labels: z.array(z.string()),
    tags: z.array(z.string()),
    lastUpdatedAt: time,
    lastConfig: z.unknown().describe("Of the newest of these versions."),
  })
  .meta({ id: "PromptMeta" });
export type PromptMeta = z.infer<typeof PromptMeta>;

export const PromptMetaList = paged(PromptMeta);
