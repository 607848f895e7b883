-- +goose Up

-- Which dossiers changes of the calendar moved, found among all that was done.
CREATE INDEX dossier_action_recounted ON dossier_action (at) WHERE verb = 'recounted';
