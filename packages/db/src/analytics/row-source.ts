import type { AnalyticsQuery } from "@xtrace/contract";
import type { SQL } from "drizzle-orm";

/** What the groups of a query are made of: the view's own rows, or sums over them that give the same answer. */
export type RowSource = {
  readonly from: SQL;
  readonly where: SQL | undefined;
  /** What a group has to be to be answered; everything where it is absent. */
  readonly having?: SQL;
  /** `timestamptz` */
  readonly time: SQL;
  /** A dimension that the query names. */
  dimension(field: string): SQL;
  aggregate(metric: AnalyticsQuery["metrics"][number]): SQL;
};
