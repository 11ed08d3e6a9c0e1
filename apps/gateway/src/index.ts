export * from "./config.ts";
export * from "./ingest-paths.ts";
export * from "./service.ts";
