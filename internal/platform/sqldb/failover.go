package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlitelib "modernc.org/sqlite/lib"

	"dean06/internal/platform/fault"
)

// What a commit can end with beside success and failure.
var (
	// ErrUnsure says that the connection was lost while a commit was under way: the
	// transaction may have taken effect.
	ErrUnsure = fault.New(fault.Unavailable, "database.unsure", nil)
	// ErrNotReplicated says that the server has committed, but no standby has confirmed it,
	// although one must: a failover now would lose it. It counts as not done.
	ErrNotReplicated = fault.New(fault.Unavailable, "database.unreplicated", nil)
)

// retryFor is how long a transaction or a question is tried again while the database
// fails over. With the settings of docs/operations.md it takes about ten seconds.
const retryFor = 15 * time.Second

// isRetryable says that the engine asks for another try: it has undone the transaction.
func isRetryable(err error) bool {
	if errors.Is(err, errUndone) {
		return true
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "40001" || pg.Code == "40P01"
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		code := lite.Code() & 0xff
		return code == sqlitelib.SQLITE_BUSY || code == sqlitelib.SQLITE_LOCKED
	}
	return false
}

// isAway says that the server cannot be reached, is starting or stopping, or no longer
// the one that writes: another moment, or another server, will do.
func isAway(err error) bool {
	if errors.Is(err, context.Canceled) {
		return false
	}
	if f := fault.As(err); f != nil && f.Cause != nil {
		return false // it has been understood: a password, a name
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.Code {
		case "57P01", "57P02", "57P03", "25006", "53300", "08P01":
			return true
		}
		return strings.HasPrefix(pg.Code, "08")
	}
	var op *net.OpError
	var dns *net.DNSError
	return errors.As(err, &op) || errors.As(err, &dns) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, net.ErrClosed) || pgconn.SafeToRetry(err) ||
		err != nil && (strings.Contains(err.Error(), "read only connection") || strings.Contains(err.Error(), "conn closed"))
}

// maybeDone says of what the server was asked to do, and failed, whether it may have taken
// effect all the same: it may, unless the server never heard of it or says that it undid it.
func maybeDone(err error) bool {
	var pg *pgconn.PgError
	switch {
	case err == nil, errors.Is(err, sql.ErrTxDone), errors.Is(err, driver.ErrBadConn), pgconn.SafeToRetry(err):
		return false
	case errors.As(err, &pg): // 57P01 and its like end the connection, and with it the answer; 57014 is a statement that was cut off
		return strings.HasPrefix(pg.Code, "57P") || strings.HasPrefix(pg.Code, "08")
	}
	return isAway(err) || pgconn.Timeout(err) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// unsureCommit tells truly what a commit that failed has done.
func unsureCommit(err error) error {
	if maybeDone(err) {
		return ErrUnsure.Because(err)
	}
	return err
}

// tries counts how often and how long something has been tried.
type tries struct {
	n     int
	since time.Time
}

// again says, after a pause, whether what failed with err is to be tried once more: what
// the engine has undone a few times, what met a server that is away for a while.
func (t *tries) again(ctx context.Context, db *DB, err error) bool {
	if t.n++; t.n == 1 {
		t.since = time.Now() //nolint:forbidigo // how long it is tried
	}
	pause := time.Duration(1<<min(t.n, 8)) * 5 * time.Millisecond
	switch {
	case isRetryable(err):
		if t.n >= maxTries {
			return false
		}
	case db.engine == Postgres && !db.ReadOnly() && isAway(err):
		if time.Since(t.since) > retryFor {
			return false
		}
		// Others in the pool lead to the same server that went, or writes no more.
		db.write.SetMaxIdleConns(0)
		db.write.SetMaxIdleConns(idleConns)
	default:
		return false
	}
	pause += rand.N(pause)
	select {
	case <-ctx.Done():
		return false
	case <-time.After(pause):
		return true
	}
}

var writes = regexp.MustCompile(`(?i)\b(INSERT|UPDATE|DELETE|MERGE)\b`)

// isQuestion says that a query can be asked twice.
func isQuestion(query string) bool { return isRead(query) && !writes.MatchString(query) }
