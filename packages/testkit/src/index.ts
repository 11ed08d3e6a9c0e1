export * from "./describe-with-redis.ts";
export * from "./eventually.ts";
export * from "./free-port.ts";
export * from "./redis-cluster.ts";
export * from "./redis-server.ts";
export * from "./spawn-node.ts";
export * from "./test-database.ts";
export * from "./test-redis.ts";
