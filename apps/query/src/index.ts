export { loadConfig as loadQueryConfig, QueryConfig } from "./config.ts";
export { createQueryService } from "./query-service.ts";
