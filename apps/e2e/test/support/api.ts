import { basicAuth, type ProjectKeys, type TestSystem } from "../../src/test-system.ts";

/** What a body holds is what a test asserts, so it is looked into without types. */
export type Json = ReturnType<typeof JSON.parse>;

export type Answer = { readonly status: number; readonly headers: Headers; readonly text: string; readonly body: Json };

/** Plain HTTP as one project. */
export type Api = {
  get(path: string): Promise<Answer>;
  /** The body of a 200; throws for any other answer. */
  read(path: string): Promise<Json>;
  /** Sends texts and bytes as they are, anything else as JSON. */
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
};

export function apiOf(system: TestSystem, project: ProjectKeys): Api {
  const auth = { Authorization: basicAuth(project) };
  const get = (path: string) => send(`${system.baseUrl}${path}`, { headers: auth });
  return {
    get,
    async read(path) {
      const answer = await get(path);
      if (answer.status !== 200) throw new Error(`GET ${path}: ${answer.status} ${answer.text.slice(0, 300)}`);
      return answer.body;
    },
    post(path, body, headers = {}) {
      const isRaw = typeof body === "string" || body instanceof Uint8Array;
      return send(`${system.baseUrl}${path}`, {
        method: "POST",
        headers: { ...auth, "Content-Type": "application/json", ...headers },
        body: isRaw ? (body as string) : JSON.stringify(body),
      });
    },
  };
}

export async function send(url: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(url, init);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
