package sqldb

import (
	"context"
	"database/sql"
	"fmt"
)

// Snapshot lets f read the database as it is at one moment, however long it takes, while
// others write. SQLite keeps what was there for readers in its journal; of PostgreSQL it is
// the isolation "repeatable read". In memory, where there is one connection, others wait.
func (db *DB) Snapshot(ctx context.Context, f func(q Queryer) error) error {
	o := &sql.TxOptions{ReadOnly: true}
	if db.engine == Postgres {
		o.Isolation = sql.LevelRepeatableRead
	} else if db.read == db.write {
		o = nil
	}
	tx, err := db.read.BeginTx(ctx, o)
	if err != nil {
		return fmt.Errorf("begin a snapshot: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // nothing was written
	return f(&Tx{tx, nil, false})
}
