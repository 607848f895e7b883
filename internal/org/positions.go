package org

import (
	"context"
	"slices"
	"strings"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// PositionStore keeps offices, positions and appointments; orgsql does it in a database.
type PositionStore interface {
	// Book is all that is recorded of the offices of an agency.
	Book(ctx context.Context, agency string) (Book, error)
	// Keep lets decide see the book of an agency and records what it gives, with its
	// line in the audit log, in one transaction: of two at once the second sees what the
	// first has recorded.
	Keep(ctx context.Context, agency string, decide func(Book) (Kept, error)) error
	// AgencyOf is the agency of an office, position or appointment. It fails with NotFound.
	AgencyOf(ctx context.Context, id string) (string, error)
	// Keeping are the codes of the agencies that have offices here.
	Keeping(ctx context.Context) ([]string, error)
	// OfAccount are the books of the agencies in which an account was appointed, with
	// its appointments alone.
	OfAccount(ctx context.Context, account string) ([]Book, error)
	// OfDuty are the books of the agencies that have positions of the duty, with these alone.
	OfDuty(ctx context.Context, duty Duty) ([]Book, error)
	// Origins are the ids of the commune that had the code on the day and of all from
	// which it, or a part of it, came. It fails with NotFound when there was none.
	Origins(ctx context.Context, commune string, on clock.Date) (map[string]bool, error)
}

// Kept is what one act records: the new records alone, and its line in the audit log.
type Kept struct {
	New     Book
	Action  string // "org.office", "org.position", "org.appoint", "org.end", "org.withdraw"
	Subject string // id
	Details map[string]string
}

// Role is a role of the node's accounts, as positions need to know it.
type Role struct {
	Code     string
	Personal bool // opens personal data or gives rights
}

// Accounts finds the accounts of the node.
type Accounts interface {
	// ByLogin gives the id of the active account with a login; false when there is none.
	ByLogin(ctx context.Context, login string) (id string, ok bool, err error)
}

// Second asks another person to agree. What was agreed to comes back through Confirm.
type Second interface {
	Ask(ctx context.Context, by actor.Actor, p Proposal) (request string, err error)
}

// Proposal is an appointment that takes effect only when a second person agrees.
type Proposal struct {
	By          actor.Actor `json:"by"` // who asked
	Agency      string      `json:"agency"`
	Title       string      `json:"title"` // of the position
	Roles       []string    `json:"roles"` // that it gives
	Appointment Appointment `json:"appointment"`
}

// PositionParts is what Positions stands on.
type PositionParts struct {
	Store    PositionStore
	Agencies *Agencies
	Units    Store // finds the communes that positions are for
	Accounts Accounts
	Second   Second
	Roles    func() []Role // that the node's accounts may hold
	Clock    clock.Clock
	NewID    func() string
	// Changed hears of each account whose positions have changed: what was remembered of
	// its roles is no longer so.
	Changed func(account string)
}

// Positions is what people do with the offices and positions of agencies. Each method
// asks Permissions first.
type Positions struct{ PositionParts }

// NewPositions makes it.
func NewPositions(parts PositionParts) *Positions { return &Positions{parts} }

// Book is what is recorded of the offices of an agency: all records.
func (p *Positions) Book(ctx context.Context, who actor.Actor, agency string) (Book, error) {
	if err := canReadPositions(who, agency); err != nil {
		return Book{}, err
	}
	return p.Store.Book(ctx, agency)
}

// BookOf is the book of the agency to which an office, a position or an appointment
// belongs. It fails with NotFound when there is none, and as Book does.
func (p *Positions) BookOf(ctx context.Context, who actor.Actor, id string) (Book, error) {
	if who.Nobody() {
		return Book{}, canReadPositions(who, "")
	}
	agency, err := p.Store.AgencyOf(ctx, id)
	if err != nil {
		return Book{}, err
	}
	return p.Book(ctx, who, agency)
}

// Keeping lists the agencies with offices on this node that somebody may read.
func (p *Positions) Keeping(ctx context.Context, who actor.Actor) ([]Agency, error) {
	if who.Nobody() {
		return nil, canReadPositions(who, "")
	}
	codes, err := p.Store.Keeping(ctx)
	if err != nil {
		return nil, err
	}
	var out []Agency
	for _, code := range codes {
		if canReadPositions(who, code) == nil {
			out = append(out, Agency{Code: code, Name: p.Agencies.NameOf(code)})
		}
	}
	return out, nil
}

// Can says whether somebody may do something, for a page that offers it.
func (p *Positions) Can(who actor.Actor, action Action) error { return Permissions.Can(who, action) }

// keep records what decide gives, and tells whose positions have changed.
func (p *Positions) keep(ctx context.Context, store PositionStore, agency string, decide func(Book) (Kept, error)) error {
	var changed []Appointment
	err := store.Keep(ctx, agency, func(b Book) (Kept, error) {
		kept, err := decide(b.KnownAt(time.Time{}))
		changed = kept.New.Appointments
		return kept, err
	})
	if err == nil && p.Changed != nil {
		for _, a := range changed {
			p.Changed(a.Account)
		}
	}
	return err
}

// stamp is a new record by somebody.
func (p *Positions) stamp(who actor.Actor, f Fact) Fact {
	f.ID, f.At, f.By, f.Basis = p.NewID(), p.Clock.Now(), who.Account, strings.TrimSpace(f.Basis)
	return f
}

// OpenOffice records a new office of an agency and gives its id. It fails as Book.Open
// does, and with Invalid when there is no such agency on the day.
func (p *Positions) OpenOffice(ctx context.Context, who actor.Actor, agency string, o Office) (string, error) {
	if err := Permissions.Can(who, KeepPositions); err != nil {
		return "", err
	}
	o.Fact = p.stamp(who, o.Fact)
	if _, there := p.Agencies.Agency(agency, o.From); !there && !o.From.IsZero() {
		return "", wrong("no_agency", "from", fault.Args{"agency": agency, "date": o.From})
	}
	return o.ID, p.keep(actor.With(ctx, who), p.Store, agency, func(b Book) (Kept, error) {
		now, err := b.Open(o)
		return Kept{New: Book{Offices: []Office{now}}, Action: "org.office", Subject: o.ID}, err
	})
}

// CreatePosition records a new position in an office and gives its id. It fails as
// Book.Create does, and with Invalid for a role or a commune that there is not.
func (p *Positions) CreatePosition(ctx context.Context, who actor.Actor, d Position) (string, error) {
	if err := Permissions.Can(who, KeepPositions); err != nil {
		return "", err
	}
	agency, err := p.Store.AgencyOf(ctx, d.Office)
	if err != nil {
		return "", err
	}
	known := p.Roles()
	for _, role := range d.Roles {
		if !slices.ContainsFunc(known, func(r Role) bool { return r.Code == role }) {
			return "", wrong("unknown_role", "roles", fault.Args{"role": role})
		}
	}
	d.AreaID = ""
	if d.Area != "" && !d.From.IsZero() {
		u, err := p.Units.Unit(ctx, d.Area, Moment{On: d.From})
		if fault.Of(err) == fault.NotFound || err == nil && u.Level != Commune {
			return "", wrong("unknown_area", "area", fault.Args{"code": d.Area, "date": d.From})
		}
		if err != nil {
			return "", err
		}
		d.AreaID = u.ID
	}
	d.Fact = p.stamp(who, d.Fact)
	return d.ID, p.keep(actor.With(ctx, who), p.Store, agency, func(b Book) (Kept, error) {
		now, err := b.Create(d)
		return Kept{
			New: Book{Positions: []Position{now}}, Action: "org.position", Subject: d.ID,
			Details: map[string]string{"duty": string(d.Duty), "roles": strings.Join(now.Roles, ","), "area": d.Area},
		}, err
	})
}

// Appointing is what the form of an appointment says.
type Appointing struct {
	Position string
	Login    string
	StandIn  bool
	From, To clock.Date // To is the first day on which it is over; zero: until further notice
	Vacancy  string
	Basis    string
}

// Appoint records who holds a position or stands in. Where the position opens personal
// data it records nothing yet: it asks a second person, and gives the request's id.
//
// It fails as Book.Appoint does, with Invalid when there is no such account, and with
// Denied for oneself where the position has roles: nobody gives themselves a role.
func (p *Positions) Appoint(ctx context.Context, who actor.Actor, d Appointing) (request string, err error) {
	if err := Permissions.Can(who, Appoint); err != nil {
		return "", err
	}
	agency, err := p.Store.AgencyOf(ctx, d.Position)
	if err != nil {
		return "", err
	}
	a := Appointment{Position: d.Position, StandIn: d.StandIn, Vacancy: d.Vacancy, Fact: Fact{From: d.From, To: d.To, Basis: d.Basis}}
	if d.Login != "" {
		id, ok, err := p.Accounts.ByLogin(ctx, d.Login)
		if err != nil {
			return "", err
		}
		if !ok {
			return "", wrong("unknown_account", "account", fault.Args{"login": d.Login})
		}
		a.Account = id
	}
	a.Fact = p.stamp(who, a.Fact)
	var ask *Proposal
	err = p.keep(actor.With(ctx, who), p.Store, agency, func(b Book) (Kept, error) {
		ask = nil
		now, err := b.Appoint(a)
		if err != nil {
			return Kept{}, err
		}
		held, _ := b.Position(a.Position)
		if len(held.Roles) > 0 && who.Is(a.Account) {
			return Kept{}, fault.New(fault.Denied, "org.position.own_role", nil).At("account")
		}
		if held.Opens(p.personal) {
			ask = &Proposal{By: who, Agency: agency, Title: held.Title, Roles: held.Roles, Appointment: now}
			return Kept{}, nil
		}
		return appointed(now), nil
	})
	if err != nil || ask == nil {
		return "", err
	}
	if err := Permissions.Can(who, AppointPersonal); err != nil {
		return "", err
	}
	return p.Second.Ask(ctx, who, *ask)
}

func (p *Positions) personal(role string) bool {
	return slices.ContainsFunc(p.Roles(), func(r Role) bool { return r.Code == role && r.Personal })
}

// Opens says that giving the position needs a second person.
func (p *Positions) Opens(n Position) bool { return n.Opens(p.personal) }

func appointed(a Appointment) Kept {
	details := map[string]string{"position": a.Position, "account": a.Account, "from": a.From.String()}
	if a.StandIn {
		details["stand_in"] = "true"
	}
	if a.Request != "" {
		details["request"] = a.Request
	}
	return Kept{New: Book{Appointments: []Appointment{a}}, Action: "org.appoint", Subject: a.ID, Details: details}
}

// Confirm records an appointment that a second person has agreed to, in the transaction
// of store. It fails as Appoint does when meanwhile something else was recorded.
func (p *Positions) Confirm(ctx context.Context, store PositionStore, d Proposal, request string, second actor.Actor) error {
	if err := Permissions.Can(d.By, AppointPersonal); err != nil {
		return err
	}
	if second.Nobody() || second.Is(d.By.Account) || second.Is(d.Appointment.Account) {
		return fault.New(fault.Denied, "org.position.own_role", nil)
	}
	a := d.Appointment
	a.Request, a.Second, a.At = request, second.Account, p.Clock.Now()
	return p.keep(ctx, store, d.Agency, func(b Book) (Kept, error) {
		now, err := b.Appoint(a)
		return appointed(now), err
	})
}

// End records that an office, a position or an appointment ends, and what stands on it
// with it. It fails as Book.End does.
func (p *Positions) End(ctx context.Context, who actor.Actor, id string, on clock.Date, basis string) error {
	return p.close(ctx, who, id, "org.end", func(b Book, f Fact) (Book, error) { return b.End(id, on, f) }, basis)
}

// Withdraw records that an office, a position or an appointment was recorded by mistake.
// It fails as Book.Withdraw does.
func (p *Positions) Withdraw(ctx context.Context, who actor.Actor, id, basis string) error {
	return p.close(ctx, who, id, "org.withdraw", func(b Book, f Fact) (Book, error) { return b.Withdraw(id, f) }, basis)
}

func (p *Positions) close(
	ctx context.Context, who actor.Actor, id, action string, decide func(Book, Fact) (Book, error), basis string,
) error {
	for _, needed := range []Action{KeepPositions, Appoint} { // what ends may end appointments too
		if err := Permissions.Can(who, needed); err != nil {
			return err
		}
	}
	agency, err := p.Store.AgencyOf(ctx, id)
	if err != nil {
		return err
	}
	f := Fact{Basis: basis, At: p.Clock.Now(), By: who.Account}
	return p.keep(actor.With(ctx, who), p.Store, agency, func(b Book) (Kept, error) {
		records, err := decide(b, f)
		return Kept{New: records, Action: action, Subject: id}, err
	})
}
