package suggestion

import (
	"context"
	"embed"
	"io/fs"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/sqldb"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate makes the table.
func migrate(ctx context.Context, db *sqldb.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return sqldb.Migrate(ctx, db, "suggestion", files)
}

type store struct{ db *sqldb.DB }

// Add keeps a suggestion, with its entry in the audit log.
func (s store) Add(ctx context.Context, by actor.Actor, v Suggestion) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if err := sqldb.Insert(ctx, tx, "suggestion", v); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{
			At: v.At, Who: audit.Who{Actor: by}, Action: "suggestion.write", Subject: audit.Subject{Type: "suggestion", ID: v.ID},
		})
	})
}

// All reads them, the youngest first.
func (s store) All(ctx context.Context) ([]Suggestion, error) {
	return sqldb.All[Suggestion](ctx, s.db, `SELECT id, account, at, text FROM suggestion ORDER BY id DESC`)
}

// Forget deletes those from before a moment.
func (s store) Forget(ctx context.Context, before time.Time) error {
	_, err := sqldb.Exec(ctx, s.db, `DELETE FROM suggestion WHERE at < $1`, before)
	return err
}
