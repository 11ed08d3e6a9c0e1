export { loadConfig as loadQueryConfig, QuerySettings } from "./config.ts";
export { createQueryService } from "./query-service.ts";
export { startQueryProcess } from "./start-query-process.ts";
