import { Agent, request } from "node:http";

export type RawAnswer = { readonly status: number; readonly text: string };

/**
 * A POST that is written as fast as the server takes it, and whose answer counts as soon as it is
 * there: a server may refuse a body that it has not read.
 */
export function postRaw(
  url: string,
  headers: Readonly<Record<string, string>>,
  chunks: Iterable<Uint8Array>,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    // Of its own: a connection that is cut here must not be handed to the next request. It is kept alive,
    // as all real clients have it; of one that asks to be closed, Node's server drops what it has not read.
    const agent = new Agent({ keepAlive: true });
    const outgoing = request(url, { method: "POST", headers, agent });
    let answered = false;
    outgoing.once("response", (response) => {
      answered = true;
      let text = "";
      const done = () => {
        resolve({ status: response.statusCode ?? 0, text });
        agent.destroy();
      };
      response.setEncoding("utf8").on("data", (part: string) => (text += part));
      response.once("end", done).once("error", done);
    });
    outgoing.on("error", (error) => {
      if (!answered) reject(error);
    });
    const iterator = chunks[Symbol.iterator]();
    const writeMore = () => {
      for (;;) {
        const next = iterator.next();
        if (next.done) return void outgoing.end();
        if (answered || outgoing.destroyed) return;
        if (!outgoing.write(next.value)) return void outgoing.once("drain", writeMore);
      }
    };
    writeMore();
  });
}
