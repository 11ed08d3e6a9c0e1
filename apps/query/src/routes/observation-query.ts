import { z } from "@hono/zod-openapi";
import { OBSERVATION_LEVELS, OBSERVATION_TYPES } from "@xtrace/contract";
import { OBSERVATION_V1_FILTER_COLUMNS, type ObservationFilter } from "@xtrace/db";
import { choiceParam } from "./choice-params.ts";
import { filterParam, withoutFiltered } from "./filter-param.ts";
import { listParam, textParam, timeParam } from "./query-params.ts";

/** What both lists of observations can be narrowed by. */
export const observationFilterParams = {
  name: textParam("The observation's name."),
  userId: textParam("The user of the observation's trace."),
  type: choiceParam(OBSERVATION_TYPES, "The observation's type."),
  traceId: textParam("The observation's trace; a UUID and its 32 hex digits are the same id."),
  level: choiceParam(OBSERVATION_LEVELS, "The observation's level."),
  environment: listParam("The observation is in one of these. Repeat the parameter for several."),
  "environment[]": listParam("As `environment`."),
  fromStartTime: timeParam("Starts at or after this time."),
  toStartTime: timeParam("Starts before this time."),
  version: textParam("The observation's version."),
  model: textParam("The model's name as it was sent."),
  filter: filterParam(OBSERVATION_V1_FILTER_COLUMNS),
};

const FilterParams = z.object(observationFilterParams);

/** `more` is what only one of the lists knows. */
export function observationFilterOf(query: z.infer<typeof FilterParams>, more: ObservationFilter): ObservationFilter {
  const plain: ObservationFilter = {
    ...more,
    name: query.name,
    userId: query.userId,
    type: query.type,
    traceId: query.traceId,
    level: query.level,
    environments: [...query.environment, ...query["environment[]"]],
    fromUs: query.fromStartTime,
    toUs: query.toStartTime,
    version: query.version,
    model: query.model,
  };
  return withoutFiltered(plain, query.filter, {
    environments: "environment",
    fromUs: "startTime",
    toUs: "startTime",
    isRoot: "isRootObservation",
  });
}
