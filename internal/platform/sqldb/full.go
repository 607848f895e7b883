package sqldb

import (
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlitelib "modernc.org/sqlite/lib"

	"dean06/internal/platform/disk"
)

// IsFull says that something could not be written because the database's disk is full.
func IsFull(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "53100" // disk_full
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		// Beside a full disk, the files next to the database that a write makes first fail as
		// if they could not be written or opened.
		return lite.Code()&0xff == sqlitelib.SQLITE_FULL
	}
	return disk.IsFull(err)
}
