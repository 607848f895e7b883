package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/stdlib"

	"dean06/internal/platform/fault"
)

const (
	maxConns  = 20
	idleConns = 10
	// dialFor is how long one host may take to answer; the DSN's connect_timeout wins.
	dialFor = 5 * time.Second
	// cancelFor is how long a statement whose caller has gone may take to end after the
	// server was told so. Then its connection is given up, and with it its place in the pool.
	cancelFor = time.Second
)

// settings is what a database's address says, checked: what would answer wrongly is
// refused before anything is asked.
func settings(dbURL string, log *slog.Logger) (*pgx.ConnConfig, error) {
	cfg, err := pgx.ParseConfig(dbURL)
	if err != nil {
		return nil, fault.New(fault.Invalid, "database.address", fault.Args{"database": Redact(dbURL)}).Because(err)
	}
	if cfg.DefaultQueryExecMode == pgx.QueryExecModeDescribeExec {
		return nil, fault.New(fault.Invalid, "database.describe_exec", nil)
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = dialFor
	}
	if hosts := hostsOf(cfg); len(hosts) > 1 {
		args := fault.Args{"hosts": strings.Join(hosts, ", ")}
		if attrs := option(dbURL, "target_session_attrs", "PGTARGETSESSIONATTRS"); attrs != "read-write" && attrs != "primary" {
			return nil, fault.New(fault.Invalid, "database.hosts", args)
		}
		if log != nil {
			log.Warn("several hosts in the address of the database do not protect against two primaries at once; "+
				"a proxy that asks which one leads does, or a synchronous standby", "hosts", args["hosts"])
		}
	}
	cfg.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: c, DeadlineDelay: cancelFor}
	}
	cfg.OnNotice = func(c *pgconn.PgConn, n *pgconn.Notice) {
		if notReplicated(n) {
			c.CustomData()[unreplicated] = true
		}
	}
	return cfg, nil
}

// hostsOf are the hosts that an address names, each once.
func hostsOf(cfg *pgx.ConnConfig) []string {
	hosts := []string{fmt.Sprintf("%s:%d", cfg.Host, cfg.Port)}
	for _, f := range cfg.Fallbacks { // those of TLS or none name the same host again
		if h := fmt.Sprintf("%s:%d", f.Host, f.Port); !slices.Contains(hosts, h) {
			hosts = append(hosts, h)
		}
	}
	return hosts
}

var keyword = regexp.MustCompile(`(?:^|\s)(\w+)\s*=\s*'?([^\s']*)`)

// option is a setting of an address, in either of its two forms, or of the environment.
func option(dbURL, name, env string) string {
	if u, err := url.Parse(dbURL); err == nil && u.Query().Has(name) {
		return u.Query().Get(name)
	}
	for _, m := range keyword.FindAllStringSubmatch(dbURL, -1) {
		if m[1] == name {
			return m[2]
		}
	}
	return os.Getenv(env)
}

func openPostgres(ctx context.Context, dbURL string, o Options) (*DB, error) {
	cfg, err := settings(dbURL, o.Log)
	if err != nil {
		return nil, err
	}
	if err := probe(ctx, cfg, dbURL, o); err != nil {
		return nil, err
	}
	pool := stdlib.OpenDB(*cfg)
	pool.SetMaxOpenConns(maxConns)
	pool.SetMaxIdleConns(idleConns)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	return &DB{engine: Postgres, write: pool, read: pool}, nil
}

// probe connects once, waiting for a database that is away when that was asked for, and
// finds out whether a pooler is between. A pooler that gives each transaction another
// connection breaks statements that are kept on one, at times without an error.
func probe(ctx context.Context, cfg *pgx.ConnConfig, dbURL string, o Options) error {
	pause := time.Second
	begun := time.Now() //nolint:forbidigo // how long we waited
	for {
		pooled, err := look(ctx, cfg)
		if err == nil {
			if pooled {
				return behindPooler(cfg, dbURL, o.Log)
			}
			return nil
		}
		err = toldTruly(dbURL, err)
		waited := time.Since(begun)
		if ctx.Err() != nil || !isAway(err) || waited+pause > o.Wait {
			return err
		}
		if o.Log != nil {
			o.Log.Warn("the database does not answer; waiting for it", "database", Redact(dbURL), "again_in", pause.String(),
				"waited", waited.Round(time.Second).String(), "at_most", o.Wait.String(), "error", err.Error())
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(pause):
		}
		pause = min(2*pause, 15*time.Second)
	}
}

// look says whether a pooler is between: it gives us a number of its own for cancelling,
// which is not that of the server's process.
func look(ctx context.Context, cfg *pgx.ConnConfig) (pooled bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	c, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return false, err
	}
	defer c.Close(ctx)
	var pid uint32
	if err := c.QueryRow(ctx, `SELECT pg_backend_pid()`, pgx.QueryExecModeExec).Scan(&pid); err != nil {
		return false, err
	}
	return pid != c.PgConn().PID(), nil
}

// behindPooler chooses a way of asking that works when every transaction may have another
// connection, and refuses what does not.
func behindPooler(cfg *pgx.ConnConfig, dbURL string, log *slog.Logger) error {
	for name := range cfg.RuntimeParams {
		if name == "search_path" || name == "statement_timeout" {
			return fault.New(fault.Invalid, "database.pooler_setting", fault.Args{"setting": name})
		}
	}
	if cfg.DefaultQueryExecMode != pgx.QueryExecModeCacheStatement {
		return nil
	}
	if option(dbURL, "default_query_exec_mode", "") != "" {
		return fault.New(fault.Invalid, "database.pooler_mode", nil)
	}
	cfg.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	if log != nil {
		log.Info("a pooler stands before the database: statements are not kept on its connections (cache_describe)")
	}
	return nil
}

// toldTruly says in words why there is no connection.
func toldTruly(dbURL string, err error) error {
	var pg *pgconn.PgError
	args := fault.Args{"database": Redact(dbURL)}
	if errors.As(err, &pg) {
		args["error"] = pg.Message
		switch {
		case pg.Code == "28P01", pg.Code == "28000", pg.Code == "08P01" && strings.Contains(pg.Message, "authentication"):
			return fault.New(fault.Denied, "database.password", args).Because(err)
		case pg.Code == "3D000", pg.Code == "08P01" && (strings.Contains(pg.Message, "no such database") || strings.Contains(pg.Message, "does not exist")):
			return fault.New(fault.NotFound, "database.unknown", args).Because(err)
		case pg.Code == "08P01" && strings.Contains(pg.Message, "startup parameter"):
			_, setting, _ := strings.Cut(pg.Message, ": ")
			return fault.New(fault.Invalid, "database.pooler_setting", fault.Args{"setting": setting}).Because(err)
		}
	}
	return fmt.Errorf("open database %s: %w", Redact(dbURL), err)
}

// unreplicated marks a connection whose last commit no standby has confirmed.
const unreplicated = "dean06.unreplicated"

// notReplicated recognises the warning with which PostgreSQL reports a commit as a success
// although the wait for the synchronous standby was cut off: by its place in the server,
// as its words are translated.
func notReplicated(n *pgconn.Notice) bool {
	return n.Routine == "SyncRepWaitForLSN" || strings.Contains(n.Detail, "committed locally")
}

// onOne runs f on one connection of the pool, and fails with ErrNotReplicated when the
// server said that what was committed is not on the standby.
func (db *DB) onOne(ctx context.Context, f func(c *sql.Conn) error) error {
	c, err := db.write.Conn(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	mark := func(look func(data map[string]any)) error {
		return c.Raw(func(driver any) error {
			look(driver.(*stdlib.Conn).Conn().PgConn().CustomData())
			return nil
		})
	}
	if err := mark(func(data map[string]any) { delete(data, unreplicated) }); err != nil {
		return err
	}
	if err := f(c); err != nil {
		return err
	}
	lost := false
	if err := mark(func(data map[string]any) { _, lost = data[unreplicated] }); err == nil && lost {
		return ErrNotReplicated
	}
	return nil
}

// Unfit is everything about a server that a node cannot live with.
func (db *DB) Unfit(ctx context.Context) []error {
	if db.engine == SQLite {
		return nil
	}
	type row struct {
		Encoding  string `db:"encoding"`
		MayCreate bool   `db:"may_create"` // tables
		Standby   bool   `db:"standby"`    // it only follows another
	}
	f, err := One[row](ctx, db, `SELECT current_setting('server_encoding') AS encoding,
		COALESCE(has_schema_privilege(current_schema(), 'CREATE'), FALSE) AS may_create, pg_is_in_recovery() AS standby`)
	if err != nil {
		return []error{err}
	}
	var out []error
	if f.Encoding != "UTF8" {
		out = append(out, fault.New(fault.Invalid, "database.encoding", fault.Args{"encoding": f.Encoding}))
	}
	if !f.MayCreate {
		out = append(out, fault.New(fault.Denied, "database.create", nil))
	}
	if f.Standby {
		out = append(out, fault.New(fault.Invalid, "database.standby", nil))
	}
	return out
}

// Hosts tries each host of an address that names several, as any of them may be the one
// that is left.
func Hosts(ctx context.Context, dbURL string) []error {
	if _, ok := SQLitePath(dbURL); ok {
		return nil
	}
	cfg, err := settings(dbURL, nil)
	if err != nil || len(hostsOf(cfg)) < 2 {
		return nil // Open says what is wrong
	}
	var out []error
	for _, host := range hostsOf(cfg) {
		one := cfg.Copy()
		one.ValidateConnect, one.Fallbacks = nil, nil
		for _, f := range append([]*pgconn.FallbackConfig{{Host: cfg.Host, Port: cfg.Port, TLSConfig: cfg.TLSConfig}}, cfg.Fallbacks...) {
			if fmt.Sprintf("%s:%d", f.Host, f.Port) != host {
				continue
			}
			one.Fallbacks = append(one.Fallbacks, f)
		}
		one.Host, one.Port, one.TLSConfig = one.Fallbacks[0].Host, one.Fallbacks[0].Port, one.Fallbacks[0].TLSConfig
		one.Fallbacks = one.Fallbacks[1:]
		if _, err := look(ctx, one); err != nil {
			out = append(out, fault.New(fault.Unavailable, "database.host_away", fault.Args{"host": host, "error": err.Error()}).Because(err))
		}
	}
	return out
}
