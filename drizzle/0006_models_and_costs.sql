CREATE TABLE "models" (
	"project_id" text COLLATE "C" NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"model_name" text NOT NULL,
	"match_pattern" text NOT NULL,
	"start_date" timestamp with time zone,
	"unit" text NOT NULL,
	"tokenizer_id" text,
	"tokenizer_config" jsonb,
	"pricing_tiers" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "models_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
ALTER TABLE "observations" ADD COLUMN "model_id" text;--> statement-breakpoint
ALTER TABLE "observations" ADD COLUMN "applied_prices" jsonb;--> statement-breakpoint
ALTER TABLE "observations" ADD COLUMN "calculated_costs" jsonb;--> statement-breakpoint
CREATE UNIQUE INDEX "models_project_name_idx" ON "models" USING btree ("project_id","model_name");