package population

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
)

// Which person an account is, is proven: by the one who holds the card and knows what
// stands on it, or by an officer who saw both. A login that looks like a number proves
// nothing.

// Bindings says which person an account was proven to be. The accounts' own keeper
// (platform/session) keeps them.
type Bindings interface {
	// Bound is the number that an account is bound to now; zero when to none.
	Bound(ctx context.Context, account string) (citizen.Number, error)
	// Bind binds an account, notes it in the audit log, and tells its holder and the
	// auditors. It fails with Conflict when the account or the number is bound already.
	Bind(ctx context.Context, b Binding) error
}

// The ways in which an account is bound.
const (
	BoundByMatch   = "match"   // the holder knew number, name, birth and the card's serial
	BoundByOfficer = "officer" // an officer saw the card
)

// Binding is an account that was proven to be a person's.
type Binding struct {
	Account string
	Number  citizen.Number
	How     string // BoundByMatch, BoundByOfficer
	Proof   string // what was seen, such as "CC"; it names nobody
	By      actor.Actor
}

// BindRequest is an account that asks an officer to be bound to a number.
type BindRequest struct {
	ID      string
	Account string
	Login   string
	Name    string // of the account, as it calls itself
	Number  citizen.Number
	At      time.Time
}

// SelfProof is what the holder of an account says to be.
type SelfProof struct {
	Number    citizen.Number
	Name      string
	Birth     citizen.Day
	Serial    string // of the newest card
	Confirmed bool   // that this is the holder, and nobody else
}

// How often an account may say who it is.
const (
	maxBindTries = 5
	bindTryTime  = 24 * time.Hour
)

// CardKinds are the kinds of identity cards.
var CardKinds = []string{"CC", "CCCD", "CMND"}

// BindState is where the account of the one who acts stands.
type BindState struct {
	Bound   bool
	Request *BindRequest // that waits for an officer
}

// MyBinding says where the one who acts stands. It fails with Denied.
func (r *Register) MyBinding(ctx context.Context, a actor.Actor) (BindState, error) {
	if err := Permissions.Can(a, ProveSelf); err != nil {
		return BindState{}, err
	}
	_, err := r.self(ctx, a)
	if err == nil || !IsUnbound(err) {
		return BindState{Bound: err == nil}, err
	}
	req, ok, err := r.Store.BindRequestOf(ctx, a.Account)
	if !ok || err != nil {
		return BindState{}, err
	}
	return BindState{Request: &req}, nil
}

// Prove binds the account of the one who acts to the person it says to be, when number,
// name, birth and the newest card's serial all fit. It says yes or no and nothing more:
// it fails with Invalid ("population.bind.no") whatever it was that did not fit, with
// Invalid when something was left out, Conflict when the account is bound already, and
// TooMany after some tries. Each try is logged for the person whose number was named.
func (r *Register) Prove(ctx context.Context, a actor.Actor, p SelfProof) error {
	if err := r.mayProve(ctx, a); err != nil {
		return err
	}
	if err := p.whole(); err != nil {
		return err
	}
	if err := r.Store.NoteBindTry(ctx, a.Account, r.Clock.Now(), bindTryTime, maxBindTries); err != nil {
		return err
	}
	card, fits, err := r.fitsSelf(ctx, a, p)
	if err != nil {
		return err
	}
	if fits {
		err = r.bind(ctx, Binding{Account: a.Account, Number: p.Number, How: BoundByMatch, Proof: card.Kind, By: a})
	}
	if !fits || fault.Of(err) == fault.Conflict { // that the person has another account is not told either
		return fault.New(fault.Invalid, "population.bind.no", nil)
	}
	return err
}

// bind binds an account, which asks an officer no longer then.
func (r *Register) bind(ctx context.Context, b Binding) error {
	if err := r.Bindings.Bind(ctx, b); err != nil {
		return err
	}
	return r.Store.EndBindRequest(ctx, b.Account)
}

// mayProve fails unless the one who acts may say who they are.
func (r *Register) mayProve(ctx context.Context, a actor.Actor) error {
	state, err := r.MyBinding(ctx, a)
	if err == nil && state.Bound {
		err = fault.New(fault.Conflict, "population.bind.already", nil)
	}
	return err
}

// whole fails with Invalid, at each field, when something was left out.
func (p *SelfProof) whole() error {
	var faults fault.List
	add := func(missing bool, key, field string) {
		if missing {
			faults = append(faults, fault.New(fault.Invalid, key, nil).At(field))
		}
	}
	p.Serial = strings.TrimSpace(p.Serial)
	add(p.Number.IsZero(), "population.bind.number", "number")
	add(strings.TrimSpace(p.Name) == "" || utf8.RuneCountInString(p.Name) > maxName, "population.name.missing", "name")
	add(p.Birth == 0, "population.birth.missing", "birth")
	add(p.Serial == "" || len(p.Serial) > 40, "population.bind.serial", "serial")
	add(!p.Confirmed, "population.bind.confirm", "confirm")
	return faults.Err()
}

// fitsSelf compares what somebody says of themselves with what is held, and logs it.
func (r *Register) fitsSelf(ctx context.Context, a actor.Actor, p SelfProof) (Card, bool, error) {
	fields := []Field{FieldNumber, FieldName, FieldBirth, FieldCards, FieldLife}
	held, err := r.Store.Persons(ctx, []citizen.Number{p.Number}, fields)
	if err != nil {
		return Card{}, false, err
	}
	var card Card
	var subjects []citizen.Number
	fits, outcome := false, NotFound
	if len(held) == 1 {
		subjects = []citizen.Number{p.Number}
		who := &held[0]
		if len(who.Cards) > 0 {
			card = who.Cards[0] // the newest; an older one may be in other hands
		}
		fits = who.Life == Alive && p.Birth == who.Birth && citizen.SameName(p.Name, who.Name) &&
			card.Serial != "" && strings.EqualFold(card.Serial, p.Serial)
	}
	if fits {
		outcome = Answered
	}
	in := Inquiry{By: a, Purpose: ServiceBind, Service: ServiceBind}
	return card, fits, r.log(ctx, in, fields[:4], 1, outcome, subjects)
}

// AskOfficer asks that an officer binds the account of the one who acts to a number; it
// takes the place of what the account asked before. It tells nothing of the number. It
// fails as Prove does.
func (r *Register) AskOfficer(ctx context.Context, a actor.Actor, n citizen.Number) error {
	if err := r.mayProve(ctx, a); err != nil {
		return err
	}
	if n.IsZero() {
		return fault.New(fault.Invalid, "population.bind.number", nil).At("ask_number")
	}
	at := r.Clock.Now()
	if err := r.Store.NoteBindTry(ctx, a.Account, at, bindTryTime, maxBindTries); err != nil {
		return err
	}
	return r.Store.SaveBindRequest(ctx, BindRequest{
		ID: r.NewID(), Account: a.Account, Login: a.Login, Name: a.Name, Number: n, At: at,
	})
}

// BindRequests are the accounts that wait for an officer, the oldest first. It fails
// with Denied.
func (r *Register) BindRequests(ctx context.Context, a actor.Actor, limit int) ([]BindRequest, error) {
	if err := Permissions.Can(a, BindAccount); err != nil {
		return nil, err
	}
	return r.Store.BindRequests(ctx, citizen.Number{}, pageOf(limit))
}

// BindRequestsFor are those that ask to be bound to one person. It fails with Denied.
func (r *Register) BindRequestsFor(ctx context.Context, a actor.Actor, n citizen.Number) ([]BindRequest, error) {
	if err := Permissions.Can(a, BindAccount); err != nil || n.IsZero() {
		return nil, err
	}
	return r.Store.BindRequests(ctx, n, pageOf(0))
}

// Bind binds the account of a request to the person whose card the officer saw. It fails
// with Denied, for the officer's own account too, NotFound when there is no such request
// for that person, Invalid when no card is said, and Conflict when the person is dead or
// has another account.
func (r *Register) Bind(ctx context.Context, in Inquiry, n citizen.Number, request, card string) error {
	in.Service = ServiceBind
	if err := r.may(ctx, in, BindAccount); err != nil {
		return err
	}
	waiting, err := r.Store.BindRequests(ctx, n, pageOf(0))
	if err != nil {
		return err
	}
	i := slices.IndexFunc(waiting, func(q BindRequest) bool { return q.ID == request })
	switch {
	case i < 0:
		return fault.New(fault.NotFound, "population.bind.gone", nil)
	case in.By.Is(waiting[i].Account):
		return r.refuse(ctx, in, nil, 1, fault.New(fault.Denied, "population.bind.own", nil))
	case !slices.Contains(CardKinds, card):
		return fault.New(fault.Invalid, "population.bind.card", nil).At("card")
	}
	held, err := r.Store.Persons(ctx, []citizen.Number{n}, []Field{FieldLife})
	if err != nil {
		return err
	}
	if len(held) == 0 || held[0].Life == Dead {
		return fault.New(fault.Conflict, "population.bind.nobody", nil)
	}
	if err := r.log(ctx, in, []Field{FieldNumber, FieldLife}, 1, Answered, []citizen.Number{n}); err != nil {
		return err
	}
	b := Binding{Account: waiting[i].Account, Number: n, How: BoundByOfficer, Proof: card, By: in.By}
	if now, err := r.Bindings.Bound(ctx, b.Account); err != nil || now == n { // a crash came between
		return errors.Join(err, r.Store.EndBindRequest(ctx, b.Account))
	}
	return r.bind(ctx, b)
}

// Waiting counts what waits for somebody of the register's.
type Waiting struct{ Objections, Bindings, Mistakes int }

// WaitingFor counts what waits for the one who acts; of what they may not do, nothing.
func (r *Register) WaitingFor(ctx context.Context, a actor.Actor) (Waiting, error) {
	var out Waiting
	audits, binds, settles := Permissions.Can(a, Audit) == nil, Permissions.Can(a, BindAccount) == nil, Permissions.Can(a, SettleMistake) == nil
	if !audits && !binds && !settles {
		return out, nil
	}
	all, err := r.Store.Waiting(ctx)
	if audits {
		out.Objections = all.Objections
	}
	if binds {
		out.Bindings = all.Bindings
	}
	if settles {
		out.Mistakes = all.Mistakes
	}
	return out, err
}
