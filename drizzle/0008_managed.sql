CREATE TABLE "annotation_queue_assignments" (
	"project_id" text COLLATE "C" NOT NULL,
	"queue_id" text COLLATE "C" NOT NULL,
	"user_id" text COLLATE "C" NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "annotation_queue_assignments_project_id_queue_id_user_id_pk" PRIMARY KEY("project_id","queue_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "annotation_queue_items" (
	"project_id" text COLLATE "C" NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"queue_id" text COLLATE "C" NOT NULL,
	"object_id" text COLLATE "C" NOT NULL,
	"object_type" text NOT NULL,
	"status" text NOT NULL,
	"completed_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "annotation_queue_items_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "annotation_queues" (
	"project_id" text COLLATE "C" NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"name" text NOT NULL,
	"description" text,
	"score_config_ids" text[] NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "annotation_queues_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "dataset_item_versions" (
	"project_id" text COLLATE "C" NOT NULL,
	"item_id" text COLLATE "C" NOT NULL,
	"valid_from" timestamp with time zone NOT NULL,
	"status" text NOT NULL,
	"input" json,
	"expected_output" json,
	"metadata" json,
	"source_trace_id" text COLLATE "C",
	"source_observation_id" text COLLATE "C",
	CONSTRAINT "dataset_item_versions_project_id_item_id_valid_from_pk" PRIMARY KEY("project_id","item_id","valid_from")
);
--> statement-breakpoint
CREATE TABLE "dataset_items" (
	"project_id" text COLLATE "C" NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"dataset_id" text COLLATE "C" NOT NULL,
	"status" text NOT NULL,
	"input" json,
	"expected_output" json,
	"metadata" json,
	"source_trace_id" text COLLATE "C",
	"source_observation_id" text COLLATE "C",
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "dataset_items_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "dataset_run_items" (
	"project_id" text COLLATE "C" NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"run_id" text COLLATE "C" NOT NULL,
	"item_id" text COLLATE "C" NOT NULL,
	"trace_id" text COLLATE "C" NOT NULL,
	"observation_id" text COLLATE "C",
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "dataset_run_items_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "dataset_runs" (
	"project_id" text COLLATE "C" NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"dataset_id" text COLLATE "C" NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"description" text,
	"metadata" json NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "dataset_runs_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "datasets" (
	"project_id" text COLLATE "C" NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"description" text,
	"metadata" json,
	"input_schema" json,
	"expected_output_schema" json,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "datasets_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "prompt_references" (
	"project_id" text COLLATE "C" NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"version" integer NOT NULL,
	"child_name" text COLLATE "C" NOT NULL,
	"child_version" integer,
	"child_label" text
);
--> statement-breakpoint
CREATE TABLE "prompt_versions" (
	"project_id" text COLLATE "C" NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"version" integer NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"prompt" json NOT NULL,
	"config" json NOT NULL,
	"labels" text[] NOT NULL,
	"commit_message" text,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "prompt_versions_project_id_name_version_pk" PRIMARY KEY("project_id","name","version")
);
--> statement-breakpoint
CREATE TABLE "prompts" (
	"project_id" text COLLATE "C" NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"type" text NOT NULL,
	"tags" text[] NOT NULL,
	CONSTRAINT "prompts_project_id_name_pk" PRIMARY KEY("project_id","name")
);
--> statement-breakpoint
ALTER TABLE "annotation_queue_assignments" ADD CONSTRAINT "annotation_queue_assignments_queue_fk" FOREIGN KEY ("project_id","queue_id") REFERENCES "public"."annotation_queues"("project_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "annotation_queue_items" ADD CONSTRAINT "annotation_queue_items_queue_fk" FOREIGN KEY ("project_id","queue_id") REFERENCES "public"."annotation_queues"("project_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_item_versions" ADD CONSTRAINT "dataset_item_versions_item_fk" FOREIGN KEY ("project_id","item_id") REFERENCES "public"."dataset_items"("project_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_items" ADD CONSTRAINT "dataset_items_dataset_fk" FOREIGN KEY ("project_id","dataset_id") REFERENCES "public"."datasets"("project_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_run_items" ADD CONSTRAINT "dataset_run_items_run_fk" FOREIGN KEY ("project_id","run_id") REFERENCES "public"."dataset_runs"("project_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_run_items" ADD CONSTRAINT "dataset_run_items_item_fk" FOREIGN KEY ("project_id","item_id") REFERENCES "public"."dataset_items"("project_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_runs" ADD CONSTRAINT "dataset_runs_dataset_fk" FOREIGN KEY ("project_id","dataset_id") REFERENCES "public"."datasets"("project_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "prompt_references" ADD CONSTRAINT "prompt_references_version_fk" FOREIGN KEY ("project_id","name","version") REFERENCES "public"."prompt_versions"("project_id","name","version") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "prompt_versions" ADD CONSTRAINT "prompt_versions_prompt_fk" FOREIGN KEY ("project_id","name") REFERENCES "public"."prompts"("project_id","name") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "annotation_queue_items_project_queue_idx" ON "annotation_queue_items" USING btree ("project_id","queue_id","created_at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "annotation_queues_project_name_idx" ON "annotation_queues" USING btree ("project_id","name");--> statement-breakpoint
CREATE INDEX "dataset_items_project_dataset_idx" ON "dataset_items" USING btree ("project_id","dataset_id","created_at","id");--> statement-breakpoint
CREATE INDEX "dataset_items_project_trace_idx" ON "dataset_items" USING btree ("project_id","source_trace_id");--> statement-breakpoint
CREATE INDEX "dataset_run_items_project_run_idx" ON "dataset_run_items" USING btree ("project_id","run_id","created_at","id");--> statement-breakpoint
CREATE INDEX "dataset_run_items_project_item_idx" ON "dataset_run_items" USING btree ("project_id","item_id");--> statement-breakpoint
CREATE UNIQUE INDEX "dataset_runs_project_name_idx" ON "dataset_runs" USING btree ("project_id","dataset_id","name");--> statement-breakpoint
CREATE INDEX "dataset_runs_project_created_idx" ON "dataset_runs" USING btree ("project_id","created_at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "datasets_project_name_idx" ON "datasets" USING btree ("project_id","name");--> statement-breakpoint
CREATE INDEX "prompt_references_project_child_idx" ON "prompt_references" USING btree ("project_id","child_name");--> statement-breakpoint
CREATE INDEX "prompt_references_project_parent_idx" ON "prompt_references" USING btree ("project_id","name","version");--> statement-breakpoint
CREATE UNIQUE INDEX "prompt_versions_project_id_idx" ON "prompt_versions" USING btree ("project_id","id");--> statement-breakpoint
CREATE INDEX "scores_project_run_idx" ON "scores" USING btree ("project_id","dataset_run_id") WHERE "scores"."dataset_run_id" is not null;