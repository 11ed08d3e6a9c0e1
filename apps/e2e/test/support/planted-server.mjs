import { createServer } from "node:http";

/** Answers in each of the ways in which a server of Node's can, and prints its address. */
const server = createServer((request, response) => {
  if (request.url?.startsWith("/whole")) response.writeHead(200, { "Content-Type": "application/json" }).end('{"a":1}');
  else if (request.url === "/in-parts") {
    response.writeHead(207, "So-so", { "content-type": "application/json; charset=utf-8" });
    response.write('{"a":');
    response.end(Buffer.from("1}"));
  } else if (request.url === "/large") {
    response.writeHead(200, { "Content-Type": "application/json" });
    for (let part = 0; part < 20; part++) response.write(Buffer.alloc(100_000, " "));
    response.end();
  } else if (request.url === "/text") response.writeHead(200, { "Content-Type": "text/plain" }).end("text");
  else response.writeHead(404).end();
});
server.listen(0, "127.0.0.1", () => {
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  console.log(`http://127.0.0.1:${port}`);
});
