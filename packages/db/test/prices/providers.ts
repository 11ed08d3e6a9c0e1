/** How the names of a provider's models are found in what clients send. Providers of the package that are not here are left out. */
export type ProviderNames = {
  /** As the package names it. */
  readonly id: string;
  /** What routers and frameworks put in front: LiteLLM, OpenRouter, Vercel's gateway, LangChain, Pydantic AI, Genkit. */
  readonly prefixes: readonly string[];
  /** Whether a name without one of them is this provider's. Others offer the models of a third party under its names. */
  readonly bare: boolean;
  /** Whether a name may go on after a colon. Elsewhere that is a variant with other prices, such as `:free`, or a local copy. */
  readonly colons: boolean;
};

/**
 * The first one that has a model of the name gives its prices. Hosts of open models only count where a prefix names them: who runs such
 * a model at home pays nobody. OpenRouter is not here: it tells the cost of every call, and a given cost stays.
 */
export const PROVIDERS: readonly ProviderNames[] = [
  { id: "openai", prefixes: ["openai/", "openai:", "azure/", "azure_ai/", "azure:"], bare: true, colons: false },
  { id: "anthropic", prefixes: ["anthropic/", "anthropic:"], bare: true, colons: true },
  {
    id: "aws",
    prefixes: ["bedrock/", "bedrock:", "bedrock/converse/", "bedrock_converse/", "amazon-bedrock/"],
    bare: true,
    colons: true,
  },
  {
    id: "google",
    prefixes: [
      "google/",
      "gemini/",
      "models/",
      "vertex_ai/",
      "vertexai/",
      "googleai/",
      "publishers/google/models/",
      "google-gla:",
      "google-vertex:",
      "google_genai:",
      "google_vertexai:",
    ],
    bare: true,
    colons: true,
  },
  { id: "x-ai", prefixes: ["xai/", "x-ai/", "xai:"], bare: true, colons: false },
  { id: "mistral", prefixes: ["mistral/", "mistralai/", "mistral:"], bare: true, colons: false },
  { id: "deepseek", prefixes: ["deepseek/", "deepseek:"], bare: true, colons: false },
  { id: "cohere", prefixes: ["cohere/", "cohere_chat/", "cohere:"], bare: true, colons: false },
  { id: "perplexity", prefixes: ["perplexity/", "perplexity:"], bare: true, colons: false },
  { id: "voyageai", prefixes: ["voyage/", "voyageai/"], bare: true, colons: false },
  { id: "moonshotai", prefixes: ["moonshot/", "moonshotai/", "moonshotai:"], bare: true, colons: false },
  { id: "minimax", prefixes: ["minimax/"], bare: true, colons: false },
  { id: "zhipuai", prefixes: ["zai/", "z-ai/", "zhipuai/"], bare: true, colons: false },
  { id: "azure", prefixes: ["azure/", "azure_ai/", "azure:"], bare: false, colons: false },
  { id: "groq", prefixes: ["groq/", "groq:"], bare: false, colons: false },
  { id: "cerebras", prefixes: ["cerebras/", "cerebras:"], bare: false, colons: false },
  { id: "together", prefixes: ["together_ai/", "together/", "togetherai/", "together:"], bare: false, colons: false },
  { id: "fireworks", prefixes: ["fireworks_ai/", "fireworks/", "fireworks:"], bare: true, colons: false },
];
