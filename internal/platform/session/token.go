package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"dean06/internal/platform/opaque"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
)

// tokenPrefix lets secret scanners recognise a token that was published by mistake.
const tokenPrefix = "dean06_"

// Token is what an agency's programme shows instead of a person's sign-in.
type Token struct {
	ID        string               `db:"id"`
	Agency    string               `db:"agency"`
	Name      string               `db:"name"`
	Scopes    sqldb.JSON[[]string] `db:"scopes"`
	CreatedBy string               `db:"created_by"`
	CreatedAt time.Time            `db:"created_at"`
	ExpiresAt time.Time            `db:"expires_at"`
	RevokedAt *time.Time           `db:"revoked_at"`
	UsedAt    *time.Time           `db:"used_at"`
}

const tokenColumns = `id, agency, name, scopes, created_by, created_at, expires_at, revoked_at, used_at`

// TokenDraft is what an administrator says about a token.
type TokenDraft struct {
	Agency    string
	Name      string
	Scopes    []string
	ExpiresAt time.Time
	Reason    string // for the second person, where one is needed
}

// MaxTokenLife bounds how long a token may live.
const MaxTokenLife = 366 * 24 * time.Hour

func (d *TokenDraft) tidy(now time.Time) error {
	d.Name, d.Agency = strings.TrimSpace(d.Name), strings.TrimSpace(d.Agency)
	d.Scopes = slices.Compact(slices.Sorted(slices.Values(d.Scopes)))
	var faults fault.List
	bad := func(field, key string) {
		faults = append(faults, fault.New(fault.Invalid, "session.token."+key, nil).At(field))
	}
	if n := utf8.RuneCountInString(d.Name); n < 2 || n > 120 {
		bad("name", "name_missing")
	}
	if d.Agency == "" {
		bad("agency", "agency_missing")
	}
	if len(d.Scopes) == 0 {
		bad("scopes", "scope_missing")
	}
	if !d.ExpiresAt.After(now) || d.ExpiresAt.Sub(now) > MaxTokenLife {
		bad("expires", "expires_range")
	}
	return faults.Err()
}

// Issued is a token that was made: its text is shown now and stored only as a hash.
type Issued struct {
	Token Token
	Text  string
	Asked approval.Request // the token counts once this is approved; zero when it counts at once
}

// CreateToken makes a token. One whose scopes open personal data counts only when a
// second person has approved it. It fails with Invalid, Denied, and what Ask says.
func (s *Service) CreateToken(ctx context.Context, d TokenDraft) (Issued, error) {
	by, err := s.may(ctx, CreateToken)
	if err != nil {
		return Issued{}, err
	}
	now := s.clock.Now()
	if err := d.tidy(now); err != nil {
		return Issued{}, err
	}
	text, _ := newToken()
	text = tokenPrefix + text
	out := Issued{Text: text, Token: Token{
		ID: sqldb.NewID(), Agency: d.Agency, Name: d.Name, Scopes: sqldb.JSON[[]string]{V: d.Scopes}, CreatedBy: by.Account,
		CreatedAt: now, ExpiresAt: d.ExpiresAt.UTC(),
	}}
	row := tokenRow{out.Token, opaque.Hash(text)}
	err = s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if !s.OpensPersonal(d.Scopes) {
			return s.insertToken(ctx, tx, row, nil)
		}
		var err error
		out.Asked, err = s.askToken(ctx, tx, by, row, d.Reason)
		return err
	})
	if err != nil {
		return Issued{}, fmt.Errorf("create token: %w", err)
	}
	return out, nil
}

// OpensPersonal says that one of the scopes opens personal data.
func (s *Service) OpensPersonal(scopes []string) bool {
	return slices.ContainsFunc(scopes, func(scope string) bool { return slices.Contains(s.opts.PersonalScopes, scope) })
}

// tokenRow is a whole row of account_token.
type tokenRow struct {
	Token
	Hash string `db:"token_hash"`
}

func (s *Service) askToken(ctx context.Context, tx *sqldb.Tx, by actor.Actor, row tokenRow, reason string) (approval.Request, error) {
	return s.ask(ctx, tx, by, approval.Request{
		Kind: KindToken, Subject: "token:" + row.ID, SaysKey: "session.ask.token", Reason: reason,
		SaysArgs: fault.Args{"name": row.Name, "agency": row.Agency, "scopes": strings.Join(row.Scopes.V, ",")},
	}, row)
}

// applyToken lets a token count that a second person has approved.
func (s *Service) applyToken(ctx context.Context, tx *sqldb.Tx, r approval.Request) error {
	var row tokenRow
	if err := json.Unmarshal(r.Payload, &row); err != nil {
		return fmt.Errorf("read request %s: %w", r.ID, err)
	}
	return s.insertToken(ctx, tx, row, map[string]string{"asked_by": r.By.Account, "request": r.ID})
}

func (s *Service) insertToken(ctx context.Context, tx *sqldb.Tx, row tokenRow, details map[string]string) error {
	if err := sqldb.Insert(ctx, tx, "account_token", row); err != nil {
		return err
	}
	if details == nil {
		details = map[string]string{}
	}
	details["agency"], details["scopes"] = row.Agency, strings.Join(row.Scopes.V, ",")
	if err := s.tellToken(ctx, tx, row.Token); err != nil {
		return err
	}
	return s.recordToken(ctx, tx, "token.create", row.ID, details)
}

// Tokens lists the tokens of an agency, or of all when agency is empty, newest first.
func (s *Service) Tokens(ctx context.Context, agency string) ([]Token, error) {
	if _, err := s.may(ctx, SeeTokens); err != nil {
		return nil, err
	}
	var a sqldb.Args
	where := "1 = 1"
	if agency != "" {
		where = "agency = " + a.Add(agency)
	}
	return sqldb.All[Token](ctx, s.db,
		`SELECT `+tokenColumns+` FROM account_token WHERE `+where+` ORDER BY created_at DESC, id DESC LIMIT 500`, a.Values()...)
}

// RevokeToken ends a token at once. It fails with NotFound when there is none in force of that id.
func (s *Service) RevokeToken(ctx context.Context, id string) error {
	if _, err := s.may(ctx, SeeTokens); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		n, err := sqldb.Exec(ctx, tx, `UPDATE account_token SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL`, s.clock.Now(), id)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.NotFound, "session.token.unknown", nil)
		}
		return s.recordToken(ctx, tx, "token.revoke", id, nil)
	})
}

func (s *Service) recordToken(ctx context.Context, q sqldb.Queryer, action, id string, details map[string]string) error {
	return audit.Record(ctx, q, audit.Entry{
		At: s.clock.Now(), Action: action, Subject: audit.Subject{Type: "token", ID: id}, Details: details,
	})
}

// Programme is whose token a text is that came otherwise than as "Authorization: Bearer",
// whoever else makes the request. It fails with Unsigned for one that does not count.
func (s *Service) Programme(ctx context.Context, text string) (Identity, error) {
	id, ok, err := s.identifyToken(ctx, text)
	if err == nil && !ok {
		err = errUnsigned
	}
	return id, err
}

// identifyToken finds the programme behind a bearer token; false when the token is unknown, expired or revoked.
func (s *Service) identifyToken(ctx context.Context, text string) (Identity, bool, error) {
	if !strings.HasPrefix(text, tokenPrefix) {
		return Identity{}, false, nil
	}
	now := s.clock.Now()
	t, err := sqldb.One[Token](ctx, s.db, `SELECT `+tokenColumns+` FROM account_token
		WHERE token_hash = $1 AND revoked_at IS NULL AND expires_at > $2`, opaque.Hash(text), now)
	if errors.Is(err, sqldb.ErrNone) {
		return Identity{}, false, nil
	}
	if err != nil {
		return Identity{}, false, fmt.Errorf("find token: %w", err)
	}
	if t.UsedAt == nil || now.Sub(*t.UsedAt) >= seenEvery {
		if _, err := sqldb.Exec(ctx, s.db, `UPDATE account_token SET used_at = $1 WHERE id = $2`, now, t.ID); err != nil {
			return Identity{}, false, fmt.Errorf("touch token: %w", err)
		}
	}
	return Identity{
		Actor:  actor.Actor{Account: "token:" + t.ID, Name: t.Name, Agency: t.Agency, Via: actor.Token},
		Scopes: t.Scopes.V,
	}, true, nil
}
