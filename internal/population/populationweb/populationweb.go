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
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/session"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/population"
)

//go:embed messages
var messages embed.FS

// Messages are the texts of the pages.
var Messages, _ = fs.Sub(messages, "messages")

// Register is what the pages ask; *population.Register answers. Each method asks the
// table whether the one who acts may.
type Register interface {
	Lookups(ctx context.Context, a actor.Actor, before string, limit int) ([]population.Lookup, error)
	Object(ctx context.Context, a actor.Actor, lookup, text string) error
	ObjectionsOf(ctx context.Context, a actor.Actor) ([]population.Objection, error)
	Own(ctx context.Context, a actor.Actor) (population.PersonView, error)

	Search(ctx context.Context, in population.Inquiry, q population.Query) (population.Found, error)
	View(ctx context.Context, in population.Inquiry, n citizen.Number) (population.PersonView, error)
	Facts(ctx context.Context, in population.Inquiry, key population.Key, fields []population.Field) (population.Facts, error)
	Residence(ctx context.Context, in population.Inquiry, key population.Key) (population.Residence, error)
	At(ctx context.Context, in population.Inquiry, n citizen.Number, validOn clock.Date, knownAt time.Time) (population.Person, error)
	Preview(ctx context.Context, in population.Inquiry, e population.Event) (population.Recorded, error)
	Record(ctx context.Context, a actor.Actor, e population.Event) (population.Recorded, error)
	PlanAnnulment(ctx context.Context, in population.Inquiry, q population.AnnulmentRequest) (population.AnnulmentPlan, error)
	AskAnnulment(ctx context.Context, a actor.Actor, q population.AnnulmentRequest) (string, error)

	Curiosity(ctx context.Context, a actor.Actor, from, until time.Time) ([]population.Finding, error)
	OfficerLookups(
		ctx context.Context, a actor.Actor, agency, officer string, p population.Period, before string, limit int,
	) ([]population.Lookup, error)
	Objections(ctx context.Context, a actor.Actor, open bool, before string, limit int) ([]population.Objection, error)
	AnswerObjection(ctx context.Context, a actor.Actor, id, answer string) error

	Mistakes(ctx context.Context, a actor.Actor, open bool, after string, limit int) ([]population.Mistake, error)
	Mistake(ctx context.Context, in population.Inquiry, id string) (population.Mistake, error)
	SettleMistake(ctx context.Context, a actor.Actor, id, refusal string) error

	Statistics(ctx context.Context, a actor.Actor) (population.Statistics, error)
	RequestExport(ctx context.Context, a actor.Actor, q population.ExportRequest) (string, error)
	Exports(ctx context.Context, a actor.Actor, limit int) ([]population.Export, error)
}

// Loads takes files of persons in, in the background. Each method asks the table.
type Loads interface {
	Start(ctx context.Context, a actor.Actor, name string, file io.ReadSeeker) (id string, err error)
	Get(ctx context.Context, a actor.Actor, id string) (Load, error)
	Recent(ctx context.Context, a actor.Actor) ([]Load, error)
}

// Load is a file that is being taken in, or was.
type Load struct {
	ID        string
	Name      string
	By        string
	At        time.Time
	Rows      int          // so far: read, or when Of is set, settled
	Of        int          // how many rows there are, once all are read
	Failed    string       // of our own failure, for the log
	Refused   *fault.Error // why the file is none that can be loaded
	Finished  bool
	Report    *population.LoadReport // when it is finished well
	Cancelled bool
}

// Names tells what the account is called that a log keeps as an id or a login; what
// nobody knows is given back.
type Names interface {
	NameOf(ctx context.Context, stored string, at time.Time) string
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
	// Names tells the names of accounts of this node; nil leaves what the log keeps.
	Names Names
	// Agency names an agency of a code in the reader's language; "" when it is not known.
	Agency func(ctx context.Context, code string) string
	// Archived is the moment of the last look-up that is in archive files alone; zero when
	// none is. nil is none.
	Archived func(ctx context.Context) (time.Time, error)
	// Procedure names a procedure of a code; nil, or "" when it is not known.
	Procedure func(ctx context.Context, code string) string
	// HandleKey is a secret of 32 bytes by which people are named in addresses. Without
	// one, addresses hold until the node starts again.
	HandleKey []byte
	// Chosen writes into the audit log what an officer chose to work on; nil writes nothing.
	Chosen func(ctx context.Context, m population.Matter) error
	// Annulments gives a request for an annulment; it fails with NotFound. nil knows none.
	Annulments func(ctx context.Context, id string) (Annulment, error)
	// SignIn is where people sign in with their electronic identity; "" where they cannot.
	SignIn string
	// Secure says that pages are served over TLS.
	Secure bool
}

// Pages are the pages.
type Pages struct {
	Shell
	handles *handles
	matters *matters
}

// New makes the pages.
func New(shell Shell) *Pages {
	if shell.Fields == nil {
		shell.Fields = population.PersonFields
	}
	return &Pages{shell, newHandles(shell.HandleKey), newMatters(shell.HandleKey)}
}

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
	exportsPath    = "/people/exports"
)

// MaxFile is the largest file of persons: about three million rows.
const MaxFile = 2 << 30

// Routes are the addresses of the pages.
func (p *Pages) Routes() []web.Route {
	var out []web.Route
	add := func(action population.Action, routes ...web.Route) {
		for _, r := range routes {
			r.Handler, r.May = p.guard(action, r.Handler), population.Permissions.Module+"."+string(action)
			out = append(out, r)
		}
	}
	person := peoplePath + "/person/{person}"
	add(population.ReadOwn,
		web.Route{Pattern: "GET " + mePath, Handler: p.mine},
		web.Route{Pattern: "POST " + mePath, Handler: p.mine},
		web.Route{Pattern: "GET " + lookupsPath, Handler: p.lookups},
		web.Route{Pattern: "GET " + lookupsPath + "/{lookup}", Handler: p.object},
		web.Route{Pattern: "POST " + lookupsPath + "/{lookup}", Handler: p.objectPost},
	)
	add(population.LookUp,
		web.Route{Pattern: "GET " + peoplePath, Handler: p.search},
		web.Route{Pattern: "POST " + peoplePath, Handler: p.search},
		web.Route{Pattern: "GET " + deskPath, Handler: p.desk},
		web.Route{Pattern: "POST " + deskPath, Handler: p.deskPost},
		web.Route{Pattern: "GET " + person, Handler: p.person},
		web.Route{Pattern: "POST " + person, Handler: p.person},
		web.Route{Pattern: "GET " + person + "/at", Handler: p.at},
		web.Route{Pattern: "GET " + person + "/residence", Handler: p.residence},
	)
	add(population.Record,
		web.Route{Pattern: "GET " + person + "/events", Handler: p.kinds},
		web.Route{Pattern: "GET " + person + "/events/{kind}", Handler: p.event},
		web.Route{Pattern: "POST " + person + "/events/{kind}", Handler: p.eventPost},
	)
	add(population.SettleMistake,
		web.Route{Pattern: "GET " + mistakesPath, Handler: p.mistakes},
		web.Route{Pattern: "GET " + mistakesPath + "/{mistake}", Handler: p.mistake},
		web.Route{Pattern: "POST " + mistakesPath + "/{mistake}", Handler: p.mistakePost},
	)
	add(population.Annul,
		web.Route{Pattern: "GET " + person + "/annul", Handler: p.annul},
		web.Route{Pattern: "POST " + person + "/annul", Handler: p.annulPost},
		web.Route{Pattern: "GET " + annulmentsPath + "/{request}", Handler: p.annulment},
	)
	add(population.Count, web.Route{Pattern: "GET " + statisticsPath, Handler: p.statistics})
	add(population.Audit,
		web.Route{Pattern: "GET " + auditPath, Handler: p.audit},
		web.Route{Pattern: "GET " + officerPath, Handler: p.officer},
		web.Route{Pattern: "GET " + objectionsPath, Handler: p.objections},
		web.Route{Pattern: "POST " + objectionsPath + "/{objection}", Handler: p.answer},
	)
	add(population.Load,
		web.Route{Pattern: "GET " + loadsPath, Handler: p.loads},
		web.Route{Pattern: "POST " + loadsPath, Handler: p.loadPost, MaxBody: MaxFile},
		web.Route{Pattern: "GET " + loadsPath + "/{load}", Handler: p.load},
	)
	add(population.RequestExport,
		web.Route{Pattern: "GET " + exportsPath, Handler: p.exports},
		web.Route{Pattern: "POST " + exportsPath, Handler: p.exportPost},
	)
	return out
}

// guard sends away whom the table does not let through, before a page reads what was
// sent; the register asks it again. Whose own data it is, the register alone decides:
// who is bound to nobody is told how to sign in as somebody.
func (p *Pages) guard(action population.Action, h web.Handler) web.Handler {
	return private(func(w http.ResponseWriter, r *http.Request) error {
		if _, err := session.Check(r.Context()); err != nil {
			return err
		}
		if err := population.Permissions.CanOwn(who(r.Context()), action, true); err != nil {
			return err
		}
		err := h(w, r)
		if population.IsUnbound(err) {
			return p.unbound(w, r, fault.As(err))
		}
		return err
	})
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

// who is the one who acts.
func who(ctx context.Context) actor.Actor {
	id, ok := session.From(ctx)
	if !ok {
		return actor.Actor{}
	}
	return id.Actor
}

func (p *Pages) today() clock.Date { return clock.DayOf(p.Clock.Now()) }
