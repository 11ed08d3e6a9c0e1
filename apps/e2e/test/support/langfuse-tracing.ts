import { LangfuseClient } from "@langfuse/client";
import { LangfuseSpanProcessor } from "@langfuse/otel";
import { setLangfuseTracerProvider } from "@langfuse/tracing";
import { context } from "@opentelemetry/api";
import { NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import type { TestSystem } from "../../src/test-system.ts";

export type LangfuseTracing = {
  readonly client: LangfuseClient;
  /** Resolves when all that ended is with the system. */
  flush(): Promise<void>;
  stop(): Promise<void>;
};

/** What an application of SDK 5 sets up at its start. */
export function startLangfuseTracing({ baseUrl, projectA: { publicKey, secretKey } }: TestSystem): LangfuseTracing {
  const credentials = { publicKey, secretKey, baseUrl };
  const provider = new NodeTracerProvider({ spanProcessors: [new LangfuseSpanProcessor(credentials)] });
  provider.register();
  setLangfuseTracerProvider(provider);
  const client = new LangfuseClient(credentials);
  return {
    client,
    flush: () => provider.forceFlush(),
    async stop() {
      setLangfuseTracerProvider(null);
      context.disable();
      await Promise.all([provider.shutdown(), client.shutdown()]);
    },
  };
}
