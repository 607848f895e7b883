package exchangesql

import (
	"context"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
)

type localRow struct {
	Fingerprint string    `db:"fingerprint"`
	Subsystem   string    `db:"subsystem"`
	Kind        string    `db:"kind"`
	DER         []byte    `db:"der"`
	Name        string    `db:"name"`
	From        time.Time `db:"from_at"`
	Until       time.Time `db:"until_at"`
	AddedBy     string    `db:"added_by"`
	CreatedAt   time.Time `db:"created_at"`
}

// LocalCertificates lists the certificates of local systems that were not removed, by subsystem.
func (s *Store) LocalCertificates(ctx context.Context) ([]exchange.LocalCertificate, error) {
	rows, err := sqldb.All[localRow](ctx, s.db, `
		SELECT fingerprint, subsystem, kind, der, name, from_at, until_at, added_by, created_at
		FROM gateway_local_certificate WHERE removed_at IS NULL ORDER BY subsystem, created_at, fingerprint`)
	if err != nil {
		return nil, err
	}
	out := make([]exchange.LocalCertificate, len(rows))
	for i, r := range rows {
		out[i] = exchange.LocalCertificate{
			Fingerprint: r.Fingerprint, Kind: exchange.LocalKind(r.Kind), DER: r.DER, Name: r.Name, From: r.From.UTC(), Until: r.Until.UTC(),
			AddedBy: r.AddedBy, AddedAt: r.CreatedAt.UTC(),
		}
		if err := out[i].Subsystem.UnmarshalText([]byte(r.Subsystem)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// AddLocalCertificate adds the certificate of a local system and records it in the
// audit log. It fails with Conflict when it is there, or was and has been removed.
func (s *Store) AddLocalCertificate(ctx context.Context, c exchange.LocalCertificate) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		n, err := sqldb.Exec(ctx, tx, `
			INSERT INTO gateway_local_certificate (fingerprint, subsystem, kind, der, name, from_at, until_at, added_by, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (fingerprint) DO NOTHING`,
			c.Fingerprint, c.Subsystem.String(), string(c.Kind), c.DER, c.Name, c.From.UTC(), c.Until.UTC(), c.AddedBy, s.clock.Now().UTC())
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "exchange.local.certificate.known", nil).At("certificate")
		}
		return s.audit(ctx, tx, "exchange.local.add", "exchange_local", c.Fingerprint, map[string]string{
			"subsystem": c.Subsystem.String(), "kind": string(c.Kind), "until": c.Until.UTC().Format(time.RFC3339),
		})
	})
}

// RemoveLocalCertificate takes a certificate away for ever, in the audit log too. It
// fails with NotFound.
func (s *Store) RemoveLocalCertificate(ctx context.Context, fingerprint, by string, at time.Time) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		n, err := sqldb.Exec(ctx, tx, `
			UPDATE gateway_local_certificate SET removed_by = $1, removed_at = $2 WHERE fingerprint = $3 AND removed_at IS NULL`,
			by, at.UTC().Truncate(time.Microsecond), fingerprint)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.NotFound, "exchange.local.certificate.unknown", nil)
		}
		return s.audit(ctx, tx, "exchange.local.remove", "exchange_local", fingerprint, nil)
	})
}

// LogMonitoring records in the audit log that somebody read operational monitoring.
func (s *Store) LogMonitoring(ctx context.Context, by, address string, details map[string]string) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		details["address"] = address
		return s.audit(ctx, tx, "exchange.monitoring.read", "exchange_monitoring", by, details)
	})
}
