package centresql

import (
	"context"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/centre"
	"dean06/internal/platform/sqldb"
	"dean06/internal/xroad"
)

type tokenRow struct {
	ID          string                 `db:"id"`
	Member      string                 `db:"member"`
	Gateway     string                 `db:"gateway"`
	Subsystems  sqldb.JSON[[]xroad.ID] `db:"subsystems"`
	Public      []byte                 `db:"public_key"`
	Authority   string                 `db:"authority"`
	CreatedBy   string                 `db:"created_by"`
	CreatedAt   time.Time              `db:"created_at"`
	ExpiresAt   time.Time              `db:"expires_at"`
	UsedAt      time.Time              `db:"used_at"`
	Certificate string                 `db:"certificate"`
	WithdrawnAt time.Time              `db:"withdrawn_at"`
}

func (r tokenRow) value() centre.Token {
	return centre.Token{
		ID: r.ID, Member: id(r.Member), Gateway: r.Gateway, Subsystems: r.Subsystems.V, Public: r.Public, Authority: r.Authority,
		CreatedBy: r.CreatedBy, CreatedAt: r.CreatedAt, ExpiresAt: r.ExpiresAt, UsedAt: r.UsedAt, Certificate: r.Certificate,
		WithdrawnAt: r.WithdrawnAt,
	}
}

const tokenColumns = `id, member, gateway, subsystems, public_key, authority, created_by, created_at, expires_at,
	used_at, certificate, withdrawn_at`

func (r reader) Tokens(ctx context.Context, limit int) ([]centre.Token, error) {
	return each(sqldb.All[tokenRow](ctx, r.q, `SELECT `+tokenColumns+` FROM centre_token ORDER BY created_at DESC, id LIMIT $1`, limit))
}

func (r reader) Token(ctx context.Context, id string) (centre.Token, bool, error) {
	row, ok, err := one[tokenRow](ctx, r.q, `SELECT `+tokenColumns+` FROM centre_token WHERE id = $1`, id)
	return row.value(), ok, err
}

func (w writer) SaveToken(ctx context.Context, t centre.Token) error {
	_, err := sqldb.Exec(ctx, w.q, `
		INSERT INTO centre_token (`+tokenColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
		ON CONFLICT (id) DO UPDATE SET used_at = excluded.used_at, certificate = excluded.certificate, withdrawn_at = excluded.withdrawn_at`,
		t.ID, t.Member.String(), t.Gateway, sqldb.JSON[[]xroad.ID]{V: t.Subsystems}, t.Public, t.Authority, t.CreatedBy, t.CreatedAt.UTC(),
		t.ExpiresAt.UTC(), null(t.UsedAt), t.Certificate, null(t.WithdrawnAt))
	return err
}

type certificateRow struct {
	Fingerprint string    `db:"fingerprint"`
	Use         string    `db:"purpose"`
	Gateway     string    `db:"gateway"`
	Key         string    `db:"key_hash"`
	DER         []byte    `db:"der"`
	From        time.Time `db:"valid_from"`
	Until       time.Time `db:"valid_until"`
	Token       string    `db:"token"`
	CreatedAt   time.Time `db:"created_at"`
	RevokedAt   time.Time `db:"revoked_at"`
	Reason      string    `db:"reason"`
}

func (r certificateRow) value() centre.Certificate {
	return centre.Certificate{
		Fingerprint: r.Fingerprint, Use: r.Use, Gateway: r.Gateway, Key: r.Key, DER: r.DER, From: r.From, Until: r.Until,
		Token: r.Token, CreatedAt: r.CreatedAt, RevokedAt: r.RevokedAt, Reason: r.Reason,
	}
}

const certificateColumns = `fingerprint, purpose, gateway, key_hash, der, valid_from, valid_until, token, created_at, revoked_at, reason`

func (r reader) Certificates(ctx context.Context, at time.Time) ([]centre.Certificate, error) {
	return each(sqldb.All[certificateRow](ctx, r.q, `
		SELECT `+certificateColumns+` FROM centre_certificate WHERE valid_until > $1 ORDER BY created_at DESC, fingerprint`, at.UTC()))
}

func (r reader) Certificate(ctx context.Context, fingerprint string) (centre.Certificate, bool, error) {
	row, ok, err := one[certificateRow](ctx, r.q, `SELECT `+certificateColumns+` FROM centre_certificate WHERE fingerprint = $1`, fingerprint)
	return row.value(), ok, err
}

func (w writer) SaveCertificate(ctx context.Context, c centre.Certificate) error {
	_, err := sqldb.Exec(ctx, w.q, `
		INSERT INTO centre_certificate (fingerprint, purpose, gateway, key_hash, der, valid_from, valid_until,
			token, created_at, revoked_at, reason)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (fingerprint) DO UPDATE SET revoked_at = excluded.revoked_at, reason = excluded.reason`,
		c.Fingerprint, c.Use, c.Gateway, c.Key, c.DER, c.From.UTC(), c.Until.UTC(), c.Token, c.CreatedAt.UTC(), null(c.RevokedAt), c.Reason)
	return err
}

func (r reader) CAs(ctx context.Context) ([][]byte, error) {
	return sqldb.All[[]byte](ctx, r.q, `SELECT der FROM centre_ca ORDER BY created_at DESC, fingerprint`)
}

func (w writer) SaveCA(ctx context.Context, der []byte, at time.Time) error {
	_, err := sqldb.Exec(
		ctx, w.q, `INSERT INTO centre_ca (fingerprint, der, created_at) VALUES ($1, $2, $3)`, exchange.Fingerprint(der), der, at.UTC(),
	)
	return err
}
