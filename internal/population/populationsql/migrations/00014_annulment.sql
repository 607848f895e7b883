-- +goose Up

-- On what events were decided: persons for whom nothing followed, by their number, and
-- households, by their number below zero. With population_event_part it says which events
-- have to be decided again when something on which they stand is annulled.
CREATE TABLE population_event_read (
  entity BIGINT NOT NULL,
  event TEXT NOT NULL,
  PRIMARY KEY (entity, event)
) /* narrow */;
INSERT INTO population_event_read (entity, event)
  SELECT DISTINCT -CAST(household AS BIGINT), event FROM (
    SELECT event, substring(doc FROM '"household":"([0-9]+)"') AS household FROM population_event_part) AS t
  WHERE household IS NOT NULL;

-- Numbers of persons whose birth or registration was annulled: nobody gets them again.
CREATE TABLE population_annulled (
  number BIGINT PRIMARY KEY,
  version INTEGER NOT NULL
);

-- +goose Down
DROP TABLE population_annulled;
DROP TABLE population_event_read;
