// Package populationweb is the pages of the population register: who looked at my
// data, for the citizen; search, person and life events, for the clerk; unusual
// curiosity and objections, for the auditor; loading and counts. Every rule is in
// population; here it is only shown.
//
// No address holds a personal number: people are named by a handle that only this
// node can read.
package populationweb

import (
	"context"
	"embed"
	"io"
	"io/fs"
	"net/http"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/session"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/population"
)

//go:embed messages
var messages embed.FS

// Messages are the texts of the pages.
var Messages, _ = fs.Sub(messages, "messages")

// Register is what the pages ask; *population.Register answers.
type Register interface {
	Lookups(ctx context.Context, n citizen.Number, before string, limit int) ([]population.Lookup, error)
	Object(ctx context.Context, n citizen.Number, lookup, text string) error
	ObjectionsOf(ctx context.Context, n citizen.Number) ([]population.Objection, error)
	Own(ctx context.Context, n citizen.Number) (population.PersonView, error)

	Search(ctx context.Context, in population.Inquiry, q population.Query) (population.Found, error)
	View(ctx context.Context, in population.Inquiry, n citizen.Number) (population.PersonView, error)
	Facts(ctx context.Context, in population.Inquiry, key population.Key, fields []population.Field) (population.Facts, error)
	Residence(ctx context.Context, in population.Inquiry, key population.Key) (population.Residence, error)
	At(ctx context.Context, n citizen.Number, validOn clock.Date, knownAt time.Time) (population.Person, error)
	Preview(ctx context.Context, a population.Actor, e population.Event) (population.Recorded, error)
	Record(ctx context.Context, a population.Actor, e population.Event) (population.Recorded, error)

	Curiosity(ctx context.Context, from, until time.Time) ([]population.Finding, error)
	OfficerLookups(ctx context.Context, a population.Actor, agency, officer string, p population.Period, before string, limit int) ([]population.Lookup, error)
	Objections(ctx context.Context, a population.Actor, open bool, before string, limit int) ([]population.Objection, error)
	AnswerObjection(ctx context.Context, a population.Actor, id, answer string) error

	Statistics(ctx context.Context) (population.Statistics, error)
}

// Loads takes files of persons in, in the background.
type Loads interface {
	Start(ctx context.Context, a population.Actor, name string, file io.Reader) (id string, err error)
	Get(ctx context.Context, id string) (Load, error)
	Recent(ctx context.Context) ([]Load, error)
}

// Load is a file that is being taken in, or was.
type Load struct {
	ID        string
	Name      string
	By        string
	At        time.Time
	Rows      int // so far
	Failed    string
	Finished  bool
	Report    *population.LoadReport // when it is finished well
	Cancelled bool
}

// Shell is what the pages need from the node around them.
type Shell struct {
	Register Register
	Loads    Loads // nil: this node takes no files
	Units    population.Units
	Clock    clock.Clock
	Fields   *population.FieldTable // what a person consists of, as the register has it; nil is its own table
	Frame    web.FrameFunc
	NewID    func() string
	// Citizen is the person who is signed in, false when it is nobody or no citizen.
	Citizen func(*http.Request) (citizen.Number, bool)
	// Agency names an agency of a code in the reader's language; "" when it is not known.
	Agency func(ctx context.Context, code string) string
	// Procedure names a procedure of a code; nil, or "" when it is not known.
	Procedure func(ctx context.Context, code string) string
	// HandleKey is a secret of 32 bytes by which people are named in addresses. Without
	// one, addresses hold until the node starts again.
	HandleKey []byte
	// Secure says that pages are served over TLS.
	Secure bool
}

// Pages are the pages.
type Pages struct {
	Shell
	handles *handles
}

// New makes the pages.
func New(shell Shell) *Pages {
	if shell.Fields == nil {
		shell.Fields = population.PersonFields
	}
	return &Pages{shell, newHandles(shell.HandleKey)}
}

// Roles as accounts have them.
const (
	registrar     = string(population.Registrar)
	auditor       = string(population.Auditor)
	administrator = string(population.Administrator)
	citizenRole   = "citizen"
)

// Addresses.
const (
	mePath         = "/my-data"
	lookupsPath    = "/my-data/lookups"
	peoplePath     = "/people"
	deskPath       = "/people/desk"
	statisticsPath = "/people/statistics"
	auditPath      = "/people/audit"
	officerPath    = "/people/audit/officer"
	objectionsPath = "/people/audit/objections"
	loadsPath      = "/people/loads"
)

// MaxFile is the largest file of persons: about three million rows.
const MaxFile = 2 << 30

// Routes are the addresses of the pages.
func (p *Pages) Routes() []web.Route {
	clerk := func(h web.Handler) web.Handler { return private(session.Require(h, registrar)) }
	me := func(h web.Handler) web.Handler { return private(session.Require(h, citizenRole)) }
	audits := func(h web.Handler) web.Handler { return private(session.Require(h, auditor)) }
	admin := func(h web.Handler) web.Handler { return private(session.Require(h, administrator)) }
	return []web.Route{
		{Pattern: "GET " + mePath, Handler: me(p.mine)},
		{Pattern: "POST " + mePath, Handler: me(p.mine)},
		{Pattern: "GET " + lookupsPath, Handler: me(p.lookups)},
		{Pattern: "GET " + lookupsPath + "/{lookup}", Handler: me(p.object)},
		{Pattern: "POST " + lookupsPath + "/{lookup}", Handler: me(p.objectPost)},

		{Pattern: "GET " + peoplePath, Handler: clerk(p.search)},
		{Pattern: "POST " + peoplePath, Handler: clerk(p.search)},
		{Pattern: "GET " + deskPath, Handler: clerk(p.desk)},
		{Pattern: "POST " + deskPath, Handler: clerk(p.deskPost)},
		{Pattern: "GET " + peoplePath + "/person/{person}", Handler: clerk(p.person)},
		{Pattern: "POST " + peoplePath + "/person/{person}", Handler: clerk(p.person)},
		{Pattern: "GET " + peoplePath + "/person/{person}/at", Handler: clerk(p.at)},
		{Pattern: "GET " + peoplePath + "/person/{person}/residence", Handler: clerk(p.residence)},
		{Pattern: "GET " + peoplePath + "/person/{person}/events", Handler: clerk(p.kinds)},
		{Pattern: "GET " + peoplePath + "/person/{person}/events/{kind}", Handler: clerk(p.event)},
		{Pattern: "POST " + peoplePath + "/person/{person}/events/{kind}", Handler: clerk(p.eventPost)},

		{Pattern: "GET " + statisticsPath, Handler: private(session.Require(p.statistics, registrar, auditor, administrator))},

		{Pattern: "GET " + auditPath, Handler: audits(p.audit)},
		{Pattern: "GET " + officerPath, Handler: audits(p.officer)},
		{Pattern: "GET " + objectionsPath, Handler: audits(p.objections)},
		{Pattern: "POST " + objectionsPath + "/{objection}", Handler: audits(p.answer)},

		{Pattern: "GET " + loadsPath, Handler: admin(p.loads)},
		{Pattern: "POST " + loadsPath, Handler: admin(p.loadPost), MaxBody: MaxFile},
		{Pattern: "GET " + loadsPath + "/{load}", Handler: admin(p.load)},
	}
}

// private keeps pages about people out of every cache.
func private(h web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Cache-Control", "no-store")
		return h(w, r)
	}
}

// page starts a page of the office.
func (p *Pages) page(r *http.Request, title string) ui.Page {
	page := p.Frame(r).Page(title)
	page.Wide = true
	return page
}

// actor is who is at the desk.
func actor(ctx context.Context) population.Actor {
	id, _ := session.From(ctx)
	a := population.Actor{Account: id.Account, Name: id.Name, Agency: id.Agency}
	for _, role := range id.Roles {
		a.Roles = append(a.Roles, population.Role(role))
	}
	return a
}

func (p *Pages) today() clock.Date { return clock.DayOf(p.Clock.Now()) }
