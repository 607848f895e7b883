package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"dean06/internal/calendar"
	"dean06/internal/deadline"
	"dean06/internal/dossier"
	"dean06/internal/dossier/dossiersql"
	"dean06/internal/dossier/dossiertest"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/ledger/ledgersql"
	"dean06/internal/platform/measure"
	"dean06/internal/platform/sqldb"
)

// Dossier measures dossiers: a database with many of them in all states, and people who file,
// open, decide, list and search, each with a pause between two acts and without. It calls what
// pages call; drawing them, and the register, are not in it.
type Dossier struct {
	N     int           // dossiers
	DB    string        // an empty database; "" is a temporary one of SQLite
	Users int           // at once; 100 when zero
	Pause time.Duration // between two acts of one of them; 5 seconds when zero
	For   time.Duration // with pauses, and at least rounds of them; half of it without
	Step  func(section string)
}

// rounds is how many acts each person has time for at least.
const rounds = 6

// dossierRun is one run.
type dossierRun struct {
	Dossier
	out   Result
	dir   string
	db    *sqldb.DB
	store *dossiersql.Store
	world *dossiertest.World
	desks []desk
	fill  *filling
}

// desk is an agency with those who work there.
type desk struct {
	agency                     string
	receiver, reviewer, leader actor.Actor
}

// Run measures. It fails with Conflict when the database is not empty.
func (o Dossier) Run(ctx context.Context) (b Result, err error) {
	if o.Users == 0 {
		o.Users = 100
	}
	if o.Pause == 0 {
		o.Pause = 5 * time.Second
	}
	r := &dossierRun{Dossier: o, out: Result{Machine: measure.ThisMachine(), N: o.N}}
	if r.dir, err = os.MkdirTemp("", "dean06-bench-"); err != nil {
		return b, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(r.dir)) }()
	if err := r.open(ctx); err != nil {
		return b, err
	}
	defer func() { err = errors.Join(err, r.db.Close()) }()
	err = inSteps(ctx, o.Step, []step{
		{"deadline", r.deadlines},
		{"dossiers", r.load},
		{"paced", func(ctx context.Context) error { return r.people(ctx, "paced", r.Pause, max(r.For, rounds*r.Pause)) }},
		{"unpaused", func(ctx context.Context) error { return r.people(ctx, "unpaused", 0, r.For/2) }},
		{"ontime", r.rates},
		{"verified", r.verify},
	})
	if err != nil {
		return b, err
	}
	r.out.LoadAfter = measure.LoadAverage()
	return r.out, nil
}

func (r *dossierRun) open(ctx context.Context) (err error) {
	r.db, err = opened(ctx, r.DB, filepath.Join(r.dir, "agency.db"), audit.Migrate, jobs.Migrate, ledgersql.Migrate, dossiersql.Migrate)
	if err != nil {
		return err
	}
	r.out.Engine = string(r.db.Engine())
	if err := r.start(ctx); err != nil {
		return errors.Join(err, r.db.Close())
	}
	return nil
}

func (r *dossierRun) start(ctx context.Context) error {
	r.store = dossiersql.New(r.db)
	r.world = dossiertest.NewOn(r.store)
	r.world.NewID = sqldb.NewID
	for i := range agencies {
		r.desks = append(r.desks, r.desk(i))
	}
	return nil
}

// agencies is how many communes a province has after 2025, about; the first is the town.
const agencies = 92

func (r *dossierRun) desk(i int) desk {
	d := desk{agency: "H55.C" + communeOf(i)}
	official := func(duty, role string) actor.Actor {
		a := actor.Actor{
			Account: fmt.Sprintf("bench-%s-%d", duty, i), Name: "Nguyễn Văn Đo", Agency: d.agency, Roles: []string{role}, Via: actor.Password,
		}
		r.world.Posts.List = append(r.world.Posts.List, dossier.Post{
			ID: "post-" + a.Account, Title: "Công chức", Duty: duty, Agency: d.agency, Account: a.Account, Holder: a.Account, Name: a.Name,
		})
		return a
	}
	d.receiver = official(dossier.DutyDesk, dossier.Receiver)
	d.reviewer = official(dossier.DutyReviewer, dossier.Processor)
	d.leader = official(dossier.DutyLeader, dossier.Decider)
	return d
}

// communeOf is the code of a commune.
func communeOf(i int) string { return fmt.Sprintf("%05d", 5443+3*i) }

// deadlines are counted one after another: three working days with a pause, as a birth has.
func (r *dossierRun) deadlines(context.Context) error {
	days, err := calendar.BuiltIn()
	if err != nil {
		return err
	}
	const many = 200_000
	dice := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // the same each time
	begin := clock.MustDate("2026-01-05").Start()
	cases := make([]deadline.Case, 1000)
	for i := range cases {
		at := begin.Add(time.Duration(dice.IntN(300*24*60)) * time.Minute)
		cases[i] = deadline.Case{Rule: deadline.Rule{Limit: deadline.Limit{Value: 1 + dice.IntN(20), Unit: deadline.WorkingDay}}, Received: at}
		if i%3 == 0 {
			from := at.Add(time.Duration(1+dice.IntN(20)) * time.Hour)
			cases[i].Pauses = []deadline.Pause{{From: from, To: from.Add(time.Duration(1+dice.IntN(100)) * time.Hour)}}
		}
	}
	took := measure.Stopwatch()
	for i := range many {
		if _, err := deadline.Compute(days, cases[i%len(cases)]); err != nil {
			return err
		}
	}
	r.out.Sections = append(r.out.Sections, Section{Name: "deadline", Values: map[string]float64{"deadlines_per_second": perSecond(many, took())}})
	return nil
}

// load fills the database.
func (r *dossierRun) load(ctx context.Context) error {
	before, err := sizeOf(ctx, r.db)
	if err != nil {
		return err
	}
	took := measure.Stopwatch()
	if r.fill, err = fillDossiers(ctx, r.store, r.N); err != nil {
		return err
	}
	seconds := took()
	if _, err := r.db.ExecContext(ctx, "ANALYZE"); err != nil {
		return err
	}
	after, err := sizeOf(ctx, r.db)
	if err != nil {
		return err
	}
	r.out.Sections = append(r.out.Sections, Section{Name: "dossiers", Values: map[string]float64{
		"dossiers_per_second": perSecond(r.N, seconds), "seconds": seconds.Round(10 * time.Millisecond).Seconds(),
		"bytes_a_dossier": float64((after - before) / int64(max(1, r.N))), "actions": float64(r.fill.actions),
	}})
	return nil
}

// The acts of people, and how many of twenty are each.
var acts = []struct {
	name  string
	share int
}{{"worklist", 6}, {"open", 6}, {"search", 3}, {"submit", 3}, {"decide", 2}}

const shares = 20

// people act for a while. What an act needs is laid out before: its making is not measured.
func (r *dossierRun) people(ctx context.Context, name string, pause, long time.Duration) error {
	most := 5000 // without pauses
	if pause > 0 {
		most = int(2*float64(r.Users)*(long.Seconds()/pause.Seconds())) + r.Users
	}
	ready, err := r.fill.lay(ctx, r.store, most*3/shares, most*2/shares, r.desks)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	times := map[string][]time.Duration{}
	do := func(ctx context.Context, caller, n int) error {
		dice := rand.New(rand.NewPCG(uint64(caller), uint64(n))) //nolint:gosec // the same each time
		at := dice.IntN(shares)
		act := acts[0].name
		for _, a := range acts {
			if act = a.name; at < a.share {
				break
			}
			at -= a.share
		}
		run := r.act(act, dice, ready)
		took := measure.Stopwatch()
		err := run(ctx)
		mu.Lock()
		defer mu.Unlock()
		times[act] = append(times[act], took())
		return err
	}
	all := drive(ctx, name, measure.Load{Callers: r.Users, Pause: pause, Apart: min(pause, long/4), For: long}, nil, do)
	all.Values = map[string]float64{"cpu_ms": all.Values["cpu_ms_client"]}
	r.out.Sections = append(r.out.Sections, all)
	for _, a := range acts {
		if len(times[a.name]) == 0 {
			continue
		}
		f := measure.Of(times[a.name], long)
		f.Callers = r.Users
		r.out.Sections = append(r.out.Sections, Section{Name: name + "_" + a.name, Calls: &f})
	}
	if all.Calls.Errors > 0 {
		return fmt.Errorf("%d of %d acts failed, the first: %s", all.Calls.Errors, all.Calls.Calls+all.Calls.Errors, all.Calls.FirstErr)
	}
	return nil
}

// act is an act of somebody.
func (r *dossierRun) act(name string, dice *rand.Rand, ready *ready) func(ctx context.Context) error {
	w := r.world
	d := r.desks[r.fill.agency(dice)]
	officer := []actor.Actor{d.receiver, d.reviewer, d.leader}[dice.IntN(3)]
	switch name {
	case "submit":
		if draft, ok := ready.draft(); ok {
			return func(ctx context.Context) error {
				_, err := w.Submit(ctx, draft.who, draft.id, dossier.Filing{Version: 1, Key: draft.id, Notice: true})
				return err
			}
		}
	case "decide":
		if code, leader, ok := ready.decision(); ok {
			return func(ctx context.Context) error {
				v, err := w.Parts.Store.ByCode(ctx, code)
				if err != nil {
					return err
				}
				return w.Act(ctx, leader, &v, dossier.Approve, dossier.Said{})
			}
		}
	case "search":
		text := r.fill.sought(dice)
		return func(ctx context.Context) error {
			_, err := w.Search(ctx, officer, text, dossiertest.Purpose)
			return err
		}
	case "open":
		if code, ok := r.fill.open(dice, d.agency); ok {
			return func(ctx context.Context) error {
				_, err := w.Look(ctx, d.reviewer, code, dossiertest.Purpose)
				return err
			}
		}
	}
	page := dossier.Page{View: []string{"duty", "duty", "agency"}[dice.IntN(3)]}
	return func(ctx context.Context) error {
		_, err := w.WorkList(ctx, officer, page)
		return err
	}
}

// rates are those of all agencies over a year, and of one over a month.
func (r *dossierRun) rates(ctx context.Context) error {
	year := dossier.OnTimeQuery{From: clock.MustDate("2026-01-01"), To: clock.MustDate("2027-01-01"), Now: r.world.Clock.Now()}
	month := year
	month.From, month.Agencies = clock.MustDate("2026-11-01"), []string{r.desks[0].agency}
	for name, q := range map[string]dossier.OnTimeQuery{"ontime": year, "ontime_agency": month} {
		var t timing
		if err := t.oneByOne(5, func(int) error { _, err := r.store.OnTime(ctx, q); return err }); err != nil {
			return err
		}
		r.out.Sections = append(r.out.Sections, t.section(name, nil))
	}
	slices.SortStableFunc(r.out.Sections[len(r.out.Sections)-2:], func(a, b Section) int { return len(a.Name) - len(b.Name) })
	return nil
}

// verify reads the whole log of actions, and holds each dossier against it.
func (r *dossierRun) verify(ctx context.Context) error {
	chain := dossiersql.Chains(r.db)[0]
	took := measure.Stopwatch()
	got, err := chain.Check(ctx, ledger.Checks{})
	if err != nil {
		return err
	}
	if got.State != ledger.Whole {
		return fault.New(fault.Internal, got.Why, got.Args)
	}
	seconds := took()
	r.out.Sections = append(r.out.Sections, Section{Name: "verified", Values: map[string]float64{
		"actions": float64(got.Rows), "actions_per_second": perSecond(int(got.Rows), seconds), "seconds": seconds.Seconds(),
	}})
	return nil
}
