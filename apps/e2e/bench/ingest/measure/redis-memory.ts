import { connect } from "node:net";

/** What Redis has allocated, in bytes. Source: `INFO memory`, `used_memory`. */
export async function readRedisBytes(url: string): Promise<number> {
  const { hostname, port } = new URL(url);
  const text = await new Promise<string>((resolve, reject) => {
    let answer = "";
    const socket = connect(Number(port), hostname, () => socket.write("INFO memory\r\nQUIT\r\n"));
    socket.setEncoding("utf8").on("data", (part: string) => (answer += part));
    socket.once("end", () => resolve(answer)).once("error", reject);
  });
  const bytes = /^used_memory:(\d+)/m.exec(text)?.[1];
  if (bytes === undefined) throw new Error(`Redis does not say what it uses: ${text.slice(0, 200)}`);
  return Number(bytes);
}
