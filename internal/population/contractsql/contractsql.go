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

	"dean06/internal/platform/audit"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/population"
)

//go:embed migrations/*.sql
var migrations embed.FS

//go:embed messages/*.json
var messages embed.FS

// Messages are the texts of this package.
var Messages, _ = fs.Sub(messages, "messages")

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

// Store keeps systems, officers and the log. It implements populationsoap.Clients.
type Store struct {
	db     *sqldb.DB
	sealer Sealer
	swept  atomic.Int64 // when old notes were last thrown away, Unix seconds
}

// New makes the store on a migrated database.
func New(db *sqldb.DB, sealer Sealer) *Store { return &Store{db: db, sealer: sealer} }

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
func (s *Store) System(ctx context.Context, user string) (population.ContractSystem, error) {
	row, err := sqldb.One[systemRow](ctx, s.db, `SELECT `+systemColumns+` FROM contract_system WHERE user_name = $1`, user)
	if errors.Is(err, sqldb.ErrNone) {
		return population.ContractSystem{}, fault.New(fault.NotFound, "contract.system.unknown", nil)
	}
	if err != nil {
		return population.ContractSystem{}, fmt.Errorf("read contract system: %w", err)
	}
	secret, err := s.sealer.Open(row.Secret, systemContext(user))
	if err != nil {
		return population.ContractSystem{}, fmt.Errorf("open the secret of contract system %s: %w", user, err)
	}
	system := row.system()
	system.Secret = string(secret)
	return system, nil
}

func (r systemRow) system() population.ContractSystem {
	return population.ContractSystem{
		User: r.User, Name: r.Name, Subsystem: r.Subsystem, Codes: r.Codes.V, Procedures: r.Procedures.V, Off: r.Off,
	}
}

func systemContext(user string) []byte { return []byte("contract system " + user) }

func officerContext(subsystem, code string) []byte {
	return []byte("contract officer " + subsystem + " " + code)
}

// Systems lists the systems, without their secrets.
func (s *Store) Systems(ctx context.Context) ([]population.ContractSystem, error) {
	rows, err := sqldb.All[systemRow](ctx, s.db, `SELECT `+systemColumns+` FROM contract_system ORDER BY user_name`)
	if err != nil {
		return nil, fmt.Errorf("list contract systems: %w", err)
	}
	list := make([]population.ContractSystem, len(rows))
	for i, r := range rows {
		list[i] = r.system()
	}
	return list, nil
}

// PutSystem makes a system or changes it.
func (s *Store) PutSystem(ctx context.Context, c population.ContractSystem, at time.Time) error {
	secret, err := s.sealer.Seal([]byte(c.Secret), systemContext(c.User))
	if err != nil {
		return fmt.Errorf("seal the secret of contract system %s: %w", c.User, err)
	}
	err = s.put(ctx, audit.Entry{
		At: at, Action: "contract.system.save", Subject: audit.Subject{Type: "contract_system", ID: c.User},
		Details: map[string]string{"subsystem": c.Subsystem, "codes": strings.Join(c.Codes, " "), "procedures": strings.Join(c.Procedures, " "), "off": strconv.FormatBool(c.Off)},
	}, `INSERT INTO contract_system (user_name, name, secret, subsystem, codes, procedures, off, created_at, changed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)
		ON CONFLICT (user_name) DO UPDATE SET name = excluded.name, secret = excluded.secret, subsystem = excluded.subsystem,
			codes = excluded.codes, procedures = excluded.procedures, off = excluded.off, changed_at = excluded.changed_at`,
		c.User, c.Name, secret, c.Subsystem, sqldb.JSON[[]string]{V: c.Codes}, sqldb.JSON[[]string]{V: c.Procedures}, c.Off, at)
	if err != nil {
		return fmt.Errorf("store contract system %s: %w", c.User, err)
	}
	return nil
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
func (s *Store) Officer(ctx context.Context, subsystem, code string) (population.ContractOfficer, error) {
	row, err := sqldb.One[officerRow](ctx, s.db, `SELECT `+officerColumns+` FROM contract_officer WHERE subsystem = $1 AND code = $2`, subsystem, code)
	if errors.Is(err, sqldb.ErrNone) {
		return population.ContractOfficer{}, fault.New(fault.NotFound, "contract.officer.unknown", nil)
	}
	if err != nil {
		return population.ContractOfficer{}, fmt.Errorf("read contract officer: %w", err)
	}
	o := row.officer()
	if len(row.KeyPass) > 0 {
		pass, err := s.sealer.Open(row.KeyPass, officerContext(subsystem, code))
		if err != nil {
			return population.ContractOfficer{}, fmt.Errorf("open the key of contract officer %s: %w", code, err)
		}
		o.KeyPass = string(pass)
	}
	return o, nil
}

func (r officerRow) officer() population.ContractOfficer {
	return population.ContractOfficer{Code: r.Code, Name: r.Name, Office: r.Office, Operations: r.Operations.V, Off: r.Off}
}

// Officers lists the officers of a subsystem's agency, without their keys.
func (s *Store) Officers(ctx context.Context, subsystem string) ([]population.ContractOfficer, error) {
	rows, err := sqldb.All[officerRow](ctx, s.db, `SELECT `+officerColumns+` FROM contract_officer WHERE subsystem = $1 ORDER BY code`, subsystem)
	if err != nil {
		return nil, fmt.Errorf("list contract officers: %w", err)
	}
	list := make([]population.ContractOfficer, len(rows))
	for i, r := range rows {
		list[i] = r.officer()
	}
	return list, nil
}

// PutOfficer makes an officer of a subsystem's agency or changes them.
func (s *Store) PutOfficer(ctx context.Context, subsystem string, o population.ContractOfficer, at time.Time) error {
	pass := []byte{}
	if o.KeyPass != "" {
		var err error
		if pass, err = s.sealer.Seal([]byte(o.KeyPass), officerContext(subsystem, o.Code)); err != nil {
			return fmt.Errorf("seal the key of contract officer %s: %w", o.Code, err)
		}
	}
	err := s.put(ctx, audit.Entry{
		At: at, Action: "contract.officer.save", Subject: audit.Subject{Type: "contract_officer", ID: o.Code},
		Details: map[string]string{"subsystem": subsystem, "office": o.Office, "operations": strings.Join(o.Operations, " "), "off": strconv.FormatBool(o.Off)},
	}, `INSERT INTO contract_officer (subsystem, code, name, office, operations, key_pass, off, created_at, changed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)
		ON CONFLICT (subsystem, code) DO UPDATE SET name = excluded.name, office = excluded.office, operations = excluded.operations,
			key_pass = excluded.key_pass, off = excluded.off, changed_at = excluded.changed_at`,
		subsystem, o.Code, o.Name, o.Office, sqldb.JSON[[]string]{V: o.Operations}, pass, o.Off, at)
	if err != nil {
		return fmt.Errorf("store contract officer %s: %w", o.Code, err)
	}
	return nil
}

// put writes a row and that somebody did.
func (s *Store) put(ctx context.Context, act audit.Entry, text string, values ...any) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if _, err := sqldb.Exec(ctx, tx, text, values...); err != nil {
			return err
		}
		return audit.Record(ctx, tx, act)
	})
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
