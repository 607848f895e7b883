package dossiersql

import (
	"context"
	"fmt"
	"time"

	"dean06/internal/platform/sqldb"
)

// Told notes in a transaction that people are told of an action; false when they were.
func Told(ctx context.Context, tx *sqldb.Tx, dossier string, seq int, at time.Time) (first bool, err error) {
	n, err := sqldb.Exec(ctx, tx, `INSERT INTO dossier_told (dossier, n, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
		dossier, seq, at.UTC().Truncate(time.Microsecond))
	if err != nil {
		return false, fmt.Errorf("note that people are told of %s %d: %w", dossier, seq, err)
	}
	return n == 1, nil
}
