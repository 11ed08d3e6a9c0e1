import { z } from "@hono/zod-openapi";
import { EXPERIMENT_FIELDS, EXPERIMENT_ITEM_FIELDS } from "@xtrace/contract";
import { EXPERIMENT_FILTER_COLUMNS, EXPERIMENT_ITEM_FILTER_COLUMNS } from "@xtrace/db";
import { choicesParam, csvParam } from "./choice-params.ts";
import { filterParam } from "./filter-param.ts";
import { strictLimitParam, timeParam } from "./query-params.ts";
import { decodeScoreCursor } from "./score-cursor.ts";

const paging = {
  limit: strictLimitParam(),
  scoreLimit: strictLimitParam({ max: 50 }),
  cursor: z
    .string()
    .transform((text, context) => {
      const position = text === "" ? undefined : decodeScoreCursor(text);
      if (position !== undefined || text === "") return position;
      context.addIssue({ code: "custom", message: "expected meta.cursor of a page" });
      return z.NEVER;
    })
    .optional()
    .openapi({ type: "string", description: "`meta.cursor` of the page before." }),
};

/** Source: Langfuse's `GET /experiments`. */
export const ExperimentQuery = z
  .object({
    ...paging,
    filter: filterParam(EXPERIMENT_FILTER_COLUMNS),
    fields: choicesParam(EXPERIMENT_FIELDS, "Groups of fields; core when absent."),
    fromStartTime: timeParam("Experiments to which something happened at or after this time, with what did."),
    toStartTime: timeParam("Experiments to which something happened before this time, with what did."),
    id: csvParam("Experiments with these ids."),
    name: csvParam("Experiments with any of these names."),
    datasetId: csvParam("Experiments on any of these datasets."),
  })
  .refine(({ fromStartTime }) => fromStartTime !== undefined, { path: ["fromStartTime"], error: "expected a time" });

/** Source: Langfuse's `GET /experiment-items`. */
export const ExperimentItemQuery = z
  .object({
    ...paging,
    filter: filterParam(EXPERIMENT_ITEM_FILTER_COLUMNS),
    fields: choicesParam(EXPERIMENT_ITEM_FIELDS, "Groups of fields; core and dataset when absent."),
    fromStartTime: timeParam("Items that were told of at or after this time."),
    toStartTime: timeParam("Items that were told of before this time."),
    experimentId: csvParam("Items of these experiments."),
    experimentName: csvParam("Items of experiments with any of these names."),
    experimentItemId: csvParam("What came of these items."),
    datasetId: csvParam("Items of any of these datasets."),
  })
  .refine(({ fromStartTime, experimentId }) => (fromStartTime ?? experimentId) !== undefined, {
    path: ["fromStartTime"],
    error: "expected a time, or experimentId",
  });
