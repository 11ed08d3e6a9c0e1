ALTER TABLE "traces" ADD COLUMN "usage_by_day" jsonb;--> statement-breakpoint
-- Keeps writers out until what was used is in its new place.
LOCK TABLE "traces" IN SHARE ROW EXCLUSIVE MODE;--> statement-breakpoint
UPDATE "traces" SET "usage_by_day" = "used"."entries" FROM (
	SELECT "project_id", "trace_id", jsonb_agg(jsonb_build_array("day", "type", "model", "observation_count", "prompt_tokens"::text,
		"completion_tokens"::text, "total_tokens"::text, trim_scale("total_cost")::text) ORDER BY "day", "type" COLLATE "C", "model" COLLATE "C") AS "entries"
	FROM "trace_usage" WHERE "observation_count" > 0 GROUP BY "project_id", "trace_id"
) "used" WHERE "traces"."project_id" = "used"."project_id" AND "traces"."id" = "used"."trace_id";--> statement-breakpoint
DROP TABLE "trace_usage" CASCADE;
