package sqldb

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
)

// Migrate brings the tables of one module up to date. fsys holds goose files
// (00001_name.sql) written for PostgreSQL; the few type names that SQLite does
// not know are rewritten for it. Each module has its own version table, so that
// modules are released apart. A released file never changes.
func Migrate(ctx context.Context, db *DB, module string, fsys fs.FS) error {
	dialect := database.DialectPostgres
	if db.engine == SQLite {
		dialect = database.DialectSQLite3
		fsys = sqliteFS{fsys}
	}
	store, err := database.NewStore(dialect, "migration_"+module)
	if err != nil {
		return fmt.Errorf("migrate %s: %w", module, err)
	}
	p, err := goose.NewProvider("", db.write, fsys, goose.WithStore(store), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("migrate %s: %w", module, err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate %s: %w", module, err)
	}
	return nil
}

// sqliteFS serves .sql files with PostgreSQL's type names replaced. Only
// columns declared TIMESTAMP come back as time.Time from SQLite.
type sqliteFS struct{ fs.FS }

var typeWords = regexp.MustCompile(`\b(TIMESTAMPTZ|JSONB|BYTEA|DOUBLE PRECISION|BIGINT GENERATED ALWAYS AS IDENTITY)\b`)

var sqliteType = map[string]string{
	"TIMESTAMPTZ": "TIMESTAMP", "JSONB": "TEXT", "BYTEA": "BLOB", "DOUBLE PRECISION": "REAL",
	"BIGINT GENERATED ALWAYS AS IDENTITY": "INTEGER",
}

// Open serves a file with its types replaced.
func (s sqliteFS) Open(name string) (fs.File, error) {
	f, err := s.FS.Open(name)
	if err != nil || path.Ext(name) != ".sql" {
		return f, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(f)
	if err != nil {
		return nil, err
	}
	raw = typeWords.ReplaceAllFunc(raw, func(w []byte) []byte { return []byte(sqliteType[string(w)]) })
	return &memFile{Reader: bytes.NewReader(raw), info: info}, nil
}

// ReadDir lists a folder.
func (s sqliteFS) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(s.FS, name) }

type memFile struct {
	*bytes.Reader
	info fs.FileInfo
}

func (m *memFile) Stat() (fs.FileInfo, error) { return m.info, nil }
func (m *memFile) Close() error               { return nil }
