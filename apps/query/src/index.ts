export { createQueryApp, type QueryAppDeps } from "./app.ts";
export { loadConfig as loadQueryConfig, QueryConfig } from "./config.ts";
export { createQueryService, type QueryService, type QueryServiceOptions } from "./query-service.ts";
