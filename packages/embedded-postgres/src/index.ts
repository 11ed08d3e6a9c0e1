export * from "./default-data-dir.ts";
export * from "./embedded-postgres-error.ts";
export * from "./start-embedded-postgres.ts";
