CREATE TABLE "facet_usage" (
	"project_id" text COLLATE "C" NOT NULL,
	"facet" text NOT NULL,
	"value" text COLLATE "C" NOT NULL,
	"day" date NOT NULL,
	"type" text NOT NULL,
	"model" text NOT NULL,
	"trace_count" integer NOT NULL,
	"observation_count" integer NOT NULL,
	"prompt_tokens" bigint NOT NULL,
	"completion_tokens" bigint NOT NULL,
	"total_tokens" bigint NOT NULL,
	"total_cost" numeric NOT NULL,
	CONSTRAINT "facet_usage_project_id_facet_value_day_type_model_pk" PRIMARY KEY("project_id","facet","value","day","type","model")
);
--> statement-breakpoint
-- Keeps writers out until the sums are there.
LOCK TABLE "traces" IN SHARE ROW EXCLUSIVE MODE;
--> statement-breakpoint
INSERT INTO "facet_usage" ("project_id", "facet", "value", "day", "type", "model", "trace_count",
	"observation_count", "prompt_tokens", "completion_tokens", "total_tokens", "total_cost")
SELECT "project_id", "facet", "value", "day", "type", "model", sum("trace_count"),
	sum("observation_count"), sum("prompt_tokens"), sum("completion_tokens"), sum("total_tokens"), trim_scale(sum("total_cost"))
FROM (
	SELECT "project_id", "trace_id", "day", "type", "model", 1 AS "trace_count",
		"observation_count", "prompt_tokens", "completion_tokens", "total_tokens", "total_cost"
	FROM "trace_usage" WHERE "observation_count" > 0
	UNION ALL SELECT "project_id", "id", ("timestamp" AT TIME ZONE 'UTC')::date, '', '', 1, 0, 0, 0, 0, 0 FROM "traces"
) "used" JOIN (
	SELECT "project_id", "id" AS "trace_id", "facet", "value" FROM "traces" CROSS JOIN LATERAL (
		VALUES ('name', "name"), ('environment', coalesce("environment", 'default')), ('release', "release"), ('version', "version")
	) "f" ("facet", "value") WHERE "value" IS NOT NULL
) "facets" USING ("project_id", "trace_id")
GROUP BY 1, 2, 3, 4, 5, 6;
