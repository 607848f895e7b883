package sqldb

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"

	"dean06/internal/platform/fault"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the texts of this package.
var Messages, _ = fs.Sub(messages, "messages")

// Migrate brings the tables of one module up to date. fsys holds goose files
// (00001_name.sql) written for PostgreSQL; the few type names that SQLite does
// not know are rewritten for it. Each module has its own version table, so that
// modules are released apart. A released file never changes.
//
// It fails with Conflict when a newer program has been here. On a database that is
// only read it changes nothing, and fails as well when the tables are older.
func Migrate(ctx context.Context, db *DB, module string, fsys fs.FS) error {
	known, err := newest(fsys)
	if err != nil {
		return fmt.Errorf("migrate %s: %w", module, err)
	}
	has, err := version(ctx, db, module)
	if err != nil {
		return fmt.Errorf("migrate %s: %w", module, err)
	}
	args := fault.Args{"module": module, "has": has, "knows": known, "database": Redact(db.url)}
	switch {
	case has > known:
		return fault.New(fault.Conflict, "database.newer", args)
	case has == known || db.schema == examines:
		return nil
	case db.schema == onlyReads && has == 0:
		return fault.New(fault.Conflict, "database.foreign", args)
	case db.schema == onlyReads:
		return fault.New(fault.Conflict, "database.older", args)
	}
	if err := db.Alone(ctx, nil, func(db *DB) error { return up(ctx, db, module, fsys) }); err != nil {
		return fmt.Errorf("migrate %s: %w", module, err)
	}
	return nil
}

func up(ctx context.Context, db *DB, module string, fsys fs.FS) error {
	dialect := database.DialectPostgres
	if db.engine == SQLite {
		dialect = database.DialectSQLite3
	}
	fsys = wordedFS{fsys, db.engine}
	store, err := database.NewStore(dialect, "migration_"+module)
	if err != nil {
		return err
	}
	p, err := goose.NewProvider("", db.write, fsys, goose.WithStore(store), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return err
}

// newest is the version that the files lead to.
func newest(fsys fs.FS) (int64, error) {
	names, err := fs.Glob(fsys, "*.sql")
	if err != nil {
		return 0, err
	}
	var last int64
	for _, name := range names {
		v, err := goose.NumericComponent(name)
		if err != nil {
			return 0, err
		}
		last = max(last, v)
	}
	return last, nil
}

// version is that of a module's tables; 0 when there are none.
func version(ctx context.Context, db *DB, module string) (int64, error) {
	there := `SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = $1`
	if db.engine == Postgres {
		there = `SELECT COUNT(to_regclass($1))`
	}
	table := "migration_" + module
	n, err := One[int](ctx, db, there, table)
	if err != nil || n == 0 {
		return 0, err
	}
	return One[int64](ctx, db, `SELECT MAX(version_id) FROM `+table+` WHERE is_applied`)
}

// Examine is the database for looking only whether a newer program has been here:
// Migrate changes nothing on it, and refuses nothing else.
func (db *DB) Examine() *DB {
	look := *db
	look.schema = examines
	return &look
}

// wordedFS serves .sql files in an engine's own words. SQLite has PostgreSQL's type names
// replaced: only columns declared TIMESTAMP come back as time.Time from it. Where engines
// have no common word, a comment stands for it:
//
//	TEXT /* bytes */             is ordered by its bytes, whatever the server's language
//	BIGINT /* row */ PRIMARY KEY is the number by which SQLite stores a row anyway
//	) /* narrow */               has SQLite store the rows by their key, without a second tree
type wordedFS struct {
	fs.FS
	engine Engine
}

var typeWords = regexp.MustCompile(`\b(TIMESTAMPTZ|JSONB|BYTEA|DOUBLE PRECISION|BIGINT GENERATED ALWAYS AS IDENTITY)\b`)

var sqliteType = map[string]string{
	"TIMESTAMPTZ": "TIMESTAMP", "JSONB": "TEXT", "BYTEA": "BLOB", "DOUBLE PRECISION": "REAL",
	"BIGINT GENERATED ALWAYS AS IDENTITY": "INTEGER",
}

var ownWords = map[Engine]*strings.Replacer{
	SQLite:   strings.NewReplacer("BIGINT /* row */ PRIMARY KEY", "INTEGER PRIMARY KEY", "/* narrow */", "WITHOUT ROWID"),
	Postgres: strings.NewReplacer("/* bytes */", `COLLATE "C"`),
}

// Open serves a file with its words replaced.
func (s wordedFS) Open(name string) (fs.File, error) {
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
	raw = []byte(ownWords[s.engine].Replace(string(raw)))
	if s.engine == SQLite {
		raw = typeWords.ReplaceAllFunc(raw, func(w []byte) []byte { return []byte(sqliteType[string(w)]) })
	}
	return &memFile{Reader: bytes.NewReader(raw), info: info}, nil
}

// ReadDir lists a folder.
func (s wordedFS) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(s.FS, name) }

type memFile struct {
	*bytes.Reader
	info fs.FileInfo
}

func (m *memFile) Stat() (fs.FileInfo, error) { return m.info, nil }
func (m *memFile) Close() error               { return nil }
