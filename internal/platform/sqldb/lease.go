package sqldb

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"dean06/internal/platform/fault"
)

// A Lease lets one process at a time do what two must not: write a message log, use an
// SQLite file, change tables. It is a row, not a lock of a session: sessions mean nothing
// behind a pooler, and a lock ends unseen when the connection does.
//
// The holder renews it. Who wants it watches: a row that does not change is nobody's any
// more, at once when its process is known to be gone. Nobody takes it from a holder that
// renews it, or that runs on the same machine.
type Lease struct {
	db    *DB
	name  string
	times leaseTimes
	id    string

	mu      sync.Mutex
	renewed time.Time // when the last renewal that succeeded was begun, with its monotonic part
	lost    error
}

// leaseTimes are how long a lease holds without being renewed, and how often it is.
type leaseTimes struct{ term, beat time.Duration }

var usualTimes = leaseTimes{term: 12 * time.Second, beat: 3 * time.Second}

// ErrLeaseLost says that another process holds the lease now: whatever it stands for has
// to stop here.
var ErrLeaseLost error = fault.New(fault.Conflict, "database.lost", nil)

// Holder is the process that holds a lease.
type Holder struct {
	ID      string `db:"holder"`
	Machine string `db:"machine"` // with its boot and its space of process numbers
	Host    string `db:"host"`
	PID     int64  `db:"pid"`
	Started string `db:"started"` // what tells two processes of one number apart
	Since   int64  `db:"since"`   // milliseconds of the database's clock
	Until   int64  `db:"until"`
	Beat    int64  `db:"beat"`
	Now     int64  `db:"now"`
}

const leaseTable = `CREATE TABLE IF NOT EXISTS lease (name TEXT PRIMARY KEY, holder TEXT NOT NULL, machine TEXT NOT NULL,
	host TEXT NOT NULL, pid BIGINT NOT NULL, started TEXT NOT NULL, since BIGINT NOT NULL, until BIGINT NOT NULL, beat BIGINT NOT NULL)`

// now is the database's clock in milliseconds.
func (db *DB) now() string {
	if db.engine == Postgres {
		return `CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)`
	}
	return `CAST((julianday('now') - 2440587.5) * 86400000 AS BIGINT)`
}

// makeLeases makes the table. Two that do so at once may both be told that it is there.
func (db *DB) makeLeases(ctx context.Context) error {
	there := `SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'lease'`
	if db.engine == Postgres {
		there = `SELECT COUNT(to_regclass('lease'))`
	}
	for try := 0; ; try++ {
		n, err := One[int](ctx, db, there)
		if err != nil || n > 0 {
			return err
		}
		if _, err = db.ExecContext(ctx, leaseTable); err == nil || try == 3 {
			return err
		}
	}
}

// Claim takes a lease. When another process holds it, it fails with Conflict and says
// which; when that one is silent it waits until the lease lapses, at most for the term,
// and tells wait so first. wait may be nil.
func (db *DB) Claim(ctx context.Context, name string, wait func(Holder)) (*Lease, error) {
	return db.claim(ctx, name, claiming{times: usualTimes, self: thisProcess(), wait: wait})
}

type claiming struct {
	times   leaseTimes
	self    process
	wait    func(Holder)
	patient bool // waits for a live holder too
}

const claimEvery = 200 * time.Millisecond

func (db *DB) claim(ctx context.Context, name string, c claiming) (*Lease, error) {
	if err := db.makeLeases(ctx); err != nil {
		return nil, fmt.Errorf("lease %s: %w", name, err)
	}
	l := &Lease{db: db, name: name, times: c.times, id: NewID()}
	var seen Holder
	var since time.Time
	for told := false; ; {
		begun := time.Now() //nolint:forbidigo // by the monotonic clock of this machine
		took, err := l.insert(ctx, c.self)
		if err != nil {
			return nil, err
		}
		if took {
			l.renewed = begun
			return l, nil
		}
		h, err := One[Holder](ctx, db, `SELECT holder, machine, host, pid, started, since, until, beat, `+db.now()+` AS now
			FROM lease WHERE name = $1`, name)
		if errors.Is(err, ErrNone) {
			continue // it was given back meanwhile
		}
		if err != nil {
			return nil, fmt.Errorf("lease %s: %w", name, err)
		}
		life := c.self.lifeOf(h)
		switch {
		case h.ID != seen.ID && seen.ID != "" && !c.patient, h.ID == seen.ID && h.Beat != seen.Beat && !c.patient, life == alive && !c.patient:
			return nil, held(name, h)
		case h.ID != seen.ID || h.Beat != seen.Beat:
			seen, since = h, begun
		}
		quiet := begun.Sub(since)
		if life == gone || life == unknown && (quiet > c.times.term || h.Until < h.Now && quiet > c.times.beat+c.times.beat/3) {
			if took, err = l.takeOver(ctx, c.self, h); err != nil {
				return nil, err
			}
			if took {
				l.renewed = begun
				return l, nil
			}
			continue
		}
		if !told && c.wait != nil {
			c.wait(h)
			told = true
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(claimEvery):
		}
	}
}

func held(name string, h Holder) error {
	return fault.New(fault.Conflict, "database.held."+name, fault.Args{
		"host": h.Host, "pid": fmt.Sprint(h.PID), "since": time.UnixMilli(h.Since).UTC(),
	})
}

func (l *Lease) insert(ctx context.Context, p process) (bool, error) {
	n, err := Exec(ctx, l.db, fmt.Sprintf(`INSERT INTO lease (name, holder, machine, host, pid, started, since, until, beat)
		VALUES ($1, $2, $3, $4, $5, $6, %s, %[1]s + %d, 0) ON CONFLICT (name) DO NOTHING`, l.db.now(), l.times.term.Milliseconds()),
		l.name, l.id, p.machine, p.host, p.pid, p.started)
	if err != nil {
		return false, fmt.Errorf("lease %s: %w", l.name, err)
	}
	return n == 1, nil
}

// takeOver replaces a holder, unless it has renewed the lease since it was looked at.
func (l *Lease) takeOver(ctx context.Context, p process, h Holder) (bool, error) {
	n, err := Exec(ctx, l.db, fmt.Sprintf(`UPDATE lease SET holder = $2, machine = $3, host = $4, pid = $5, started = $6,
		since = %s, until = %[1]s + %d, beat = 0 WHERE name = $1 AND holder = $7 AND beat = $8`, l.db.now(), l.times.term.Milliseconds()),
		l.name, l.id, p.machine, p.host, p.pid, p.started, h.ID, h.Beat)
	if err != nil {
		return false, fmt.Errorf("lease %s: %w", l.name, err)
	}
	return n == 1, nil
}

// Keep renews the lease until ctx ends. It fails with ErrLeaseLost when another process
// has it. While the database is away it goes on trying: nobody else can take it either.
func (l *Lease) Keep(ctx context.Context) error {
	tick := time.NewTicker(l.times.beat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := l.renew(ctx); errors.Is(err, ErrLeaseLost) {
			return err
		}
	}
}

// Held says that the lease is still ours: at no cost while it was renewed lately, else by
// asking the database. To be called before what only its holder may do.
func (l *Lease) Held(ctx context.Context) error {
	l.mu.Lock()
	lost, renewed := l.lost, l.renewed
	l.mu.Unlock()
	if lost != nil {
		return lost
	}
	now := time.Now() //nolint:forbidigo // both clocks of this machine: one stands still while it sleeps, the other can be set
	fresh := l.times.term - l.times.beat
	if wall := now.Round(0).Sub(renewed.Round(0)); now.Sub(renewed) < fresh && wall < fresh && wall > -fresh {
		return nil
	}
	return l.renew(ctx)
}

func (l *Lease) renew(ctx context.Context) error {
	begun := time.Now() //nolint:forbidigo // as in Held
	ctx, cancel := context.WithTimeout(ctx, l.times.term)
	defer cancel()
	n, err := Exec(ctx, l.db, fmt.Sprintf(`UPDATE lease SET until = %s + %d, beat = beat + 1 WHERE name = $1 AND holder = $2`,
		l.db.now(), l.times.term.Milliseconds()), l.name, l.id)
	if err != nil {
		return fmt.Errorf("renew lease %s: %w", l.name, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if n == 0 {
		l.lost = ErrLeaseLost
		return ErrLeaseLost
	}
	l.renewed = begun
	return nil
}

// Release gives the lease back, so that the next need not wait.
func (l *Lease) Release(ctx context.Context) error {
	l.mu.Lock()
	l.lost = ErrLeaseLost
	l.mu.Unlock()
	_, err := Exec(ctx, l.db, `DELETE FROM lease WHERE name = $1 AND holder = $2`, l.name, l.id)
	return err
}

// migration is the lease of whoever changes tables.
const migration = "migration"

// Alone runs f while no other process changes tables or first rows: two that start at
// once on an empty database come up one after the other. What f is given is the same
// database.
func (db *DB) Alone(ctx context.Context, wait func(Holder), f func(db *DB) error) (err error) {
	if db.schema != migrates {
		return f(db)
	}
	return db.alone(ctx, claiming{times: usualTimes, self: thisProcess(), wait: wait, patient: true}, f)
}

func (db *DB) alone(ctx context.Context, c claiming, f func(db *DB) error) (err error) {
	l, err := db.claim(ctx, migration, c)
	if err != nil {
		return err
	}
	keep, stop := context.WithCancel(context.WithoutCancel(ctx))
	var kept sync.WaitGroup
	kept.Go(func() { _ = l.Keep(keep) })
	defer func() {
		stop()
		kept.Wait()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.times.term)
		defer cancel()
		err = errors.Join(err, l.Release(ctx))
	}()
	as := *db
	as.schema = holdsLease
	return f(&as)
}
