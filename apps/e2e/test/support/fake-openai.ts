import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** What every answer says it used, in OpenAI's inclusive counts: 100 of 120 input tokens came from the cache. */
const FAKE_USAGE = {
  prompt_tokens: 120,
  completion_tokens: 30,
  total_tokens: 150,
  prompt_tokens_details: { cached_tokens: 100, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 10, audio_tokens: 0 },
} as const;

/** The model that answers, which is not the one that was asked for. */
export const FAKE_MODEL = "gpt-4o-2024-08-06";
export const FAKE_ANSWER = "It was shipped.";
/** Asked for, it is refused with status 400. */
export const UNKNOWN_MODEL = "gpt-none";
export const UNKNOWN_MODEL_MESSAGE = "The model does not exist.";
export const FAKE_TOOL_CALL = {
  id: "call_1",
  type: "function",
  function: { name: "lookup_order", arguments: '{"orderId":42}' },
} as const;

export type FakeOpenAi = { readonly baseUrl: string; close(): Promise<void> };

/** A model server on loopback: chat completions, whole and streamed, with tool calls, and embeddings. */
export async function startFakeOpenAi(): Promise<FakeOpenAi> {
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type ModelRequest = {
  readonly model: string;
  readonly encoding_format?: string;
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
  readonly tools?: readonly unknown[];
  readonly messages?: ReadonlyArray<{ readonly role: string }>;
};

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = JSON.parse(await text(request)) as ModelRequest;
  if (body.model === UNKNOWN_MODEL) {
    const error = {
      message: UNKNOWN_MODEL_MESSAGE,
      type: "invalid_request_error",
      param: null,
      code: "model_not_found",
    };
    sendJson(response, 400, { error });
  } else if (request.url?.endsWith("/embeddings")) {
    const vector = Float32Array.of(0.5, -0.25);
    const embedding = body.encoding_format === "base64" ? Buffer.from(vector.buffer).toString("base64") : [...vector];
    const data = [{ object: "embedding", index: 0, embedding }];
    sendJson(response, 200, { object: "list", data, model: body.model, usage: { prompt_tokens: 4, total_tokens: 4 } });
  } else if (body.stream) {
    sendChunks(response, body);
  } else {
    const wantsTool = body.tools !== undefined && body.messages?.at(-1)?.role !== "tool";
    const message = wantsTool
      ? { role: "assistant", content: null, tool_calls: [FAKE_TOOL_CALL] }
      : { role: "assistant", content: FAKE_ANSWER };
    const choices = [{ index: 0, message, finish_reason: wantsTool ? "tool_calls" : "stop", logprobs: null }];
    sendJson(response, 200, { ...head("chat.completion"), choices, usage: FAKE_USAGE });
  }
}

function head(object: string) {
  return { id: "chatcmpl-1", object, created: 1_772_359_200, model: FAKE_MODEL };
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
}

function sendChunks(response: ServerResponse, { stream_options: options }: ModelRequest): void {
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  const send = (chunk: object) =>
    response.write(`data: ${JSON.stringify({ ...head("chat.completion.chunk"), ...chunk })}\n\n`);
  const choice = (delta: object, finishReason: string | null) => ({
    choices: [{ index: 0, delta, finish_reason: finishReason }],
  });
  send(choice({ role: "assistant", content: "" }, null));
  for (const word of FAKE_ANSWER.split(/(?= )/)) send(choice({ content: word }, null));
  send(choice({}, "stop"));
  if (options?.include_usage) send({ choices: [], usage: FAKE_USAGE });
  response.end("data: [DONE]\n\n");
}
