-- +goose Up

-- The leaves of a segment's last, unfinished tile (32 bytes each), with which records of
-- the next one can be proven when the file is there no more.
ALTER TABLE archive_segment ADD COLUMN rest BYTEA;
