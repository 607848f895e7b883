package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/private"
)

// SQLitePath is the file of a database's URL; false when it is no SQLite database.
func SQLitePath(dbURL string) (string, bool) {
	path, ok := strings.CutPrefix(dbURL, "sqlite:")
	path, _, _ = strings.Cut(path, "?")
	return strings.TrimPrefix(path, "//"), ok
}

// MustBeThere fails with NotFound when a database is a file that is not there: a
// command that reads a node's data makes none by a slip of the pen.
func MustBeThere(dbURL string) error {
	path, ok := SQLitePath(dbURL)
	if !ok {
		return nil
	}
	switch info, err := os.Stat(path); {
	case err != nil:
		return fault.New(fault.NotFound, "database.missing", fault.Args{"file": path}).Because(err)
	case info.Size() == 0:
		return fault.New(fault.NotFound, "database.empty", fault.Args{"file": path})
	}
	return nil
}

func openSQLite(path string, o Options) (*DB, error) {
	if path == "" {
		return nil, errors.New("open database: sqlite: needs a path, such as sqlite:var/board.db")
	}
	sync := "FULL"   // NORMAL can lose the last commits in a power cut
	cache := "-4000" // KiB for each connection, beside what the system caches of the file
	if o.Relaxed {
		sync, cache = "OFF", "-1000"
	}
	// busy_timeout first: switching to WAL may itself have to wait.
	common := url.Values{"_pragma": {
		"busy_timeout(10000)", "journal_mode(WAL)", "foreign_keys(1)", "synchronous(" + sync + ")",
		"cache_size(" + cache + ")", "temp_store(2)",
	}, "_time_format": {"sqlite"}, "_timezone": {"UTC"}, "_texttotime": {"1"}}
	switch {
	case o.Memory:
		path = "/" + NewID()
		common.Set("vfs", "memdb") // one for all connections that name it
		common["_pragma"] = []string{"foreign_keys(1)", "temp_store(2)"}
	case o.ReadOnly:
		if err := MustBeThere("sqlite:" + path); err != nil {
			return nil, err
		}
		common["_pragma"] = []string{"busy_timeout(10000)", "cache_size(" + cache + ")", "temp_store(2)"}
		common.Set("mode", "ro")
		if !isThere(path+"-wal") && !isThere(path+"-journal") {
			// Nobody has it open, and nothing waits to be taken in: so it can be read without
			// the two files that SQLite would otherwise leave beside it.
			common.Set("immutable", "1")
		}
	default:
		if err := private.Folder(filepath.Dir(path)); err != nil {
			return nil, fmt.Errorf("open database: %w", err)
		}
		// SQLite gives the files beside a database the rights of the database itself.
		if f, err := private.CreateNew(path); err == nil {
			_ = f.Close()
		}
		private.Close(Files(path)...)
	}
	w := url.Values{"_txlock": {"immediate"}}
	if o.ReadOnly {
		w.Del("_txlock")
	}
	for k, v := range common {
		w[k] = v
	}
	write, err := sql.Open("sqlite", "file:"+path+"?"+w.Encode())
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	write.SetMaxOpenConns(1)
	if o.Memory { // a reader would wait for the writer
		return &DB{engine: SQLite, write: write, read: write, kept: &statements{}}, nil
	}
	r := url.Values{}
	for k, v := range common {
		r[k] = append([]string(nil), v...)
	}
	r.Add("_pragma", "query_only(1)")
	read, err := sql.Open("sqlite", "file:"+path+"?"+r.Encode())
	if err != nil {
		_ = write.Close()
		return nil, fmt.Errorf("open database: %w", err)
	}
	read.SetMaxOpenConns(6)
	read.SetMaxIdleConns(6)
	return &DB{engine: SQLite, write: write, read: read, kept: &statements{}, asked: &statements{}, shared: &together{}}, nil
}

// CopyTo writes the database as it is at one moment into a new file that only its owner
// may read, while it is in use. SQLite only. It fails with fs.ErrExist when there is a
// file, and leaves none when it fails.
func (db *DB) CopyTo(ctx context.Context, path string) error {
	f, err := private.CreateNew(path)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if _, err := db.write.ExecContext(ctx, `VACUUM INTO $1`, path); err != nil {
		return errors.Join(fmt.Errorf("copy the database to %s: %w", path, err), os.Remove(path))
	}
	return nil
}

// Files are those of an SQLite database: the file itself, what is not in it yet, and
// what its readers share.
func Files(path string) []string { return []string{path, path + "-wal", path + "-shm"} }

func isThere(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
