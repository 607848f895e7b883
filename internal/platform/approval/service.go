package approval

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/sqldb"
)

// Options are what the requests of one node stand on. The zero value works, but lets
// nobody decide.
type Options struct {
	Accounts Accounts
	// SamePerson says that two accounts are bound to one person; nil when none are bound.
	SamePerson func(ctx context.Context, q sqldb.Queryer, a, b string) (bool, error)
	Readers    []string // roles that read the audit log; "auditor" when nil
	Admins     []string // roles that keep the node; "administrator" when nil
	// Remote are the roles whose holders decide what other nodes send; none when nil.
	Remote []string
	// Messages are for letters; without them none are sent.
	Messages *i18n.Catalogue
	URL      string // of the node, for links in letters
	Name     string // of the node, for the other node's list of work
	// Changed hears whose emergency began or ended; nil for nobody.
	Changed func(account string)
	Lasts   time.Duration // of an open request; 14 days
	Poll    time.Duration // how often another node is asked for its decision; 1 minute
}

// Service keeps the requests of one node.
type Service struct {
	db    *sqldb.DB
	clock clock.Clock
	opts  Options
	kinds map[string]Kind
	roles []Emergency
	away  atomic.Pointer[deputy]
}

// New makes the service; the tables must be there (Migrate). What is not known yet comes
// later, before the node serves: Join, Register, Allow. Elsewhere may come at any time.
func New(db *sqldb.DB, c clock.Clock, o Options) *Service {
	s := &Service{db: db, clock: c, kinds: map[string]Kind{}}
	s.away.Store(&deputy{})
	s.set(o)
	return s
}

// Join changes the options before the node serves: accounts and approvals need each other, so
// one of them comes first without the other.
func (s *Service) Join(change func(o *Options)) {
	o := s.opts
	change(&o)
	s.set(o)
}

func (s *Service) set(o Options) {
	if o.Readers == nil {
		o.Readers = []string{"auditor"}
	}
	if o.Admins == nil {
		o.Admins = []string{"administrator"}
	}
	if o.Changed == nil {
		o.Changed = func(string) {}
	}
	if o.Lasts == 0 {
		o.Lasts = 14 * 24 * time.Hour
	}
	s.opts = o
	s.kinds[KindProlong] = s.prolonging()
}

// Register adds kinds of requests. A code that stands twice is a mistake of the program.
func (s *Service) Register(kinds ...Kind) {
	for _, k := range kinds {
		if _, twice := s.kinds[k.Code]; twice {
			panic("approval: kind " + k.Code + " is registered twice")
		}
		s.kinds[k.Code] = k
	}
}

// kind is the kind of a request. What another node asks is decided by this node's Remote roles.
func (s *Service) kind(r Request) Kind {
	if r.Origin != "" {
		return Kind{Code: r.Kind, Deciders: s.opts.Remote}
	}
	if k, ok := s.kinds[r.Kind]; ok {
		return k
	}
	return Kind{Code: r.Kind}
}

// Ask stores a request in the caller's transaction. by asks; of r, the kind, what it says,
// the reason and the payload are taken, and Until when it is set. Where nobody on this node can decide, it
// goes to the other node. It fails with Unsigned, Denied (CanAsk) and Invalid.
func (s *Service) Ask(ctx context.Context, q sqldb.Queryer, by actor.Actor, r Request) (Request, error) {
	k, ok := s.kinds[r.Kind]
	if !ok {
		return Request{}, fmt.Errorf("ask: no kind %q is registered", r.Kind)
	}
	same, err := s.same(ctx, q, by.Account, r.Benefits)
	if err != nil {
		return Request{}, fmt.Errorf("ask %s: %w", r.Kind, err)
	}
	if err := CanAsk(k, by, r, same); err != nil {
		return Request{}, err
	}
	now := s.clock.Now()
	out := Request{
		ID: sqldb.NewID(), Kind: r.Kind, Subject: r.Subject, Benefits: r.Benefits, SaysKey: r.SaysKey, SaysArgs: r.SaysArgs,
		Reason: strings.TrimSpace(r.Reason), Payload: r.Payload, By: by, At: now, Until: r.Until, State: Open, Needs: needs(by),
	}
	if out.Until.IsZero() {
		out.Until = now.Add(s.opts.Lasts)
	}
	if err := s.route(ctx, q, k, &out); err != nil {
		return Request{}, fmt.Errorf("ask %s: %w", r.Kind, err)
	}
	if err := s.insert(ctx, q, out); err != nil {
		return Request{}, fmt.Errorf("ask %s: %w", r.Kind, err)
	}
	if err := s.record(ctx, q, by, "ask", out, nil); err != nil {
		return Request{}, err
	}
	return out, nil
}

// same asks once for each pair that the rules may compare.
func (s *Service) same(ctx context.Context, q sqldb.Queryer, who string, others ...string) (Same, error) {
	if s.opts.SamePerson == nil {
		return nil, nil
	}
	var theirs []string
	for _, o := range others {
		if o == "" || who == "" || o == who || slices.Contains(theirs, o) {
			continue
		}
		yes, err := s.opts.SamePerson(ctx, q, who, o)
		if err != nil {
			return nil, fmt.Errorf("is %s the person of %s: %w", who, o, err)
		}
		if yes {
			theirs = append(theirs, o)
		}
	}
	return func(a, b string) bool {
		return a == who && slices.Contains(theirs, b) || b == who && slices.Contains(theirs, a)
	}, nil
}

func (k Kind) barred(r Request) []string {
	if k.Barred == nil {
		return nil
	}
	return k.Barred(r)
}

// against are the accounts that a decider is held against.
func (k Kind) against(r Request) []string { return append(r.others(), k.barred(r)...) }

// others are those who asked, who gain and who voted.
func (r Request) others() []string {
	out := []string{r.By.Account, r.Benefits}
	for _, v := range r.Votes {
		out = append(out, v.By.Account)
	}
	return out
}

// holders are the active accounts that hold one of the kind's roles.
func (s *Service) holders(ctx context.Context, q sqldb.Queryer, k Kind) ([]Account, error) {
	if s.opts.Accounts == nil || len(k.Deciders) == 0 {
		return nil, nil
	}
	return s.opts.Accounts.Holding(ctx, q, k.Deciders...)
}

// Deciders are the accounts of this node that may decide on a request now, for pages that
// say who can. It is empty for one that another node decides.
func (s *Service) Deciders(ctx context.Context, r Request) ([]Account, error) {
	return s.deciders(ctx, s.db, s.kind(r), r)
}

func (s *Service) deciders(ctx context.Context, q sqldb.Queryer, k Kind, r Request) ([]Account, error) {
	all, err := s.holders(ctx, q, k)
	if err != nil || lonely(k, r, len(all)) {
		return nil, err
	}
	var out []Account
	for _, a := range all {
		same, err := s.same(ctx, q, a.ID, k.against(r)...)
		if err != nil {
			return nil, err
		}
		if CanDecide(k, r, a, same, r.At) == nil && !r.said(a.ID, Approved) {
			out = append(out, a)
		}
	}
	return out, nil
}

// lonely says that too few hold the roles for anybody to be a second person: whoever
// is alone with a role can also act through an account of somebody else.
func lonely(k Kind, r Request, holders int) bool {
	return r.Origin == "" && (holders == 0 || holders == 1 && !k.Apart)
}

func (s *Service) record(ctx context.Context, q sqldb.Queryer, by actor.Actor, action string, r Request, more map[string]string) error {
	details := map[string]string{"kind": r.Kind}
	for name, v := range map[string]string{"subject": r.Subject, "benefits": r.Benefits, "origin": r.Origin, "sent_to": r.SentTo} {
		if v != "" {
			details[name] = v
		}
	}
	for name, v := range more {
		details[name] = v
	}
	return s.log(ctx, q, by, action, audit.Subject{Type: "approval", ID: r.ID}, details)
}

func (s *Service) log(
	ctx context.Context, q sqldb.Queryer, by actor.Actor, action string, of audit.Subject, details map[string]string,
) error {
	return audit.Record(ctx, q, audit.Entry{
		At: s.clock.Now(), Action: "approval." + action, Subject: of, Details: details,
		Who: audit.Who{Actor: by},
	})
}

// Now is the moment by the service's clock.
func (s *Service) Now() time.Time { return s.clock.Now() }

// NameOf is what somebody is called today; whoever has no account here, as they were called
// then.
func (s *Service) NameOf(ctx context.Context, who actor.Actor) string {
	if s.opts.Accounts != nil && who.Account != "" {
		if a, err := s.opts.Accounts.ByID(ctx, s.db, who.Account); err == nil {
			return a.Name
		}
	}
	if who.Name == "" {
		return who.Account
	}
	return who.Name
}

// DecidingRoles are the roles whose holders decide on a request.
func (s *Service) DecidingRoles(r Request) []string { return s.kind(r).Deciders }

// HrefOf is the page of what a request is about; "" when there is none.
func (s *Service) HrefOf(r Request) string {
	if k := s.kind(r); k.Href != nil {
		return k.Href(r)
	}
	return ""
}

// Keeps says that somebody keeps the node, and is shown what its machinery says.
func (s *Service) Keeps(who actor.Actor) bool { return who.Has(s.opts.Admins...) }

// MayTickOff says that somebody reads the log, and so may tick off emergencies.
func (s *Service) MayTickOff(who actor.Actor) bool { return s.table().Can(who, ActTickOff) == nil }
