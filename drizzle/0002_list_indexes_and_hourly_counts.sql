CREATE TABLE "hourly_counts" (
	"project_id" text COLLATE "C" NOT NULL,
	"hour" timestamp with time zone NOT NULL,
	"trace_count" integer NOT NULL,
	"observation_count" integer NOT NULL,
	"score_count" integer NOT NULL,
	CONSTRAINT "hourly_counts_project_id_hour_pk" PRIMARY KEY("project_id","hour")
);
--> statement-breakpoint
ALTER TABLE "daily_traces" DISABLE ROW LEVEL SECURITY;--> statement-breakpoint
DROP TABLE "daily_traces" CASCADE;--> statement-breakpoint
CREATE INDEX "observations_project_name_idx" ON "observations" USING btree ("project_id","name","start_time");--> statement-breakpoint
CREATE INDEX "observations_project_model_idx" ON "observations" USING btree ("project_id","model","start_time") WHERE "observations"."model" is not null;--> statement-breakpoint
CREATE INDEX "observations_project_version_idx" ON "observations" USING btree ("project_id","version","start_time") WHERE "observations"."version" is not null;--> statement-breakpoint
CREATE INDEX "observations_project_level_idx" ON "observations" USING btree ("project_id","level","start_time") WHERE "observations"."level" <> 'DEFAULT';--> statement-breakpoint
CREATE INDEX "scores_project_name_idx" ON "scores" USING btree ("project_id","name","timestamp");--> statement-breakpoint
CREATE INDEX "traces_project_environment_idx" ON "traces" USING btree ("project_id",coalesce("environment", 'default'),"timestamp");--> statement-breakpoint
CREATE INDEX "traces_project_release_idx" ON "traces" USING btree ("project_id","release","timestamp") WHERE "traces"."release" is not null;--> statement-breakpoint
CREATE INDEX "traces_project_version_idx" ON "traces" USING btree ("project_id","version","timestamp") WHERE "traces"."version" is not null;
--> statement-breakpoint
-- Behind the indexes, whose locks keep writers out until the counts are there.
INSERT INTO "hourly_counts" ("project_id", "hour", "trace_count", "observation_count", "score_count")
SELECT "project_id", "hour", sum("traces"), sum("observations"), sum("scores") FROM (
	SELECT "project_id", date_trunc('hour', "timestamp", 'UTC') AS "hour", 1 AS "traces", 0 AS "observations", 0 AS "scores" FROM "traces"
	UNION ALL SELECT "project_id", date_trunc('hour', "start_time", 'UTC'), 0, 1, 0 FROM "observations"
	UNION ALL SELECT "project_id", date_trunc('hour', "timestamp", 'UTC'), 0, 0, 1 FROM "scores"
) "counted" GROUP BY 1, 2;
