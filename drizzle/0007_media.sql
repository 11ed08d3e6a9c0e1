CREATE TABLE "media" (
	"project_id" text COLLATE "C" NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"sha256" text NOT NULL,
	"content_type" text NOT NULL,
	"content_length" bigint NOT NULL,
	"upload_id" uuid,
	"uploaded_at" timestamp with time zone,
	"upload_http_status" integer,
	"upload_http_error" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "media_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "media_chunks" (
	"project_id" text COLLATE "C" NOT NULL,
	"media_id" text COLLATE "C" NOT NULL,
	"upload_id" uuid NOT NULL,
	"seq" integer NOT NULL,
	"bytes" "bytea" NOT NULL,
	CONSTRAINT "media_chunks_project_id_media_id_upload_id_seq_pk" PRIMARY KEY("project_id","media_id","upload_id","seq")
);
--> statement-breakpoint
CREATE TABLE "media_links" (
	"project_id" text COLLATE "C" NOT NULL,
	"owner" text NOT NULL,
	"owner_id" text COLLATE "C" NOT NULL,
	"part_id" text COLLATE "C" NOT NULL,
	"field" text NOT NULL,
	"media_id" text COLLATE "C" NOT NULL,
	CONSTRAINT "media_links_project_id_owner_owner_id_part_id_field_media_id_pk" PRIMARY KEY("project_id","owner","owner_id","part_id","field","media_id")
);
--> statement-breakpoint
CREATE TABLE "signing_secrets" (
	"purpose" text PRIMARY KEY NOT NULL,
	"secret" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "media_chunks" ADD CONSTRAINT "media_chunks_media_fk" FOREIGN KEY ("project_id","media_id") REFERENCES "public"."media"("project_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "media_links" ADD CONSTRAINT "media_links_media_fk" FOREIGN KEY ("project_id","media_id") REFERENCES "public"."media"("project_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "media_links_media_idx" ON "media_links" USING btree ("project_id","media_id");