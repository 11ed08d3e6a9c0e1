CREATE TABLE "deleted_dataset_runs" (
	"project_id" text COLLATE "C" NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	CONSTRAINT "deleted_dataset_runs_project_id_id_pk" PRIMARY KEY("project_id","id")
);
