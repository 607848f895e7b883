package exchangesql

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/xroad"
)

type configurationRow struct {
	Doc       sqldb.JSON[exchange.Signed] `db:"doc"`
	FetchedAt time.Time                   `db:"fetched_at"`
}

// Configuration gives the newest that was saved; ok is false before the first.
func (s *Store) Configuration(ctx context.Context) (exchange.Signed, time.Time, bool, error) {
	row, err := sqldb.One[configurationRow](ctx, s.db, `SELECT doc, fetched_at FROM gateway_configuration WHERE id = 1`)
	if errors.Is(err, sqldb.ErrNone) {
		return exchange.Signed{}, time.Time{}, false, nil
	}
	return row.Doc.V, row.FetchedAt, err == nil, err
}

// SaveConfiguration keeps a verified configuration, and every certificate in it for
// ever. It fails with Conflict when a later one is there.
func (s *Store) SaveConfiguration(ctx context.Context, c exchange.Signed, serial int64, fetchedAt time.Time) error {
	body, err := c.Read()
	if err != nil {
		return fmt.Errorf("save configuration %d: %w", serial, err)
	}
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		n, err := sqldb.Exec(ctx, tx, `
			INSERT INTO gateway_configuration (id, serial, doc, fetched_at) VALUES (1, $1, $2, $3)
			ON CONFLICT (id) DO UPDATE SET serial = excluded.serial, doc = excluded.doc, fetched_at = excluded.fetched_at
			WHERE gateway_configuration.serial <= excluded.serial`,
			serial, sqldb.JSON[exchange.Signed]{V: c}, fetchedAt.UTC().Truncate(time.Microsecond))
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "exchange.configuration.older", fault.Args{"serial": serial})
		}
		return s.saveCertificates(ctx, tx, body)
	})
}

func (s *Store) saveCertificates(ctx context.Context, tx *sqldb.Tx, c exchange.Configuration) error {
	list, err := sqldb.All[string](ctx, tx, `SELECT fingerprint FROM gateway_certificate`)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, name := range list {
		known[name] = true
	}
	for _, g := range c.Gateways {
		for _, der := range g.Certificates {
			name := exchange.Fingerprint(der)
			if known[name] {
				continue
			}
			known[name] = true
			if _, err := sqldb.Exec(ctx, tx, `INSERT INTO gateway_certificate (fingerprint, der, created_at) VALUES ($1, $2, $3)`,
				name, der, s.clock.Now().UTC()); err != nil {
				return err
			}
		}
	}
	return nil
}

// Since is when the first configuration came; ok is false before.
func (s *Store) Since(ctx context.Context) (at time.Time, ok bool, err error) {
	at, err = sqldb.One[time.Time](ctx, s.db, `SELECT created_at FROM gateway_certificate ORDER BY created_at LIMIT 1`)
	if errors.Is(err, sqldb.ErrNone) {
		return at, false, nil
	}
	return at, err == nil, err
}

// Certificate gives a gateway's certificate (DER) that was once in a verified
// configuration; ok is false when there was none.
func (s *Store) Certificate(ctx context.Context, keyID string) (der []byte, ok bool, err error) {
	der, err = sqldb.One[[]byte](ctx, s.db, `SELECT der FROM gateway_certificate WHERE fingerprint = $1`, keyID)
	if errors.Is(err, sqldb.ErrNone) {
		return nil, false, nil
	}
	return der, err == nil, err
}

type certificateRow struct {
	DER       []byte    `db:"der"`
	CreatedAt time.Time `db:"created_at"`
}

// KnownCertificates lists all gateways' certificates that a configuration ever had.
func (s *Store) KnownCertificates(ctx context.Context) ([]exchange.KnownCertificate, error) {
	rows, err := sqldb.All[certificateRow](ctx, s.db, `SELECT der, created_at FROM gateway_certificate ORDER BY created_at, fingerprint`)
	out := make([]exchange.KnownCertificate, len(rows))
	for i, r := range rows {
		out[i] = exchange.KnownCertificate{DER: r.DER, SeenAt: r.CreatedAt.UTC()}
	}
	return out, err
}

type serviceRow struct {
	ID        string                          `db:"id"`
	Name      string                          `db:"name"`
	Type      string                          `db:"type"`
	URL       string                          `db:"url"`
	OpenAPI   []byte                          `db:"openapi"`
	Timeout   int64                           `db:"timeout_ms"`
	Disabled  bool                            `db:"disabled"`
	Notice    string                          `db:"notice"`
	OwnFields bool                            `db:"own_fields"`
	TLS       sqldb.JSON[exchange.ServiceTLS] `db:"tls"`
	CreatedAt time.Time                       `db:"created_at"`
}

// Services lists what is offered here.
func (s *Store) Services(ctx context.Context) ([]exchange.LocalService, error) {
	rows, err := sqldb.All[serviceRow](ctx, s.db, `
		SELECT id, name, type, url, openapi, timeout_ms, disabled, notice, own_fields, tls FROM gateway_service ORDER BY id`)
	if err != nil {
		return nil, err
	}
	out := make([]exchange.LocalService, len(rows))
	for i, r := range rows {
		out[i] = exchange.LocalService{
			Name: r.Name, Type: r.Type, URL: r.URL, OpenAPI: r.OpenAPI, Timeout: time.Duration(r.Timeout) * time.Millisecond,
			Disabled: r.Disabled, Notice: r.Notice, OwnFields: r.OwnFields, TLS: r.TLS.V,
		}
		if err := out[i].ID.UnmarshalText([]byte(r.ID)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// SaveService adds or replaces a service and records it in the audit log.
func (s *Store) SaveService(ctx context.Context, v exchange.LocalService) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := sqldb.Exec(ctx, tx, `
			INSERT INTO gateway_service (id, name, type, url, openapi, timeout_ms, disabled, notice, own_fields, created_at, tls)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
			ON CONFLICT (id) DO UPDATE SET name = excluded.name, type = excluded.type, url = excluded.url, openapi = excluded.openapi,
				timeout_ms = excluded.timeout_ms, disabled = excluded.disabled, notice = excluded.notice, own_fields = excluded.own_fields, tls = excluded.tls`,
			v.ID.String(), v.Name, v.Type, v.URL, v.OpenAPI, v.Timeout.Milliseconds(), v.Disabled, v.Notice, v.OwnFields, s.clock.Now().UTC(),
			sqldb.JSON[exchange.ServiceTLS]{V: v.TLS})
		if err != nil {
			return err
		}
		state := "enabled"
		if v.Disabled {
			state = "disabled"
		}
		return s.audit(ctx, tx, "exchange.service.save", "exchange_service", v.ID.String(), serviceDetails(state, v))
	})
}

// serviceDetails are what the audit log keeps of a service.
func serviceDetails(state string, v exchange.LocalService) map[string]string {
	d := map[string]string{"state": state, "url": v.URL}
	if !v.TLS.IsZero() {
		sum := sha256.Sum256([]byte(v.TLS.CA))
		d["ca"], d["server_name"], d["certificate"] = hex.EncodeToString(sum[:]), v.TLS.ServerName, v.TLS.Certificate
	}
	return d
}

func (s *Store) audit(ctx context.Context, tx *sqldb.Tx, action, kind, id string, details map[string]string) error {
	return audit.Record(ctx, tx, audit.Entry{
		At: s.clock.Now(), Action: action, Subject: audit.Subject{Type: kind, ID: id}, Details: details,
	})
}

type rightRow struct {
	ID         string               `db:"id"`
	Subject    string               `db:"subject"`
	Group      string               `db:"group_code"`
	Service    string               `db:"service"`
	Method     string               `db:"method"`
	Path       string               `db:"path"`
	Purposes   sqldb.JSON[[]string] `db:"purposes"`
	LegalBasis string               `db:"legal_basis"`
	From       clock.Date           `db:"from_day"`
	Until      clock.Date           `db:"until_day"`
	Calls      int64                `db:"quota_calls"`
	Per        exchange.Period      `db:"quota_per"`
	Of         exchange.Unit        `db:"quota_of"`
	Fields     sqldb.JSON[[]string] `db:"fields"`
	Officer    bool                 `db:"officer"`
	Dossier    bool                 `db:"dossier"`
	Security   bool                 `db:"security"`
	GivenBy    string               `db:"given_by"`
	ApprovedBy string               `db:"approved_by"`
	GivenAt    time.Time            `db:"given_at"`
	EndedBy    string               `db:"ended_by"`
	EndedAt    *time.Time           `db:"ended_at"`
	SameKey    string               `db:"same_key"`
	CreatedAt  time.Time            `db:"created_at"`
}

const rightColumns = `id, subject, group_code, service, method, path, purposes, legal_basis, from_day, until_day,
	quota_calls, quota_per, quota_of, fields, officer, dossier, security, given_by, approved_by, given_at, ended_by, ended_at`

func (row rightRow) right() (exchange.Right, error) {
	r := exchange.Right{
		ID: row.ID, Group: row.Group, Method: row.Method, Path: row.Path, Purposes: row.Purposes.V, LegalBasis: row.LegalBasis,
		From: row.From, Until: row.Until, Quota: exchange.Quota{Calls: row.Calls, Per: row.Per, Of: row.Of}, Fields: row.Fields.V,
		Officer: row.Officer, Dossier: row.Dossier, Security: row.Security,
		GivenBy: row.GivenBy, ApprovedBy: row.ApprovedBy, GivenAt: row.GivenAt, EndedBy: row.EndedBy,
	}
	if row.EndedAt != nil {
		r.EndedAt = row.EndedAt.UTC()
	}
	return r, errors.Join(r.Subject.UnmarshalText([]byte(row.Subject)), r.Service.UnmarshalText([]byte(row.Service)))
}

// Rights lists the rights that hold or will hold, by service; the ended ones too, with ended.
func (s *Store) Rights(ctx context.Context, ended bool) ([]exchange.Right, error) {
	query := `SELECT ` + rightColumns + ` FROM gateway_right`
	if !ended {
		query += ` WHERE ended_at IS NULL`
	}
	rows, err := sqldb.All[rightRow](ctx, s.db, query+` ORDER BY service, given_at, id`)
	if err != nil {
		return nil, err
	}
	today := clock.DayOf(s.clock.Now())
	out := make([]exchange.Right, 0, len(rows))
	for _, row := range rows {
		r, err := row.right()
		if err != nil {
			return nil, err
		}
		if ended || r.Until.IsZero() || !r.Until.Before(today) {
			out = append(out, r)
		}
	}
	return out, nil
}

// RightsMark counts the rights that were ever given and those that ended.
func (s *Store) RightsMark(ctx context.Context) (exchange.RightsMark, error) {
	row, err := sqldb.One[struct {
		Given int `db:"given"`
		Ended int `db:"ended"`
	}](ctx, s.db, `SELECT COUNT(*) AS given, COUNT(ended_at) AS ended FROM gateway_right`)
	return exchange.RightsMark{Given: row.Given, Ended: row.Ended}, err
}

// GiveRight adds a right, in the audit log too. It fails with Conflict when the
// same subject has the same right already.
func (s *Store) GiveRight(ctx context.Context, r exchange.Right) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error { return s.give(ctx, tx, r) })
}

// EndRight ends one. It fails with NotFound, and with Conflict when it has ended.
func (s *Store) EndRight(ctx context.Context, id, by string, at time.Time) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error { return s.end(ctx, tx, id, by, at) })
}

// ReplaceRight ends old and gives r in one transaction.
func (s *Store) ReplaceRight(ctx context.Context, old string, r exchange.Right) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error { return s.GiveIn(ctx, tx, r, old) })
}

// GiveIn gives a right in the caller's transaction, in place of the one that it replaces
// ("" for none). It fails as GiveRight and EndRight do.
func (s *Store) GiveIn(ctx context.Context, tx *sqldb.Tx, r exchange.Right, replaces string) error {
	if replaces != "" {
		if err := s.end(ctx, tx, replaces, r.GivenBy, r.GivenAt); err != nil {
			return err
		}
	}
	return s.give(ctx, tx, r)
}

// CanGive says, without giving it, whether a right could be given in place of the one
// that it replaces. It fails as GiveIn does.
func (s *Store) CanGive(ctx context.Context, q sqldb.Queryer, r exchange.Right, replaces string) error {
	if replaces != "" {
		ended, err := sqldb.One[bool](ctx, q, `SELECT ended_at IS NOT NULL FROM gateway_right WHERE id = $1`, replaces)
		switch {
		case errors.Is(err, sqldb.ErrNone):
			return fault.New(fault.NotFound, "exchange.right.not_found", nil)
		case err != nil:
			return err
		case ended:
			return fault.New(fault.Conflict, "exchange.right.ended", nil)
		}
	}
	same, err := sqldb.One[int64](
		ctx, q, `SELECT COUNT(*) FROM gateway_right WHERE same_key = $1 AND ended_at IS NULL AND id <> $2`, sameKey(r), replaces,
	)
	if err == nil && same > 0 {
		err = fault.New(fault.Conflict, "exchange.right.exists", nil)
	}
	return err
}

func (s *Store) give(ctx context.Context, tx *sqldb.Tx, r exchange.Right) error {
	same, err := sqldb.All[rightRow](ctx, tx, `SELECT id, until_day FROM gateway_right WHERE same_key = $1 AND ended_at IS NULL`, sameKey(r))
	if err != nil {
		return err
	}
	exists := fault.New(fault.Conflict, "exchange.right.exists", nil)
	if len(same) > 0 {
		return exists
	}
	err = sqldb.Insert(ctx, tx, "gateway_right", rightRow{
		ID: r.ID, Subject: r.Subject.String(), Group: r.Group, Service: r.Service.String(), Method: r.Method, Path: r.Path,
		Purposes: sqldb.JSON[[]string]{V: r.Purposes}, LegalBasis: r.LegalBasis, From: r.From, Until: r.Until,
		Calls: r.Quota.Calls, Per: r.Quota.Per, Of: r.Quota.Of, Fields: sqldb.JSON[[]string]{V: r.Fields}, Officer: r.Officer, Dossier: r.Dossier,
		Security: r.Security,
		GivenBy:  r.GivenBy, ApprovedBy: r.ApprovedBy, GivenAt: r.GivenAt.UTC(), SameKey: sameKey(r), CreatedAt: s.clock.Now().UTC(),
	})
	if sqldb.IsDuplicate(err) {
		return exists.Because(err)
	}
	if err != nil {
		return err
	}
	return s.audit(ctx, tx, "exchange.right.give", "exchange_right", r.ID, describe(r))
}

func (s *Store) end(ctx context.Context, tx *sqldb.Tx, id, by string, at time.Time) error {
	n, err := sqldb.Exec(ctx, tx, `UPDATE gateway_right SET ended_by = $1, ended_at = $2 WHERE id = $3 AND ended_at IS NULL`,
		by, at.UTC().Truncate(time.Microsecond), id)
	if err != nil {
		return err
	}
	if n == 0 {
		there, err := sqldb.One[int64](ctx, tx, `SELECT COUNT(*) FROM gateway_right WHERE id = $1`, id)
		switch {
		case err != nil:
			return err
		case there == 0:
			return fault.New(fault.NotFound, "exchange.right.not_found", nil)
		}
		return fault.New(fault.Conflict, "exchange.right.ended", nil)
	}
	return s.audit(ctx, tx, "exchange.right.end", "exchange_right", id, nil)
}

// sameKey is equal for rights that let the same subject do the same for the same
// purposes in the same days.
func sameKey(r exchange.Right) string {
	purposes := slices.Sorted(slices.Values(r.Purposes))
	b, err := json.Marshal([]any{
		r.Subject.String(), r.Group, r.Service.String(), r.Method, r.Path, slices.Compact(purposes), r.From.String(), r.Until.String(),
	})
	if err != nil {
		panic(err) // strings only
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// describe is what the audit log keeps of a right.
func describe(r exchange.Right) map[string]string {
	subject := r.Subject.String()
	if r.Group != "" {
		subject = "group:" + r.Group
	}
	quota, must := "", ""
	if r.Quota.Bounded() {
		quota = strings.TrimSpace(fmt.Sprintf("%d/%s %s", r.Quota.Calls, r.Quota.Per, r.Quota.Of))
	}
	for _, what := range []struct {
		name string
		yes  bool
	}{{"officer", r.Officer}, {"dossier", r.Dossier}, {"security", r.Security}} {
		if what.yes {
			must = strings.TrimPrefix(must+","+what.name, ",")
		}
	}
	return map[string]string{
		"quota": quota, "must_name": must,
		"subject": subject, "service": r.Service.String(), "endpoint": strings.TrimSpace(r.Method + " " + r.Path),
		"purposes": strings.Join(r.Purposes, ","), "fields": strings.Join(r.Fields, ","), "legal_basis": r.LegalBasis,
		"from": r.From.String(), "until": r.Until.String(), "approved_by": r.ApprovedBy,
	}
}

type groupRow struct {
	Code      string                 `db:"code"`
	Name      string                 `db:"name"`
	Members   sqldb.JSON[[]xroad.ID] `db:"members"`
	CreatedAt time.Time              `db:"created_at"`
}

// Groups are the gateway's own groups of subsystems.
func (s *Store) Groups(ctx context.Context) ([]exchange.Group, error) {
	rows, err := sqldb.All[groupRow](ctx, s.db, `SELECT code, name, members FROM gateway_group ORDER BY code`)
	out := make([]exchange.Group, len(rows))
	for i, r := range rows {
		out[i] = exchange.Group{Code: r.Code, Name: r.Name, Members: r.Members.V}
	}
	return out, err
}

// SaveGroup adds or replaces a group and records it in the audit log.
func (s *Store) SaveGroup(ctx context.Context, g exchange.Group) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error { return s.SaveGroupIn(ctx, tx, g) })
}

// GroupIn reads a group in a transaction; the zero group when there is none.
func (s *Store) GroupIn(ctx context.Context, tx *sqldb.Tx, code string) (exchange.Group, error) {
	r, err := sqldb.One[groupRow](ctx, tx, `SELECT code, name, members FROM gateway_group WHERE code = $1`, code)
	if errors.Is(err, sqldb.ErrNone) {
		return exchange.Group{}, nil
	}
	return exchange.Group{Code: r.Code, Name: r.Name, Members: r.Members.V}, err
}

// SaveGroupIn is SaveGroup in the transaction of somebody else.
func (s *Store) SaveGroupIn(ctx context.Context, tx *sqldb.Tx, g exchange.Group) error {
	_, err := sqldb.Exec(ctx, tx, `
		INSERT INTO gateway_group (code, name, members, created_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (code) DO UPDATE SET name = excluded.name, members = excluded.members`,
		g.Code, g.Name, sqldb.JSON[[]xroad.ID]{V: g.Members}, s.clock.Now().UTC())
	if err != nil {
		return err
	}
	members := make([]string, len(g.Members))
	for i, id := range g.Members {
		members[i] = id.String()
	}
	return s.audit(ctx, tx, "exchange.group.save", "exchange_group", g.Code, map[string]string{"members": strings.Join(members, ",")})
}
