CREATE TABLE "accepted_events" (
	"counter" text PRIMARY KEY NOT NULL,
	"events" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "settled_events" (
	"stored" bigint NOT NULL,
	"merged" bigint NOT NULL,
	"dead_lettered" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "settled_jobs" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"settled_at" timestamp with time zone DEFAULT now() NOT NULL
);
