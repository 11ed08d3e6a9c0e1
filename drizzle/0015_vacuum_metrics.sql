-- Vacuumed when a hundredth is new, not a fifth: of a point that no vacuum has seen, the row has to be looked at beside the index.
ALTER TABLE "metrics" SET (autovacuum_vacuum_insert_scale_factor = 0.01);
