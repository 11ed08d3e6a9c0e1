/*
 * The ceiling of the gateway: a handler on the same HTTP server that inflates and parses the same
 * body and answers. It checks no key, decodes no event and queues nothing. Protobuf is inflated only.
 */
import { gunzipSync } from "node:zlib";
import { listen } from "@xtrace/runtime";
import { Hono } from "hono";

const app = new Hono();
app.post("*", async (context) => {
  const sent = Buffer.from(await context.req.arrayBuffer());
  const body = context.req.header("content-encoding") === "gzip" ? gunzipSync(sent) : sent;
  const isJson = context.req.header("content-type") === "application/json";
  const parsed: unknown = isJson ? JSON.parse(body.toString("utf8")) : body;
  return context.json({ accepted: typeof parsed });
});
const server = await listen({ app, host: "127.0.0.1", port: 0 });
process.stdout.write(`URL ${server.url}\n`);
