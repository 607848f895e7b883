// Package session knows who is at the other end: accounts, how they sign in,
// the sessions that follow, and the tokens of other agencies' programmes.
//
// It stores roles but gives them no meaning: what a role may do is a rule of
// the module that owns it. The one role it knows by name is the administrator's,
// because accounts are its own subject. That role opens no personal data, and what
// would open it (Guarded) takes effect only with a second person.
//
// A session that still lacks a step (a code, a new password) is no identity:
// From finds nothing and no module can be reached with it.
package session

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"time"

	"dean06/internal/platform/opaque"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/password"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/web"
)

//go:embed migrations/*.sql
var migrations embed.FS

//go:embed messages/*.json
var messages embed.FS

// Messages are the texts of this package and of its pages.
var Messages, _ = fs.Sub(messages, "messages")

// Migrate makes the tables.
func Migrate(ctx context.Context, db *sqldb.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return sqldb.Migrate(ctx, db, "session", files)
}

// Options are the limits and names of one node. Zero limits take the defaults.
type Options struct {
	Node     string        // part of the cookie's name: nodes on one host share a cookie jar
	Secure   bool          // the node is reached over TLS
	Idle     time.Duration // 30 minutes
	Absolute time.Duration // 12 hours
	Roles    []Role        // of all modules
	// PersonalScopes are those of tokens that open personal data.
	PersonalScopes []string
	Proxies        []netip.Prefix // whose X-Forwarded-For is believed
	// Sealer gives what seals the seeds of second factors; make says that its key may be made
	// when there is none. nil: no account gets one.
	Sealer func(makeKey bool) (Sealer, error)
}

// Service keeps the accounts and sessions of one node.
type Service struct {
	db    *sqldb.DB
	clock clock.Clock
	opts  Options
	names names
	lent  lent
	needs Needs

	gate *password.Gate

	keyMu sync.Mutex
	key   string // of the throttle, once it was read
}

// New makes the service; the tables must be there (Migrate).
func New(db *sqldb.DB, c clock.Clock, o Options) *Service {
	if o.Idle == 0 {
		o.Idle = 30 * time.Minute
	}
	if o.Absolute == 0 {
		o.Absolute = 12 * time.Hour
	}
	return &Service{db: db, clock: c, opts: o, gate: password.NewGate(password.Usual)}
}

// Identity is who acts in a request, and by which session.
type Identity struct {
	actor.Actor
	Scopes    []string // of a programme's token
	SessionID string
	// Bound is the personal number that the account is bound to by proof; "" when it
	// is bound to none. It is personal data: never log it.
	Bound  string
	Issuer string // "" for a local sign-in
}

// LogValue keeps the number out of logs.
func (id Identity) LogValue() slog.Value { return slog.StringValue(id.Account) }

// May says that a programme's token carries the scope.
func (id Identity) May(scope string) bool { return slices.Contains(id.Scopes, scope) }

// Step is what a session still lacks.
type Step string

// The steps.
const (
	Complete     Step = ""         // nothing: the session counts
	NeedCode     Step = "code"     // the six digits of the second factor
	NeedPassword Step = "password" // a password of one's own
	NeedFactor   Step = "factor"   // a second factor, which the account's roles ask for and it has not
	NeedLevel    Step = "level"    // a surer sign-in with the electronic identity, for the same reason
)

type ctxKey struct{}

type state struct {
	id   Identity
	step Step
	err  error // the store did not answer; Check says so
}

// With puts an identity into the context, as Load does. For tests and background work.
func With(ctx context.Context, id Identity) context.Context {
	return put(ctx, state{id: id})
}

// put makes somebody the one who acts once no step is lacking.
func put(ctx context.Context, st state) context.Context {
	ctx = context.WithValue(ctx, ctxKey{}, st)
	if st.step != Complete || st.err != nil {
		return ctx
	}
	return actor.With(ctx, st.id.Actor)
}

// Actor is who acts in a request; nobody when nobody is signed in.
func Actor(r *http.Request) actor.Actor {
	id, ok := From(r.Context())
	if !ok {
		return actor.Actor{}
	}
	return id.Actor
}

// From gives the identity of the request; false when nobody is signed in.
func From(ctx context.Context) (Identity, bool) {
	id, step, ok := Unfinished(ctx)
	return id, ok && step == Complete
}

// Unfinished gives the identity even while a step is lacking. Only the pages of
// those steps may use it.
func Unfinished(ctx context.Context) (Identity, Step, bool) {
	s, ok := ctx.Value(ctxKey{}).(state)
	return s.id, s.step, ok && s.err == nil
}

var (
	errUnsigned = fault.New(fault.Unsigned, "session.unsigned", nil)
	errDenied   = fault.New(fault.Denied, "session.denied", nil)
)

// Check gives the identity when it holds one of the roles; without roles it is
// enough to be signed in. It fails with Unsigned or Denied.
func Check(ctx context.Context, roles ...string) (Identity, error) {
	id, ok := From(ctx)
	if st, _ := ctx.Value(ctxKey{}).(state); st.err != nil {
		return Identity{}, st.err
	}
	if !ok {
		return Identity{}, errUnsigned
	}
	if len(roles) > 0 && !id.Has(roles...) {
		return Identity{}, errDenied
	}
	return id, nil
}

func (s *Service) who(ctx context.Context, id Identity, address string) audit.Who {
	who := audit.Who{Actor: id.Actor, RequestID: web.RequestID(ctx), Address: address}
	who.Roles = slices.Concat(id.Roles, id.Scopes)
	return who
}

// newToken makes a token and the hash under which it is stored.
func newToken() (token, hash string) {
	token = opaque.New()
	return token, opaque.Hash(token)
}
