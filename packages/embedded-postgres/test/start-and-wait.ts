import { start } from "./setup.ts";

// A process for tests to kill: prints the server's url once it accepts connections.
const [dataDir = "", port = "0"] = process.argv.slice(2);
const server = await start(dataDir, { port: Number(port) });
console.log(server.url);
