import { createResponseCheck, type ApiDocument } from "./response-check.ts";

export type WatchedResponses = {
  /** What the responses since the last call had that the API description does not say. */
  violations(): Promise<string[]>;
  stop(): void;
};

/** What a server answers on its own before any route is asked. */
const BEFORE_ROUTES: ReadonlySet<number> = new Set([414, 431]);

/**
 * Holds every response of a system to its own API description, whoever asks by `fetch` in this process: the tests
 * themselves and the SDKs under test alike.
 */
export async function watchResponses(baseUrl: string): Promise<WatchedResponses> {
  const unwatched = globalThis.fetch;
  const document = (await (await unwatched(`${baseUrl}/openapi.json`)).json()) as ApiDocument;
  const check = createResponseCheck(document);
  let pending: Array<Promise<string | undefined>> = [];

  const watched: typeof fetch = async (input, init) => {
    const response = await unwatched(input, init);
    const url = new URL(input instanceof Request ? input.url : input);
    const method = (init?.method ?? (input instanceof Request ? input.method : "GET")).toUpperCase();
    if (url.origin === baseUrl && !BEFORE_ROUTES.has(response.status)) {
      const { status } = response;
      const body = response.clone().text();
      // One that its reader gave up is nobody's answer.
      pending.push(
        body.then(
          (text) => check({ method, path: url.pathname, status, body: parsed(text) }),
          () => undefined,
        ),
      );
    }
    return response;
  };
  globalThis.fetch = watched;

  return {
    async violations() {
      const answers = await Promise.all(pending);
      pending = [];
      return [...new Set(answers.filter((answer) => answer !== undefined))];
    },
    stop() {
      globalThis.fetch = unwatched;
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
