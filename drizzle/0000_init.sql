CREATE TABLE "dead_letters" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"project_id" text COLLATE "C" NOT NULL,
	"sqlstate" text,
	"error" text NOT NULL,
	"payload" text NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "metrics" (
	"project_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"environment" text NOT NULL,
	"name" text NOT NULL,
	"labels" jsonb NOT NULL,
	"value" double precision NOT NULL,
	"timestamp" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "metrics_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "observations" (
	"project_id" text COLLATE "C" NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"trace_id" text COLLATE "C" NOT NULL,
	"type" text,
	"parent_observation_id" text COLLATE "C",
	"name" text,
	"start_time" timestamp with time zone NOT NULL,
	"end_time" timestamp with time zone,
	"completion_start_time" timestamp with time zone,
	"level" text,
	"status_message" text,
	"version" text,
	"environment" text,
	"model" text,
	"model_parameters" jsonb,
	"usage_details" jsonb,
	"usage_unit" text,
	"cost_details" jsonb,
	"prompt_tokens" bigint,
	"completion_tokens" bigint,
	"total_tokens" bigint,
	"total_cost" numeric,
	"prompt_id" text,
	"prompt_name" text,
	"prompt_version" text,
	"metadata" jsonb,
	"input" json,
	"output" json,
	"event_stamp" bigint NOT NULL,
	"stamps" jsonb,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "observations_project_id_id_trace_id_pk" PRIMARY KEY("project_id","id","trace_id")
);
--> statement-breakpoint
CREATE TABLE "api_keys" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"project_id" text COLLATE "C" NOT NULL,
	"public_key" text,
	"secret_hash" text NOT NULL,
	"secret_hint" text NOT NULL,
	"scopes" text[] NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"revoked_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "projects" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"metadata" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "scores" (
	"project_id" text COLLATE "C" NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"timestamp" timestamp with time zone NOT NULL,
	"name" text NOT NULL,
	"data_type" text NOT NULL,
	"value" double precision,
	"string_value" text,
	"trace_id" text COLLATE "C",
	"observation_id" text COLLATE "C",
	"session_id" text,
	"dataset_run_id" text,
	"source" text NOT NULL,
	"comment" text,
	"metadata" jsonb,
	"environment" text,
	"config_id" text,
	"queue_id" text,
	"author_user_id" text,
	"event_stamp" bigint NOT NULL,
	"stamps" jsonb,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "scores_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "traces" (
	"project_id" text COLLATE "C" NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"timestamp" timestamp with time zone NOT NULL,
	"name" text,
	"user_id" text,
	"session_id" text,
	"release" text,
	"version" text,
	"environment" text,
	"external_id" text,
	"public" boolean,
	"bookmarked" boolean,
	"tags" text[] DEFAULT '{}' NOT NULL,
	"metadata" jsonb,
	"input" json,
	"output" json,
	"event_stamp" bigint NOT NULL,
	"stamps" jsonb,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"observation_count" integer DEFAULT 0 NOT NULL,
	"error_count" integer DEFAULT 0 NOT NULL,
	"prompt_tokens" bigint DEFAULT 0 NOT NULL,
	"completion_tokens" bigint DEFAULT 0 NOT NULL,
	"total_tokens" bigint DEFAULT 0 NOT NULL,
	"total_cost" numeric DEFAULT '0' NOT NULL,
	"first_start_time" timestamp with time zone,
	"last_end_time" timestamp with time zone,
	"latency" double precision GENERATED ALWAYS AS (extract(epoch from last_end_time - first_start_time)) STORED,
	CONSTRAINT "traces_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "daily_traces" (
	"project_id" text COLLATE "C" NOT NULL,
	"day" date NOT NULL,
	"trace_count" integer NOT NULL,
	CONSTRAINT "daily_traces_project_id_day_pk" PRIMARY KEY("project_id","day")
);
--> statement-breakpoint
CREATE TABLE "daily_usage" (
	"project_id" text COLLATE "C" NOT NULL,
	"day" date NOT NULL,
	"type" text NOT NULL,
	"model" text NOT NULL,
	"trace_count" integer NOT NULL,
	"observation_count" integer NOT NULL,
	"prompt_tokens" bigint NOT NULL,
	"completion_tokens" bigint NOT NULL,
	"total_tokens" bigint NOT NULL,
	"total_cost" numeric NOT NULL,
	CONSTRAINT "daily_usage_project_id_day_type_model_pk" PRIMARY KEY("project_id","day","type","model")
);
--> statement-breakpoint
CREATE TABLE "trace_usage" (
	"project_id" text COLLATE "C" NOT NULL,
	"trace_id" text COLLATE "C" NOT NULL,
	"day" date NOT NULL,
	"type" text NOT NULL,
	"model" text NOT NULL,
	"observation_count" integer NOT NULL,
	"prompt_tokens" bigint NOT NULL,
	"completion_tokens" bigint NOT NULL,
	"total_tokens" bigint NOT NULL,
	"total_cost" numeric NOT NULL,
	CONSTRAINT "trace_usage_project_id_trace_id_day_type_model_pk" PRIMARY KEY("project_id","trace_id","day","type","model")
);
--> statement-breakpoint
ALTER TABLE "observations" ADD CONSTRAINT "observations_trace_fk" FOREIGN KEY ("project_id","trace_id") REFERENCES "public"."traces"("project_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "trace_usage" ADD CONSTRAINT "trace_usage_trace_fk" FOREIGN KEY ("project_id","trace_id") REFERENCES "public"."traces"("project_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "dead_letters_project_idx" ON "dead_letters" USING btree ("project_id","created_at");--> statement-breakpoint
CREATE INDEX "metrics_project_name_timestamp_idx" ON "metrics" USING btree ("project_id","name","timestamp");--> statement-breakpoint
CREATE INDEX "metrics_labels_idx" ON "metrics" USING gin ("labels" jsonb_path_ops);--> statement-breakpoint
CREATE INDEX "observations_project_trace_idx" ON "observations" USING btree ("project_id","trace_id","start_time");--> statement-breakpoint
CREATE INDEX "observations_project_start_idx" ON "observations" USING btree ("project_id","start_time","id");--> statement-breakpoint
CREATE UNIQUE INDEX "api_keys_public_key_idx" ON "api_keys" USING btree ("public_key");--> statement-breakpoint
CREATE UNIQUE INDEX "api_keys_secret_hash_idx" ON "api_keys" USING btree ("secret_hash");--> statement-breakpoint
CREATE INDEX "api_keys_project_idx" ON "api_keys" USING btree ("project_id");--> statement-breakpoint
CREATE INDEX "scores_project_timestamp_idx" ON "scores" USING btree ("project_id","timestamp","id");--> statement-breakpoint
CREATE INDEX "scores_project_trace_idx" ON "scores" USING btree ("project_id","trace_id");--> statement-breakpoint
CREATE INDEX "scores_project_session_idx" ON "scores" USING btree ("project_id","session_id");--> statement-breakpoint
CREATE INDEX "traces_project_timestamp_idx" ON "traces" USING btree ("project_id","timestamp","id");--> statement-breakpoint
CREATE INDEX "traces_project_session_idx" ON "traces" USING btree ("project_id","session_id","timestamp");--> statement-breakpoint
CREATE INDEX "traces_project_user_idx" ON "traces" USING btree ("project_id","user_id","timestamp");--> statement-breakpoint
CREATE INDEX "traces_project_name_idx" ON "traces" USING btree ("project_id","name","timestamp");--> statement-breakpoint
CREATE INDEX "traces_tags_idx" ON "traces" USING gin ("tags");--> statement-breakpoint
CREATE INDEX "trace_usage_project_day_idx" ON "trace_usage" USING btree ("project_id","day");