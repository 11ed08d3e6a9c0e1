CREATE TABLE "metric_series" (
	"project_id" text COLLATE "C" NOT NULL,
	"name" text NOT NULL,
	"series" uuid NOT NULL,
	"environment" text NOT NULL,
	"labels" jsonb NOT NULL,
	CONSTRAINT "metric_series_project_id_name_series_pk" PRIMARY KEY("project_id","name","series")
);
--> statement-breakpoint
ALTER TABLE "metrics" ADD COLUMN "series" uuid;--> statement-breakpoint
CREATE INDEX "metrics_series_idx" ON "metrics" USING btree ("series","timestamp","value") WHERE "metrics"."series" is not null;--> statement-breakpoint
CREATE INDEX "metrics_untold_idx" ON "metrics" USING btree ("project_id","name","timestamp") WHERE "metrics"."series" is null;