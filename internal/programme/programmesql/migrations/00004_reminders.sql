-- +goose Up

-- Who was reminded on a day: a letter leaves with its row, so nobody gets two.
CREATE TABLE programme_reminder (
  day TEXT NOT NULL,
  account TEXT NOT NULL,
  PRIMARY KEY (day, account)
);

-- +goose Down
DROP TABLE programme_reminder;
