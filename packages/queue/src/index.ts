export * from "./consumer.ts";
export * from "./durability.ts";
export * from "./key-directory.ts";
export * from "./producer.ts";
export * from "./queue-options.ts";
export * from "./rate-limit/open-rate-limiter.ts";
export * from "./queue-reader.ts";
export type { QueueReading } from "./queue-reading.ts";
export { isRedisUrl } from "./redis-address.ts";
