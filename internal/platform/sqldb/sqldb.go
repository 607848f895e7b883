// Package sqldb runs one SQL text on two engines: SQLite, embedded, and
// PostgreSQL. It opens databases, runs transactions that are retried when the
// engine asks for it, reads rows into structs and applies migrations.
//
// It knows no schema. SQL is written by the stores, with $1 placeholders, in
// the subset that both engines share (docs/architecture.md, Storage).
package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite" // driver "sqlite"
	sqlitelib "modernc.org/sqlite/lib"
)

// Engine names a database engine.
type Engine string

// The engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// ErrNone is returned by One when there is no row.
var ErrNone = errors.New("no row")

// Queryer is what both a DB and a Tx can do.
type Queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// DB is an open database. On SQLite it has one connection that writes and a few
// that only read, so that readers never wait for a writer.
type DB struct {
	engine Engine
	write  *sql.DB
	read   *sql.DB
	url    string
	kept   *statements // of write, on SQLite
	asked  *statements // of read, on SQLite
	shared *together   // on SQLite, when its readers have connections of their own
	schema schemaMode
}

// schemaMode is what Migrate does on a database.
type schemaMode int

const (
	migrates   schemaMode = iota // brings tables up to date
	examines                     // only refuses tables of a newer program
	onlyReads                    // refuses tables of another program, newer or older
	holdsLease                   // as migrates; the caller keeps others out
)

// Tx is a transaction.
type Tx struct {
	*sql.Tx
	kept   *statements
	shared bool // with others, by Together
}

// Options change how a database is opened. The zero value is right for production.
type Options struct {
	// Relaxed trades the last commits before a power cut for speed (SQLite
	// only). For demos, tests and benchmarks.
	Relaxed bool
	// ReadOnly opens what is there and writes nothing, not even beside it: no file is
	// made, no table brought up to date, and whatever writes fails with ErrReadOnly. It
	// works on a standby server and for a user who may only read.
	ReadOnly bool
	// Memory is a database of this process, gone when it is closed; the URL only names
	// the engine: "sqlite:memory".
	Memory bool
	// Wait is how long a server that is away is waited for, with growing pauses. A wrong
	// password, name or certificate is an error at once.
	Wait time.Duration
	// Log is told what is waited for, and what about the address is worth knowing; nil is
	// nobody.
	Log *slog.Logger
}

// ErrReadOnly is a write on a database that was opened for reading.
var ErrReadOnly = errors.New("the database was opened for reading only")

// Open opens "sqlite:PATH" (made when it does not exist, with its folder) or
// "postgres://…". It fails with a text that says what to do when the URL is of
// neither shape or the server does not answer, and with NotFound when a database that
// is only to be read is not there.
func Open(ctx context.Context, dbURL string, o Options) (*DB, error) {
	scheme, rest, ok := strings.Cut(dbURL, ":")
	if !ok {
		return nil, fmt.Errorf("open database %q: want sqlite:PATH or postgres://user@host/name", dbURL)
	}
	var db *DB
	var err error
	switch scheme {
	case "sqlite":
		db, err = openSQLite(strings.TrimPrefix(rest, "//"), o)
	case "postgres", "postgresql":
		db, err = openPostgres(ctx, dbURL, o)
	default:
		return nil, fmt.Errorf("open database: %q is no engine we know: want sqlite:PATH or postgres://user@host/name", scheme)
	}
	if err != nil {
		return nil, err
	}
	db.url = dbURL
	if o.ReadOnly {
		db.schema = onlyReads
	}
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	if err := db.write.PingContext(ctx); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("open database %s: %w", Redact(dbURL), err)
	}
	return db, nil
}

// Redact removes a password from a database URL, for logs and messages.
func Redact(dbURL string) string {
	u, err := url.Parse(dbURL)
	if err != nil || u.User == nil {
		return dbURL
	}
	return u.Redacted()
}

// Engine is the engine underneath.
func (db *DB) Engine() Engine { return db.engine }

// URL is the address that the database was opened with.
func (db *DB) URL() string { return db.url }

// Ping asks whether the database answers.
func (db *DB) Ping(ctx context.Context) error { return db.write.PingContext(ctx) }

// Close closes all connections.
func (db *DB) Close() error {
	err := db.write.Close()
	if db.read != db.write {
		err = errors.Join(db.read.Close(), err)
	}
	return err
}

// QueryContext runs a query outside a transaction. A SELECT sees only what is committed.
func (db *DB) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if isRead(query) {
		for try := (tries{}); ; {
			rows, err := db.read.QueryContext(ctx, query, args...)
			if err == nil || !isQuestion(query) || !isAway(err) || !try.again(ctx, db, err) {
				return rows, err
			}
		}
	}
	if db.ReadOnly() {
		return nil, fmt.Errorf("query %s: %w", short(query), ErrReadOnly)
	}
	return db.write.QueryContext(ctx, query, args...)
}

func isRead(query string) bool {
	q := strings.TrimLeft(query, " \t\r\n")
	return len(q) >= 6 && (strings.EqualFold(q[:6], "SELECT") || strings.EqualFold(q[:4], "WITH"))
}

// ReadOnly says that nothing can be written.
func (db *DB) ReadOnly() bool { return db.schema == onlyReads }

// Migrates says that tables may be changed: a module's Migrate that does more than call
// this package's asks first.
func (db *DB) Migrates() bool { return db.schema == migrates || db.schema == holdsLease }

// ExecContext runs a statement outside a transaction.
func (db *DB) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if db.ReadOnly() {
		return nil, fmt.Errorf("exec %s: %w", short(query), ErrReadOnly)
	}
	if db.engine != Postgres {
		return db.write.ExecContext(ctx, query, args...)
	}
	for try := (tries{}); ; {
		var res sql.Result
		sent := false
		err := db.onOne(ctx, func(c *sql.Conn) (err error) {
			res, err = c.ExecContext(ctx, query, args...)
			sent = maybeDone(err)
			return err
		})
		switch {
		case err == nil:
			return res, nil
		case sent && isAway(err):
			return nil, ErrUnsure.Because(err)
		case sent || !isAway(err) || !try.again(ctx, db, err):
			return nil, err
		}
	}
}

// maxTries bounds how often a transaction that the engine aborts is run again.
const maxTries = 6

// InTx runs f in a transaction and commits it. When the engine asks for a retry
// (serialisation failure, deadlock, busy), or the server goes away before the commit was
// sent, f is run again, so f must have no effect outside tx. An error of f rolls back and
// is returned as it is. ErrUnsure and ErrNotReplicated tell of a commit that may have
// taken effect.
func (db *DB) InTx(ctx context.Context, f func(tx *Tx) error) error {
	for try := (tries{}); ; {
		err := db.once(ctx, f)
		if err == nil || errors.Is(err, ErrUnsure) || errors.Is(err, ErrNotReplicated) || !try.again(ctx, db, err) {
			return err
		}
	}
}

func (db *DB) once(ctx context.Context, f func(tx *Tx) error) error {
	if db.engine != Postgres {
		tx, err := db.write.BeginTx(ctx, nil)
		if err != nil {
			return fmt.Errorf("begin: %w", err)
		}
		if err := run(&Tx{tx, db.kept, false}, f); err != nil {
			return err
		}
		db.kept.tend(ctx, db.write)
		return nil
	}
	return db.onOne(ctx, func(c *sql.Conn) error {
		tx, err := c.BeginTx(ctx, &sql.TxOptions{ReadOnly: db.ReadOnly()})
		if err != nil {
			return fmt.Errorf("begin: %w", err)
		}
		return run(&Tx{tx, nil, false}, f)
	})
}

func run(tx *Tx, f func(tx *Tx) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			_ = tx.Rollback()
			panic(p)
		}
		if err != nil {
			_ = tx.Rollback()
		}
	}()
	if err := f(tx); err != nil {
		return err
	}
	if err := unsureCommit(tx.Commit()); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// IsDuplicate says that an insert or update broke a unique key.
func IsDuplicate(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "23505"
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return lite.Code() == sqlitelib.SQLITE_CONSTRAINT_UNIQUE || lite.Code() == sqlitelib.SQLITE_CONSTRAINT_PRIMARYKEY
	}
	return false
}

// IsLocked says that a lock of PostgreSQL's could not be had in the time that lock_timeout
// gives.
func IsLocked(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "55P03"
}

// NewID makes a time-ordered UUID (version 7, RFC 9562), so that new rows land
// at the end of an index and ids can be made on any node.
func NewID() string { return uuid.Must(uuid.NewV7()).String() }
