// Package contractsql keeps what an agency has beside the contract of older systems:
// the systems with their secrets, the officers with their rights, the calls of the last
// minutes, and the log. Secrets are sealed before they are stored.
package contractsql

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"dean06/internal/contract"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/sqldb"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Actions are the codes of what is written to the audit log.
var Actions = []string{actionSystem, actionOfficer}

const (
	actionSystem  = "contract.system.save"
	actionOfficer = "contract.officer.save"
)

// Migrate makes the tables.
func Migrate(ctx context.Context, db *sqldb.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return sqldb.Migrate(ctx, db, "contract", files)
}

// Sealer hides secrets; context ties a sealed one to its place.
type Sealer interface {
	Seal(plain, context []byte) ([]byte, error)
	Open(sealed, context []byte) ([]byte, error)
}

// Store keeps systems, officers and the log. It implements contract.Store.
type Store struct {
	db     *sqldb.DB
	sealer Sealer
	tx     *sqldb.Tx    // in which it writes; nil: each change has its own
	basis  string       // the request that tx approves; "" for none
	swept  atomic.Int64 // when old notes were last thrown away, Unix seconds
}

// New makes the store on a migrated database.
func New(db *sqldb.DB, sealer Sealer) *Store { return &Store{db: db, sealer: sealer} }

// In is the store within the transaction in which a request was approved: it changes
// systems and officers, and the audit log names the request.
func (s *Store) In(tx *sqldb.Tx, request string) contract.Keeper {
	return &Store{db: s.db, sealer: s.sealer, tx: tx, basis: request}
}

func (s *Store) inTx(ctx context.Context, f func(tx *sqldb.Tx) error) error {
	if s.tx != nil {
		return f(s.tx)
	}
	return s.db.InTx(ctx, f)
}

// record writes a change to the audit log.
func (s *Store) record(ctx context.Context, tx *sqldb.Tx, e audit.Entry) error {
	if s.basis != "" {
		e.Details["request"] = s.basis
	}
	return audit.Record(ctx, tx, e)
}

type systemRow struct {
	User       string               `db:"user_name"`
	Name       string               `db:"name"`
	Secret     []byte               `db:"secret"`
	Subsystem  string               `db:"subsystem"`
	Codes      sqldb.JSON[[]string] `db:"codes"`
	Procedures sqldb.JSON[[]string] `db:"procedures"`
	Off        bool                 `db:"off"`
}

const systemColumns = `user_name, name, secret, subsystem, codes, procedures, off`

// System gives a system with its secret. It fails with NotFound.
func (s *Store) System(ctx context.Context, user string) (contract.System, error) {
	row, err := sqldb.One[systemRow](ctx, s.db, `SELECT `+systemColumns+` FROM contract_system WHERE user_name = $1`, user)
	if errors.Is(err, sqldb.ErrNone) {
		return contract.System{}, contract.ErrNoSystem
	}
	if err != nil {
		return contract.System{}, fmt.Errorf("read contract system: %w", err)
	}
	return s.opened(row)
}

// opened is the system of a row, with its secret.
func (s *Store) opened(row systemRow) (contract.System, error) {
	secret, err := s.sealer.Open(row.Secret, systemContext(row.User))
	if err != nil {
		return contract.System{}, fmt.Errorf("open the secret of contract system %s: %w", row.User, err)
	}
	system := row.system()
	system.Secret = string(secret)
	return system, nil
}

func (r systemRow) system() contract.System {
	return contract.System{
		User: r.User, Name: r.Name, Subsystem: r.Subsystem, Codes: r.Codes.V, Procedures: r.Procedures.V, Off: r.Off,
	}
}

func systemContext(user string) []byte { return []byte("contract system " + user) }

func officerContext(subsystem, code string) []byte {
	return []byte("contract officer " + subsystem + " " + code)
}

// Systems lists the systems, without their secrets.
func (s *Store) Systems(ctx context.Context) ([]contract.System, error) {
	rows, err := sqldb.All[systemRow](ctx, s.db, `SELECT `+systemColumns+` FROM contract_system ORDER BY user_name`)
	if err != nil {
		return nil, fmt.Errorf("list contract systems: %w", err)
	}
	list := make([]contract.System, len(rows))
	for i, r := range rows {
		list[i] = r.system()
	}
	return list, nil
}

// AddSystem stores a new system. It fails with Conflict when there is one of this user.
func (s *Store) AddSystem(ctx context.Context, by actor.Actor, c contract.System, at time.Time) error {
	secret, err := s.sealer.Seal([]byte(c.Secret), systemContext(c.User))
	if err != nil {
		return fmt.Errorf("seal the secret of contract system %s: %w", c.User, err)
	}
	return s.inTx(ctx, func(tx *sqldb.Tx) error {
		n, err := sqldb.Exec(ctx, tx, `INSERT INTO contract_system (`+systemColumns+`, created_at, changed_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) ON CONFLICT (user_name) DO NOTHING`,
			c.User, c.Name, secret, c.Subsystem, sqldb.JSON[[]string]{V: c.Codes}, sqldb.JSON[[]string]{V: c.Procedures}, c.Off, at)
		if err != nil {
			return fmt.Errorf("store contract system %s: %w", c.User, err)
		}
		if n == 0 {
			return contract.ErrSystemExists
		}
		return s.record(ctx, tx, systemSaved(by, c, true, at))
	})
}

// ChangeSystem changes a system as it is stored at that moment. It fails with NotFound.
func (s *Store) ChangeSystem(ctx context.Context, by actor.Actor, user string, at time.Time, change func(*contract.System)) error {
	return s.inTx(ctx, func(tx *sqldb.Tx) error {
		// Written first, so that no other change comes between what is read and what is stored.
		row, err := sqldb.One[systemRow](ctx, tx,
			`UPDATE contract_system SET changed_at = $1 WHERE user_name = $2 RETURNING `+systemColumns, at, user)
		if errors.Is(err, sqldb.ErrNone) {
			return contract.ErrNoSystem
		}
		if err != nil {
			return fmt.Errorf("change contract system %s: %w", user, err)
		}
		c, err := s.opened(row)
		if err != nil {
			return err
		}
		before := c.Secret
		change(&c)
		if c.Secret != before {
			if row.Secret, err = s.sealer.Seal([]byte(c.Secret), systemContext(user)); err != nil {
				return fmt.Errorf("seal the secret of contract system %s: %w", user, err)
			}
		}
		if _, err := sqldb.Exec(ctx, tx, `UPDATE contract_system SET name = $1, secret = $2, subsystem = $3, codes = $4, procedures = $5, off = $6
			WHERE user_name = $7`,
			c.Name, row.Secret, c.Subsystem, sqldb.JSON[[]string]{V: c.Codes}, sqldb.JSON[[]string]{V: c.Procedures}, c.Off, user); err != nil {
			return fmt.Errorf("change contract system %s: %w", user, err)
		}
		return s.record(ctx, tx, systemSaved(by, c, c.Secret != before, at))
	})
}

func systemSaved(by actor.Actor, c contract.System, newSecret bool, at time.Time) audit.Entry {
	e := audit.Entry{
		At: at, Who: audit.Who{Actor: by}, Action: actionSystem, Subject: audit.Subject{Type: "contract_system", ID: c.User},
		Details: map[string]string{
			"subsystem": c.Subsystem, "codes": strings.Join(c.Codes, " "), "procedures": strings.Join(c.Procedures, " "),
			"off": strconv.FormatBool(c.Off),
		},
	}
	if newSecret {
		e.Details["secret"] = "new"
	}
	return e
}

type officerRow struct {
	Code       string               `db:"code"`
	Name       string               `db:"name"`
	Office     string               `db:"office"`
	Operations sqldb.JSON[[]string] `db:"operations"`
	KeyPass    []byte               `db:"key_pass"`
	Off        bool                 `db:"off"`
}

const officerColumns = `code, name, office, operations, key_pass, off`

// Officer gives an officer of a subsystem's agency. It fails with NotFound.
func (s *Store) Officer(ctx context.Context, subsystem, code string) (contract.Officer, error) {
	row, err := sqldb.One[officerRow](ctx, s.db,
		`SELECT `+officerColumns+` FROM contract_officer WHERE subsystem = $1 AND code = $2`, subsystem, code)
	if errors.Is(err, sqldb.ErrNone) {
		return contract.Officer{}, contract.ErrNoOfficer
	}
	if err != nil {
		return contract.Officer{}, fmt.Errorf("read contract officer: %w", err)
	}
	return s.openedOfficer(subsystem, row)
}

// openedOfficer is the officer of a row, with their key.
func (s *Store) openedOfficer(subsystem string, row officerRow) (contract.Officer, error) {
	o := row.officer()
	if len(row.KeyPass) == 0 {
		return o, nil
	}
	pass, err := s.sealer.Open(row.KeyPass, officerContext(subsystem, row.Code))
	if err != nil {
		return contract.Officer{}, fmt.Errorf("open the key of contract officer %s: %w", row.Code, err)
	}
	o.KeyPass = string(pass)
	return o, nil
}

func (r officerRow) officer() contract.Officer {
	return contract.Officer{Code: r.Code, Name: r.Name, Office: r.Office, Operations: r.Operations.V, Off: r.Off}
}

// Officers lists the officers of a subsystem's agency, without their keys.
func (s *Store) Officers(ctx context.Context, subsystem string) ([]contract.Officer, error) {
	rows, err := sqldb.All[officerRow](ctx, s.db,
		`SELECT `+officerColumns+` FROM contract_officer WHERE subsystem = $1 ORDER BY code`, subsystem)
	if err != nil {
		return nil, fmt.Errorf("list contract officers: %w", err)
	}
	list := make([]contract.Officer, len(rows))
	for i, r := range rows {
		list[i] = r.officer()
	}
	return list, nil
}

// AddOfficer stores a new officer of a subsystem's agency. It fails with Conflict when
// there is one of this code.
func (s *Store) AddOfficer(ctx context.Context, by actor.Actor, subsystem string, o contract.Officer, at time.Time) error {
	pass, err := s.sealKey(subsystem, o)
	if err != nil {
		return err
	}
	return s.inTx(ctx, func(tx *sqldb.Tx) error {
		n, err := sqldb.Exec(ctx, tx, `INSERT INTO contract_officer (subsystem, `+officerColumns+`, created_at, changed_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) ON CONFLICT (subsystem, code) DO NOTHING`,
			subsystem, o.Code, o.Name, o.Office, sqldb.JSON[[]string]{V: o.Operations}, pass, o.Off, at)
		if err != nil {
			return fmt.Errorf("store contract officer %s: %w", o.Code, err)
		}
		if n == 0 {
			return contract.ErrOfficerExists
		}
		return s.record(ctx, tx, officerSaved(by, subsystem, o, o.KeyPass != "", at))
	})
}

// ChangeOfficer changes an officer as they are stored at that moment. It fails with NotFound.
func (s *Store) ChangeOfficer(
	ctx context.Context, by actor.Actor, subsystem, code string, at time.Time, change func(*contract.Officer),
) error {
	return s.inTx(ctx, func(tx *sqldb.Tx) error {
		row, err := sqldb.One[officerRow](ctx, tx,
			`UPDATE contract_officer SET changed_at = $1 WHERE subsystem = $2 AND code = $3 RETURNING `+officerColumns, at, subsystem, code)
		if errors.Is(err, sqldb.ErrNone) {
			return contract.ErrNoOfficer
		}
		if err != nil {
			return fmt.Errorf("change contract officer %s: %w", code, err)
		}
		o, err := s.openedOfficer(subsystem, row)
		if err != nil {
			return err
		}
		before := o.KeyPass
		change(&o)
		if o.KeyPass != before {
			if row.KeyPass, err = s.sealKey(subsystem, o); err != nil {
				return err
			}
		}
		if _, err := sqldb.Exec(ctx, tx, `UPDATE contract_officer SET name = $1, office = $2, operations = $3, key_pass = $4, off = $5
			WHERE subsystem = $6 AND code = $7`,
			o.Name, o.Office, sqldb.JSON[[]string]{V: o.Operations}, row.KeyPass, o.Off, subsystem, code); err != nil {
			return fmt.Errorf("change contract officer %s: %w", code, err)
		}
		return s.record(ctx, tx, officerSaved(by, subsystem, o, o.KeyPass != before, at))
	})
}

// sealKey seals an officer's key; empty when they have none.
func (s *Store) sealKey(subsystem string, o contract.Officer) ([]byte, error) {
	if o.KeyPass == "" {
		return []byte{}, nil
	}
	pass, err := s.sealer.Seal([]byte(o.KeyPass), officerContext(subsystem, o.Code))
	if err != nil {
		return nil, fmt.Errorf("seal the key of contract officer %s: %w", o.Code, err)
	}
	return pass, nil
}

func officerSaved(by actor.Actor, subsystem string, o contract.Officer, newKey bool, at time.Time) audit.Entry {
	e := audit.Entry{
		At: at, Who: audit.Who{Actor: by}, Action: actionOfficer, Subject: audit.Subject{Type: "contract_officer", ID: o.Code},
		Details: map[string]string{
			"subsystem": subsystem, "office": o.Office, "operations": strings.Join(o.Operations, " "), "off": strconv.FormatBool(o.Off),
		},
	}
	if newKey {
		e.Details["key"] = "new"
	}
	return e
}

// sweepEvery is how often notes that are too old are thrown away.
const sweepEvery = time.Minute

// Take notes a call that was recognised; fresh is false when the same was noted before.
// Notes older than keep go, so that the table stays as small as the last minutes.
func (s *Store) Take(ctx context.Context, user, stamp, request string, at time.Time, keep time.Duration) (fresh bool, err error) {
	if last := s.swept.Load(); at.Unix()-last > int64(sweepEvery/time.Second) && s.swept.CompareAndSwap(last, at.Unix()) {
		if _, err := sqldb.Exec(ctx, s.db, `DELETE FROM contract_seen WHERE created_at < $1`, at.Add(-keep)); err != nil {
			return false, fmt.Errorf("forget old contract calls: %w", err)
		}
	}
	n, err := sqldb.Exec(ctx, s.db, `INSERT INTO contract_seen (user_name, stamp, request, created_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (user_name, stamp, request) DO NOTHING`, user, stamp, request, at)
	if err != nil {
		return false, fmt.Errorf("note a contract call: %w", err)
	}
	return n == 1, nil
}
