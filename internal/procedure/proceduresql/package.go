package proceduresql

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/procedure"
)

const (
	actionBring    = "procedure.package.bring"
	actionSign     = "procedure.package.sign"
	packageSubject = "procedure.package"
)

type packageRow struct {
	ID        string    `db:"id"`
	Code      string    `db:"code"`
	Version   string    `db:"version"`
	Starts    string    `db:"starts"`
	Hash      string    `db:"hash"`
	Faults    int       `db:"faults"`
	Account   string    `db:"account"`
	CreatedAt time.Time `db:"created_at"`
}

type packageFileRow struct {
	packageRow
	File []byte `db:"file"`
}

type signRow struct {
	Package   string    `db:"package"`
	Code      string    `db:"code"`
	Version   string    `db:"version"`
	Account   string    `db:"account"`
	CreatedAt time.Time `db:"created_at"`
}

func packageDetails(d procedure.Draft) map[string]string {
	return map[string]string{"code": d.Code, "version": d.Version, "from": dayText(d.From), "hash": d.Hash, "faults": strconv.Itoa(d.Faults)}
}

func dayText(d clock.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

// AddPackage keeps a package that was brought, and says so in the audit log.
func (s *Store) AddPackage(ctx context.Context, by actor.Actor, d procedure.Draft, file []byte) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		row := packageFileRow{packageRow{d.ID, d.Code, d.Version, dayText(d.From), d.Hash, d.Faults, d.By, d.At}, file}
		if err := sqldb.Insert(ctx, tx, "procedure_package", row); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{
			At: d.At, Who: audit.Who{Actor: by}, Action: actionBring, Subject: audit.Subject{Type: packageSubject, ID: d.ID}, Details: packageDetails(d),
		})
	})
}

// Drafts are the packages that were brought, the youngest first.
func (s *Store) Drafts(ctx context.Context) ([]procedure.Draft, error) { return drafts(ctx, s.db) }

// Drafts are those of the transaction.
func (s Signing) Drafts(ctx context.Context) ([]procedure.Draft, error) { return drafts(ctx, s.Tx) }

func drafts(ctx context.Context, q sqldb.Queryer) ([]procedure.Draft, error) {
	rows, err := sqldb.All[packageRow](ctx, q,
		`SELECT id, code, version, starts, hash, faults, account, created_at FROM procedure_package ORDER BY created_at DESC, id DESC`)
	if err != nil {
		return nil, err
	}
	signs, err := sqldb.All[signRow](ctx, q, `SELECT package, code, version, account, created_at FROM procedure_package_sign`)
	if err != nil {
		return nil, err
	}
	signed := map[string]signRow{}
	for _, r := range signs {
		signed[r.Package] = r
	}
	out := make([]procedure.Draft, len(rows))
	for i, r := range rows {
		d := procedure.Draft{ID: r.ID, Code: r.Code, Version: r.Version, Hash: r.Hash, Faults: r.Faults, By: r.Account, At: r.CreatedAt}
		if r.Starts != "" {
			if d.From, err = clock.ParseDate(r.Starts); err != nil {
				return nil, fmt.Errorf("package %s begins on no day: %w", r.ID, err)
			}
		}
		d.SignedBy, d.SignedAt = signed[r.ID].Account, signed[r.ID].CreatedAt
		out[i] = d
	}
	return out, nil
}

// PackageFile is what was brought.
func (s *Store) PackageFile(ctx context.Context, id string) ([]byte, error) {
	return packageFile(ctx, s.db, id)
}

// PackageFile is that of the transaction.
func (s Signing) PackageFile(ctx context.Context, id string) ([]byte, error) {
	return packageFile(ctx, s.Tx, id)
}

func packageFile(ctx context.Context, q sqldb.Queryer, id string) ([]byte, error) {
	rows, err := sqldb.All[fileOnly](ctx, q, `SELECT file FROM procedure_package WHERE id = $1`, id)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0].File, nil
}

type fileOnly struct {
	File []byte `db:"file"`
}

// Signing signs packages off in the transaction of a decision. It is a
// procedure.SigningStore.
type Signing struct{ Tx *sqldb.Tx }

// SignPackage notes that a package was signed off, and by whom.
func (s Signing) SignPackage(ctx context.Context, by actor.Actor, d procedure.Draft) error {
	err := sqldb.Insert(ctx, s.Tx, "procedure_package_sign", signRow{d.ID, d.Code, d.Version, d.SignedBy, d.SignedAt})
	if sqldb.IsDuplicate(err) {
		return fault.New(fault.Conflict, "procedure.package.version", fault.Args{"code": d.Code, "version": d.Version}).Because(err)
	}
	if err != nil {
		return fmt.Errorf("sign package %s off: %w", d.ID, err)
	}
	return audit.Record(ctx, s.Tx, audit.Entry{
		At: d.SignedAt, Who: audit.Who{Actor: by}, Action: actionSign, Subject: audit.Subject{Type: packageSubject, ID: d.ID}, Details: packageDetails(d),
	})
}
