package identity

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"dean06/internal/platform/opaque"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/oauth"
)

// How long what is given holds.
const (
	CodeLife    = time.Minute
	OfflineLife = 90 * 24 * time.Hour // of a grant that goes on without its session
)

// Errors of what clients bring back. They say no more than the standard's code, so that
// nobody learns by trying.
var (
	errCode    = oauth.New(oauth.InvalidGrant, "the code is not valid")
	errRefresh = oauth.New(oauth.InvalidGrant, "the refresh token is not valid")
	errToken   = oauth.New(oauth.InvalidToken, "the access token is not valid any more")
)

// Use is what is used up in the transaction that gives something for it: a proof of
// possession, an assertion. A nil Use uses nothing.
type Use func(ctx context.Context, tx Tx) error

func (u Use) in(ctx context.Context, tx Tx) error {
	if u == nil {
		return nil
	}
	return u(ctx, tx)
}

// Answer ends a request with a code. from is the state in which the request was read, "" for
// one that is not kept yet. It fails with Conflict when the request has moved on.
func (s *Service) Answer(ctx context.Context, r Request, from RequestState) (code string, err error) {
	code = opaque.New()
	r.State, r.Code, r.ExpiresAt = RequestCoded, opaque.Hash(code), s.Clock.Now().Add(CodeLife)
	err = s.Store.InTx(ctx, func(tx Tx) error {
		if from == "" {
			return tx.AddRequest(ctx, r)
		}
		return tx.MoveRequest(ctx, r, from)
	})
	return code, err
}

// Issued is what a client got.
type Issued struct {
	Grant   Grant
	Holder  Account // who signed in
	Subject Account // of whom tokens speak: the holder, or who they act for
	Acts    Delegation
	Refresh string // "" for none
}

// Redeem makes a grant of a code. check holds the request against what the client brings
// and gives the key to which the grant is bound. A code that comes again ends the grant
// that it became (RFC 6749, section 4.1.2): somebody has a copy. It fails with *oauth.Error.
func (s *Service) Redeem(ctx context.Context, client Client, code string, use Use, check func(Request) (key string, err error)) (Issued, error) {
	var out Issued
	var refused error
	redeem := func(tx Tx) error {
		out, refused = Issued{}, nil
		if err := use.in(ctx, tx); err != nil {
			return err
		}
		r, err := tx.RequestByCode(ctx, opaque.Hash(code))
		if fault.Of(err) == fault.NotFound || err == nil && r.Client != client.ID {
			return errCode
		}
		if err != nil {
			return err
		}
		if r.State == RequestUsed {
			refused = errCode
			return s.copied(ctx, tx, r.Grant, "code")
		}
		if r.State != RequestCoded || !s.Clock.Now().Before(r.ExpiresAt) {
			return errCode
		}
		key, err := check(r)
		if err != nil {
			return err
		}
		out, err = s.grant(ctx, tx, client, r, key)
		return err
	}
	err := s.settled(ctx, redeem)
	if err == nil {
		err = refused
	}
	return out, err
}

// settled runs f until nobody else was at the same: of several at once the later ones see
// what the first did.
func (s *Service) settled(ctx context.Context, f func(tx Tx) error) error {
	var err error
	for range 8 {
		if err = s.Store.InTx(ctx, f); fault.Of(err) != fault.Conflict {
			return err
		}
	}
	return err
}

func (s *Service) grant(ctx context.Context, tx Tx, client Client, r Request, key string) (Issued, error) {
	now := s.Clock.Now()
	session, err := tx.Session(ctx, r.Session)
	if err != nil {
		return Issued{}, fmt.Errorf("session of a code: %w", err)
	}
	if !session.Open(now) {
		return Issued{}, errCode
	}
	out := Issued{}
	if out, err = s.people(ctx, tx, out, r.Account, r.For, errCode); err != nil {
		return Issued{}, err
	}
	asked, err := ReadAsked(r.Params)
	if err != nil {
		return Issued{}, err
	}
	needs := slices.DeleteFunc(asked.Needs(client), func(n Need) bool { return !slices.Contains(r.Purposes, n.Purpose.Code) })
	claims, purposes := claimsOf(needs)
	g := Grant{
		ID: s.NewID(), Client: client.ID, Account: r.Account, For: r.For, Session: session.ID,
		Scope: GrantedScope(client, r.Params), Claims: claims, Asked: r.Params["claims"], Purposes: purposes,
		ACR: min(r.ACR, session.Reaches(out.Holder)), Methods: session.Methods, AuthAt: session.AuthAt, Nonce: r.Params["nonce"],
		Key: key, CreatedAt: now, RotatedAt: now, ExpiresAt: session.CreatedAt.Add(s.Settings.Absolute),
	}
	if g.Stays() {
		g.ExpiresAt = now.Add(OfflineLife)
	}
	if slices.Contains(client.Grants, "refresh_token") {
		out.Refresh = opaque.New()
		g.Refresh = opaque.Hash(out.Refresh)
	}
	out.Grant = g
	// It is kept for a day, so that the code is known when it comes again.
	r.State, r.Grant, r.ExpiresAt = RequestUsed, g.ID, now.AddDate(0, 0, 1)
	if err := tx.MoveRequest(ctx, r, RequestCoded); err != nil {
		return Issued{}, err
	}
	if err := tx.AddGrant(ctx, g); err != nil {
		return Issued{}, err
	}
	e := Entry{
		Account: g.subject(), At: now, What: "client.signed_in", By: holderOf(out.Holder), For: g.For, Client: client.ID,
		Device: session.Device, Address: session.Address, Args: map[string]string{"claims": list(out.toldByID(asked))},
	}
	if g.For == "" {
		return out, tx.AddEntry(ctx, e)
	}
	both := map[string]string{"by": out.Holder.Value(FieldName), "for": out.Subject.Value(FieldName)}
	theirs := e // both logs show both
	theirs.Account, theirs.Args = g.Account, maps.Clone(both)
	theirs.Args["claims"] = list(out.ToldOfActor(client))
	e.Args["by"], e.Args["for"] = both["by"], both["for"]
	if err := tx.AddEntry(ctx, e); err != nil {
		return out, err
	}
	return out, tx.AddEntry(ctx, theirs)
}

// ToldOfActor is what the client is told of whoever acts for another: name and number, where a
// purpose rests on the law alone. Of what the one acted for agreed to, nothing.
func (i Issued) ToldOfActor(c Client) []string {
	var out []string
	for _, u := range c.Purposes {
		for _, claim := range u.Claims {
			if u.Law && slices.Contains(i.Grant.Purposes, u.Code) && (claim == ClaimName || claim == ClaimNumber) && !slices.Contains(out, claim) {
				out = append(out, claim)
			}
		}
	}
	return out
}

// toldByID are the facts that the ID token carries.
func (i Issued) toldByID(asked Asked) []string {
	return slices.DeleteFunc(slices.Clone(i.Grant.Claims), func(c string) bool { _, named := asked.IDToken[c]; return !named })
}

// GrantedScope is what of the scope that was asked for is given. To go on without the
// session is given only where the holder was asked (OpenID Connect Core, 11).
func GrantedScope(client Client, params map[string]string) []string {
	var scope []string
	for _, w := range oauth.Fields(params["scope"]) {
		switch {
		case !slices.Contains(Scopes, w) || slices.Contains(scope, w):
		case w == ScopeOffline && !(slices.Contains(oauth.Fields(params["prompt"]), "consent") && slices.Contains(client.Grants, "refresh_token")):
		default:
			scope = append(scope, w)
		}
	}
	return scope
}

// people finds whom a grant speaks of. Both accounts must open doors, and the one must
// still act for the other; else it fails with gone.
func (s *Service) people(ctx context.Context, in Reader, out Issued, holder, other string, gone error) (Issued, error) {
	var err error
	if out.Holder, err = in.Account(ctx, holder); err != nil {
		return out, fmt.Errorf("holder: %w", err)
	}
	if out.Subject = out.Holder; other != "" {
		if out.Acts, err = actsFor(ctx, in, holder, other, s.Clock.Now()); fault.Of(err) == fault.Denied {
			return out, gone
		} else if err != nil {
			return out, err
		}
		if out.Subject, err = in.Account(ctx, other); err != nil {
			return out, fmt.Errorf("who is acted for: %w", err)
		}
	}
	if !out.Holder.Opens() || !out.Subject.Opens() {
		return out, gone
	}
	return out, nil
}

// copied ends a grant of which somebody has a copy: nobody can say who is the thief.
func (s *Service) copied(ctx context.Context, tx Tx, grant, what string) error {
	g, err := tx.Grant(ctx, grant)
	if err != nil {
		return fmt.Errorf("grant that was copied: %w", err)
	}
	if !g.Open(s.Clock.Now()) {
		return nil
	}
	if err := s.endGrants(ctx, tx, []Grant{g}, EndedReused); err != nil {
		return err
	}
	return tx.AddEntry(ctx, Entry{
		Account: g.subject(), At: s.Clock.Now(), What: "client.copied", By: actor.OfSystem(Program), For: g.For, Client: g.Client,
		Args: map[string]string{"what": what},
	})
}

// Refresh goes on with a grant: the refresh token is changed for a new one. The one before,
// when it comes again, ends the grant (RFC 9700, 4.14.2). check holds the grant against what
// the client brings. It fails with *oauth.Error.
func (s *Service) Refresh(ctx context.Context, client Client, token string, use Use, check func(Grant) error) (Issued, error) {
	var out Issued
	var refused error
	refresh := func(tx Tx) error {
		out, refused = Issued{}, nil
		if err := use.in(ctx, tx); err != nil {
			return err
		}
		hash, now := opaque.Hash(token), s.Clock.Now()
		g, err := tx.GrantByRefresh(ctx, hash)
		if fault.Of(err) == fault.NotFound || err == nil && (g.Client != client.ID || !g.Open(now)) {
			return errRefresh
		}
		if err != nil {
			return err
		}
		if g.Refresh != hash {
			refused = errRefresh
			return s.copied(ctx, tx, g.ID, "refresh")
		}
		if err := check(g); err != nil {
			return err
		}
		if err := s.goesOn(ctx, tx, g, now); err != nil {
			return err
		}
		if out, err = s.people(ctx, tx, out, g.Account, g.For, errRefresh); err != nil {
			return err
		}
		out.Refresh = opaque.New()
		g.Before, g.Refresh, g.RotatedAt = hash, opaque.Hash(out.Refresh), now
		out.Grant = g
		return tx.MoveGrant(ctx, g, hash)
	}
	err := s.settled(ctx, refresh)
	if err == nil {
		err = refused
	}
	return out, err
}

// goesOn says that the session behind a grant goes on, where the grant needs it.
func (s *Service) goesOn(ctx context.Context, in Reader, g Grant, now time.Time) error {
	if g.Stays() || g.Session == "" {
		return nil
	}
	session, err := in.Session(ctx, g.Session)
	if err != nil {
		return fmt.Errorf("session of a grant: %w", err)
	}
	if !session.Open(now) {
		return errRefresh
	}
	return nil
}

// Told is what a client is told of a holder.
type Told struct {
	Issued
	Claims    []string // that may be told now
	Proofings []Proofing
}

// Tell tells a client what its grant lets it be told, and writes that into the holder's
// log. which chooses among the facts of the grant. What a consent that is over or withdrawn
// covered is left out. It fails with *oauth.Error when the grant has ended.
func (s *Service) Tell(ctx context.Context, client Client, grant string, use Use, which func(Grant) []string) (Told, error) {
	var out Told
	err := s.Store.InTx(ctx, func(tx Tx) error {
		out = Told{}
		if err := use.in(ctx, tx); err != nil {
			return err
		}
		g, err := s.open(ctx, tx, client, grant)
		if err != nil {
			return err
		}
		if out.Issued, err = s.people(ctx, tx, Issued{Grant: g}, g.Account, g.For, errToken); err != nil {
			return err
		}
		if out.Claims, err = s.covered(ctx, tx, client, g, which(g)); err != nil {
			return err
		}
		if out.Proofings, err = tx.Proofings(ctx, out.Subject.ID); err != nil {
			return err
		}
		if len(out.Claims) == 0 {
			return nil
		}
		return tx.AddEntry(ctx, Entry{
			Account: g.subject(), At: s.Clock.Now(), What: "client.told", By: actor.Actor{Account: "client:" + client.ID, Name: client.Name.Vi, Agency: client.Owner},
			For: g.For, Client: client.ID, Args: map[string]string{"claims": list(out.Claims), "purpose": list(g.Purposes)},
		})
	})
	return out, err
}

func (s *Service) open(ctx context.Context, in Reader, client Client, grant string) (Grant, error) {
	g, err := in.Grant(ctx, grant)
	if fault.Of(err) == fault.NotFound || err == nil && (g.Client != client.ID || !g.Open(s.Clock.Now())) {
		return g, errToken
	}
	return g, err
}

// Holds gives a grant that holds now, of an account that opens doors: what an access token
// is held against. It fails with *oauth.Error.
func (s *Service) Holds(ctx context.Context, client Client, grant string) (Issued, error) {
	g, err := s.open(ctx, s.Store, client, grant)
	if err != nil {
		return Issued{}, err
	}
	return s.people(ctx, s.Store, Issued{Grant: g}, g.Account, g.For, errToken)
}

// covered are those of the facts for which a law or a consent that holds lets the client be
// told now.
func (s *Service) covered(ctx context.Context, in Reader, client Client, g Grant, claims []string) ([]string, error) {
	claims = slices.DeleteFunc(slices.Clone(claims), func(c string) bool { return !slices.Contains(g.Claims, c) })
	needs := client.Needs(claims, g.Purposes)
	if len(g.Purposes) == 0 || len(needs) == 0 {
		return nil, nil
	}
	var consents []Consent
	if slices.ContainsFunc(needs, func(n Need) bool { return !n.Purpose.Law }) {
		var err error
		if consents, err = in.Consents(ctx, g.subject()); err != nil {
			return nil, err
		}
	}
	now := s.Clock.Now()
	missing := Missing(needs, consents, client.ID, func(c Consent) bool { return c.Holds(now) })
	without, _ := claimsOf(missing)
	told, _ := claimsOf(needs)
	return slices.DeleteFunc(told, func(c string) bool { return slices.Contains(without, c) }), nil
}

// Revoke ends what a client holds by a refresh token or by a grant's id, whichever is
// given. What it does not hold is no error (RFC 7009, section 2.2).
func (s *Service) Revoke(ctx context.Context, client Client, refresh, grant string, use Use) error {
	return s.Store.InTx(ctx, func(tx Tx) error {
		if err := use.in(ctx, tx); err != nil {
			return err
		}
		var g Grant
		var err error
		if grant != "" {
			g, err = tx.Grant(ctx, grant)
		} else {
			g, err = tx.GrantByRefresh(ctx, opaque.Hash(refresh))
		}
		if fault.Of(err) == fault.NotFound || err == nil && (g.Client != client.ID || !g.Open(s.Clock.Now())) {
			return nil
		}
		if err != nil {
			return err
		}
		return s.endGrants(ctx, tx, []Grant{g}, EndedRevoked)
	})
}

// HoldsRefresh gives the grant of a valid refresh token of a client. It fails with *oauth.Error.
func (s *Service) HoldsRefresh(ctx context.Context, client Client, token string) (Issued, error) {
	hash := opaque.Hash(token)
	g, err := s.Store.GrantByRefresh(ctx, hash)
	if fault.Of(err) == fault.NotFound || err == nil && (g.Client != client.ID || g.Refresh != hash || !g.Open(s.Clock.Now())) {
		return Issued{}, errRefresh
	}
	if err != nil {
		return Issued{}, err
	}
	if err := s.goesOn(ctx, s.Store, g, s.Clock.Now()); err != nil {
		return Issued{}, err
	}
	return s.people(ctx, s.Store, Issued{Grant: g}, g.Account, g.For, errRefresh)
}
