package bench

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"dean06/internal/app"
	"dean06/internal/org"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/measure"
	"dean06/internal/platform/node"
	"dean06/internal/platform/session"
	"dean06/internal/platform/sqldb"
	"dean06/internal/programme"
)

// Programme measures the pages of a board on which every ministry, province, district and
// commune has every task.
type Programme struct {
	Ground
	Program string // dean06 itself
	Tasks   int
	Users   int // at once
	For     time.Duration
	Step    func(section string)
}

// tasksGiven is the day on which the tasks were given: districts were there.
var tasksGiven = clock.MustDate("2022-10-01")

// Run fills a board and has users read it: those who pause as people do, and those who do
// not.
func (o Programme) Run(ctx context.Context) (out Result, err error) {
	if o.Dir == "" {
		if o.Dir, err = os.MkdirTemp("", "dean06-programme-"); err != nil {
			return out, err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(o.Dir)) }()
	}
	out = Result{Machine: measure.ThisMachine(), Engine: o.Engine()}
	var file string
	var visits []string
	var drop func(context.Context) error
	defer func() {
		if drop != nil { // also when it was stopped half-way
			err = errors.Join(err, drop(context.WithoutCancel(ctx)))
		}
	}()
	err = inSteps(ctx, o.Step, []step{
		{"programme_fill", func(ctx context.Context) (err error) {
			var s Section
			file, visits, s, drop, err = o.fill(ctx)
			if err != nil {
				return err
			}
			out.N = int(s.Values["unit_tasks"])
			out.Sections = append(out.Sections, s)
			return nil
		}},
		{"programme_read", func(ctx context.Context) error {
			list, err := o.read(ctx, file, visits)
			out.Sections = append(out.Sections, list...)
			return err
		}},
	})
	out.LoadAfter = measure.LoadAverage()
	return out, err
}

// fill makes the board's database and gives the configuration of a node on it, with the
// addresses that users read.
func (o Programme) fill(ctx context.Context) (file string, visits []string, s Section, drop func(context.Context) error, err error) {
	c, drop, err := o.config(ctx)
	if err != nil {
		return "", nil, s, nil, err
	}
	n, house, err := app.Open(ctx, app.Board, node.Settings{Config: c, Relaxed: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return "", nil, s, drop, err
	}
	took := measure.Stopwatch()
	units, err := o.load(ctx, house)
	if err == nil {
		s = Section{Name: "programme_fill", Values: map[string]float64{
			"tasks": float64(o.Tasks), "unit_tasks": float64(units), "seconds": took().Seconds(), "unit_tasks_per_second": float64(units) / took().Seconds(),
		}}
		err = n.Sessions.Seed(ctx, session.SeedAccount{Password: password, Draft: session.Draft{
			Login: login, Name: "Người Đo Tải", Email: "tai@dean06.example.vn", Roles: []string{programme.Leader},
		}})
	}
	if err := errors.Join(err, n.Close()); err != nil {
		return "", nil, s, drop, err
	}
	file = filepath.Join(o.Dir, "programme.toml")
	return file, o.pages(), s, drop, saved(file, c)
}

// load gives each task to every agency of the day, and tells what became of them: a third
// done, a third in hand, a few blocked.
func (o Programme) load(ctx context.Context, house *app.Modules) (units int, err error) {
	country := house.Org.Agencies()
	agencies := country.Of(tasksGiven, org.KindMinistry, org.KindProvince, org.KindDistrict, org.KindCommune)
	random := rand.New(rand.NewPCG(6, 40)) //nolint:gosec // no secret: the same tasks each time
	store := house.Programme.Store()
	decided := programme.Directive{ID: "d", Kind: programme.Decision, Number: "06/QĐ-TTg", Title: "Đề án 06", Issuer: "Thủ tướng Chính phủ", Day: tasksGiven}
	for i := range o.Tasks {
		t := programme.Task{
			ID: fmt.Sprintf("t%02d", i), Code: fmt.Sprintf("ĐT.%d", i+1), Title: fmt.Sprintf("Nhiệm vụ đo tải số %d", i+1), Directives: []string{"d"},
			Scope: programme.Scopes[i%2], Level: programme.Commune, Group: programme.Groups[i%len(programme.Groups)], Lead: "G01", From: tasksGiven,
			Due: tasksGiven.AddDays(600 + 53*i),
		}
		var past programme.Past
		if i == 0 {
			past.Add(tasksGiven, programme.Doc{Kind: programme.DirectiveDoc, ID: decided.ID, Directive: &decided})
		}
		past.Add(tasksGiven, programme.Doc{Kind: programme.TaskDoc, ID: t.ID, Task: &t})
		period, _ := t.PeriodOn(tasksGiven)
		for _, a := range agencies {
			origin, err := programme.Origin(country, nil, a.Code, tasksGiven)
			if err != nil {
				return units, err
			}
			u := programme.Give(&t, period, a.Code, programme.LevelOf(a.Kind()), origin)
			u.ID = sqldb.NewID()
			past.Give(&u, tasksGiven)
			day := tasksGiven.AddDays(30 * (1 + random.IntN(12)))
			switch random.IntN(9) {
			case 0, 1, 2:
				err = past.Goes(&u, programme.Done, day, 100, "", sqldb.NewID)
			case 3, 4, 5:
				err = past.Goes(&u, programme.Doing, day, random.IntN(99), "", sqldb.NewID)
			case 6:
				err = past.Goes(&u, programme.Blocked, day, 0, "Chưa bố trí kinh phí", sqldb.NewID)
			}
			if err != nil {
				return units, err
			}
			past.Units = append(past.Units, u)
		}
		units += len(past.Units)
		if err := store.Load(ctx, past, tasksGiven.Start()); err != nil {
			return units, err
		}
	}
	return units, nil
}

// pages are the addresses that users read: lists with filters, and roll-ups by everything in
// the geography of several years and as known on several days.
func (o Programme) pages() []string {
	const path = "/programme"
	out := []string{path, path + "?as_of=2023-06-30"}
	for _, by := range programme.Bys {
		for _, g := range []string{"", "&geography=2022-10-01", "&geography=2025-07-01"} {
			out = append(out, path+"/roll-up?by="+string(by)+g)
		}
		out = append(out, path+"/roll-up?as_of=2023-06-30&by="+string(by), path+"/roll-up?level=commune&by="+string(by))
	}
	for _, s := range programme.Standings {
		out = append(out, path+"/units?standing="+string(s))
		for _, more := range []string{"&origin=H55", "&origin=H26&level=commune", "&task=t07", "&level=district&task=t31", "&agency=H03"} {
			out = append(out, path+"/units?standing="+string(s)+more)
		}
	}
	// What few have, and pages far down a list: in the midst of a day, and at its end.
	for _, rare := range []string{
		"standing=blocked&level=ministry", "standing=overdue&level=province", "level=ministry&origin=G01", "month=2026-03&level=district",
		"standing=done&level=province&origin=H26", "after=2026-06-25_9", "standing=done&after=2026-06-25_9", "standing=blocked&after=2028-02-01_9",
		"standing=on_track&level=ministry&after=2029-01-01_9", "origin=H29&after=2029-06-01_9", "after=_9",
	} {
		out = append(out, path+"/units?"+rare)
	}
	for _, code := range []string{"H55", "H26", "G01", "H29"} {
		out = append(out, path+"/agencies/"+code)
	}
	return append(out, path+"/tasks", path+"/tasks/t03", path+"/units")
}

func (o Programme) read(ctx context.Context, file string, visits []string) (out []Section, err error) {
	b := Board{Ground: o.Ground, Program: o.Program, For: o.For}
	url, cost, stop, err := b.node(ctx, file)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	r, err := signedIn(ctx, url, login, password)
	if err != nil {
		return nil, err
	}
	visit := visitor(r.cookies(url))
	first, _, err := firstTime(ctx, url, visits, cost, visit)
	if err != nil {
		return nil, err
	}
	first.Name = "programme_first"
	out = append(out, first)
	for _, m := range []measure.Load{{Callers: 1}, {Callers: o.Users, Pause: time.Second}, {Callers: o.Users}} {
		out = append(out, b.crowd(ctx, "programme", url, m, cost, visit, visits))
	}
	return out, nil
}
