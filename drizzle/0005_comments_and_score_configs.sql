CREATE TABLE "comments" (
	"project_id" text COLLATE "C" NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"object_type" text NOT NULL,
	"object_id" text COLLATE "C" NOT NULL,
	"content" text NOT NULL,
	"author_user_id" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "comments_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "score_configs" (
	"project_id" text COLLATE "C" NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"name" text NOT NULL,
	"data_type" text NOT NULL,
	"is_archived" boolean DEFAULT false NOT NULL,
	"min_value" double precision,
	"max_value" double precision,
	"categories" jsonb,
	"description" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "score_configs_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE INDEX "comments_project_created_idx" ON "comments" USING btree ("project_id","created_at","id");--> statement-breakpoint
CREATE INDEX "comments_project_object_idx" ON "comments" USING btree ("project_id","object_type","object_id","created_at","id");--> statement-breakpoint
CREATE INDEX "score_configs_project_created_idx" ON "score_configs" USING btree ("project_id","created_at","id");