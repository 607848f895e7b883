package orgsql

import (
	"context"
	"fmt"
	"io/fs"
	"time"

	"dean06/internal/org"
	"dean06/internal/platform/sqldb"
)

type versionRow struct {
	org.Version
	KnownFrom time.Time `db:"known_from"`
}

// Seed loads the reference data once; a register that holds anything is left
// alone. fsys is package data's.
func (s *Store) Seed(ctx context.Context, fsys fs.FS) error {
	var h *org.History
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		n, err := sqldb.One[int](ctx, tx, `SELECT COUNT(*) FROM (SELECT id FROM org_event LIMIT 1) e`)
		if err != nil || n > 0 {
			return err
		}
		if h == nil {
			if h, err = org.ReadHistory(fsys); err != nil {
				return err
			}
		}
		if err := sqldb.Insert(ctx, tx, "org_event", h.Events...); err != nil {
			return err
		}
		if err := bulk(ctx, tx, "org_version", []string{
			"id", "level", "code", "name", "parent", "valid_from", "valid_to", "event", "ended", "known_from",
		},
			len(h.Versions), func(i int) []any {
				v := h.Versions[i]
				return []any{v.ID, string(v.Level), v.Code, v.Name, v.Parent, v.From, v.To, v.Event, v.Ended, org.Always}
			}); err != nil {
			return err
		}
		if err := bulk(ctx, tx, "org_link", []string{"event", "from_id", "to_id", "whole", "main"},
			len(h.Links), func(i int) []any {
				l := h.Links[i]
				return []any{l.Event, l.From, l.To, l.Whole, l.Main}
			}); err != nil {
			return err
		}
		return sqldb.Insert(ctx, tx, "org_alias", h.Aliases...)
	})
	if err != nil {
		return fmt.Errorf("seed agencies and units: %w", err)
	}
	return nil
}

// selectIn runs "… IN (ids)" in portions, each id once.
func selectIn[T any](ctx context.Context, q sqldb.Queryer, query string, ids []string) ([]T, error) {
	const portion = 300
	seen := map[string]bool{"": true}
	var list []string
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			list = append(list, id)
		}
	}
	var out []T
	for len(list) > 0 {
		n := min(portion, len(list))
		var a sqldb.Args
		in := sqldb.In(&a, list[:n])
		list = list[n:]
		rows, err := sqldb.All[T](ctx, q, query+in, a.Values()...)
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out, nil
}
