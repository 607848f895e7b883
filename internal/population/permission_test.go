package population_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/population"
)

// shut is a store that must not be reached, but by the log of what was refused.
type shut struct {
	population.Store
	refused []population.Entry
}

func (s *shut) Log(_ context.Context, e population.Entry) error {
	s.refused = append(s.refused, e)
	return nil
}

var testNumber = citizen.MustNumber("001090000001")

// calls are all methods of the register that read or write, each with the action that
// the desk needs for it.
var calls = []struct {
	name   string
	action population.Action
	do     func(ctx context.Context, r *population.Register, in population.Inquiry) error
}{
	{"Match", population.LookUp, func(ctx context.Context, r *population.Register, in population.Inquiry) error {
		_, err := r.Match(ctx, in, []population.Claim{{Key: population.Key{Number: testNumber}}})
		return err
	}},
	{"Facts", population.LookUp, func(ctx context.Context, r *population.Register, in population.Inquiry) error {
		_, err := r.Facts(ctx, in, population.Key{Number: testNumber}, nil)
		return err
	}},
	{"Household", population.LookUp, func(ctx context.Context, r *population.Register, in population.Inquiry) error {
		_, err := r.Household(ctx, in, population.Key{Number: testNumber})
		return err
	}},
	{"Residence", population.LookUp, func(ctx context.Context, r *population.Register, in population.Inquiry) error {
		_, err := r.Residence(ctx, in, population.Key{Number: testNumber})
		return err
	}},
	{"Search", population.LookUp, func(ctx context.Context, r *population.Register, in population.Inquiry) error {
		_, err := r.Search(ctx, in, population.Query{Text: "nguyen van thu"})
		return err
	}},
	{"View", population.LookUp, func(ctx context.Context, r *population.Register, in population.Inquiry) error {
		_, err := r.View(ctx, in, testNumber)
		return err
	}},
	{"At", population.LookUp, func(ctx context.Context, r *population.Register, in population.Inquiry) error {
		_, err := r.At(ctx, in, testNumber, clock.Date{}, time.Time{})
		return err
	}},
	{"RequestList", population.Answer, func(ctx context.Context, r *population.Register, in population.Inquiry) error {
		_, err := r.RequestList(ctx, in, population.ListQuery{Kind: population.ListBySex, Code: "1"})
		return err
	}},
	{"Lists", population.Answer, func(ctx context.Context, r *population.Register, in population.Inquiry) error {
		_, err := r.Lists(ctx, in, "", 1)
		return err
	}},
	{"ListStatus", population.Answer, func(ctx context.Context, r *population.Register, in population.Inquiry) error {
		_, err := r.ListStatus(ctx, in, "l")
		return err
	}},
	{"ListRecords", population.Answer, func(ctx context.Context, r *population.Register, in population.Inquiry) error {
		_, err := r.ListRecords(ctx, in, "l", citizen.Number{}, 1)
		return err
	}},
	{"ListFile", population.Answer, func(ctx context.Context, r *population.Register, in population.Inquiry) error {
		return r.ListFile(ctx, in, "l", &bytes.Buffer{})
	}},
	{"DeleteList", population.Answer, func(ctx context.Context, r *population.Register, in population.Inquiry) error {
		return r.DeleteList(ctx, in, "l")
	}},
	{"Usage", population.Answer, func(ctx context.Context, r *population.Register, in population.Inquiry) error {
		_, err := r.Usage(ctx, in, testNumber, population.Period{}, "", 1)
		return err
	}},
	{"UsagePeriod", population.Answer, func(ctx context.Context, r *population.Register, in population.Inquiry) error {
		_, err := r.UsagePeriod(ctx, in)
		return err
	}},
	{"Record", population.Record, func(ctx context.Context, r *population.Register, in population.Inquiry) error {
		_, err := r.Record(ctx, in.By, population.Event{Kind: population.Death, Number: testNumber})
		return err
	}},
	{"Preview", population.Record, func(ctx context.Context, r *population.Register, in population.Inquiry) error {
		_, err := r.Preview(ctx, in, population.Event{Kind: population.Death, Number: testNumber})
		return err
	}},
	{"Own", population.ReadOwn, func(ctx context.Context, r *population.Register, in population.Inquiry) error {
		_, err := r.Own(ctx, in.By)
		return err
	}},
	{"Lookups", population.ReadOwn, func(ctx context.Context, r *population.Register, in population.Inquiry) error {
		_, err := r.Lookups(ctx, in.By, "", 1)
		return err
	}},
	{"Object", population.ReadOwn, func(ctx context.Context, r *population.Register, in population.Inquiry) error {
		return r.Object(ctx, in.By, "1", "x")
	}},
	{"ObjectionsOf", population.ReadOwn, func(ctx context.Context, r *population.Register, in population.Inquiry) error {
		_, err := r.ObjectionsOf(ctx, in.By)
		return err
	}},
	{"Curiosity", population.Audit, func(ctx context.Context, r *population.Register, in population.Inquiry) error {
		_, err := r.Curiosity(ctx, in.By, time.Time{}, time.Time{})
		return err
	}},
	{"OfficerLookups", population.Audit, func(ctx context.Context, r *population.Register, in population.Inquiry) error {
		_, err := r.OfficerLookups(ctx, in.By, "H55", "x", population.Period{}, "", 1)
		return err
	}},
	{"Objections", population.Audit, func(ctx context.Context, r *population.Register, in population.Inquiry) error {
		_, err := r.Objections(ctx, in.By, true, "", 1)
		return err
	}},
	{"AnswerObjection", population.Audit, func(ctx context.Context, r *population.Register, in population.Inquiry) error {
		return r.AnswerObjection(ctx, in.By, "o", "x")
	}},
	{"VerifyLog", population.Verify, func(ctx context.Context, r *population.Register, in population.Inquiry) error {
		_, err := r.VerifyLog(ctx, in.By)
		return err
	}},
	{"Load", population.Load, func(ctx context.Context, r *population.Register, in population.Inquiry) error {
		_, err := r.Load(ctx, strings.NewReader("number,name,birth,sex\n"), population.LoadOptions{Actor: in.By})
		return err
	}},
	{"RequestExport", population.RequestExport, func(ctx context.Context, r *population.Register, in population.Inquiry) error {
		_, err := r.RequestExport(ctx, in.By, population.ExportRequest{Purpose: "x"})
		return err
	}},
	{"Exports", population.RequestExport, func(ctx context.Context, r *population.Register, in population.Inquiry) error {
		_, err := r.Exports(ctx, in.By, 1)
		return err
	}},
	{"Export", population.ExportFile, func(ctx context.Context, r *population.Register, in population.Inquiry) error {
		_, err := r.Export(ctx, in.By, "q", &bytes.Buffer{})
		return err
	}},
	{"Statistics", population.Count, func(ctx context.Context, r *population.Register, in population.Inquiry) error {
		_, err := r.Statistics(ctx, in.By)
		return err
	}},
}

// TestEveryMethodAsksTheTable: whom no row lets through reaches no store, and whom a row
// does is let through to it.
func TestEveryMethodAsksTheTable(t *testing.T) {
	t.Parallel()
	as := func(roles ...string) actor.Actor {
		return actor.Actor{Account: "a-1", Login: "001090000001", Name: "Hoàng Thị Quản Trị", Roles: roles, Via: actor.Password}
	}
	through := population.ThroughExchange("VN/GOV/H55/TTHC", "H55", "canbo.test")
	people := map[string]actor.Actor{
		"nobody": {}, "a registrar": as(population.Registrar), "an auditor": as(population.Auditor),
		"an administrator": as(population.Administrator),
		"a citizen":        as(population.Citizen), "an account that says it has a right": as(population.RightHolder),
		"the command line": {Account: "os:lan", Via: actor.Command}, "the exchange": through, "the exchange without a right": through,
	}
	for who, a := range people {
		for _, c := range calls {
			t.Run(who+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				store := &shut{}
				r := population.New(population.Parts{Store: store, Units: units(), Clock: clock.Fixed(time.Unix(1_800_000_000, 0)), NewID: sqldb.NewID})
				in := population.Inquiry{By: a, Client: "VN/GOV/H55/TTHC", Granted: []population.Field{population.AllFields}}
				if who == "the exchange without a right" {
					in.Granted = nil
				}
				err, reached := attempt(func() error { return c.do(t.Context(), r, in) })
				want := mayCall(c.action, who, a)
				refused := fault.Of(err) == fault.Unsigned || fault.Of(err) == fault.Denied && !population.IsUnbound(err)
				if want == refused || !want && reached {
					t.Errorf("%v, store reached: %v; want it allowed: %v", err, reached, want)
				}
				for _, e := range store.refused {
					if e.Outcome != population.Refused || len(e.Subjects) > 0 {
						t.Errorf("logged as %+v", e)
					}
				}
			})
		}
	}
}

// mayCall says who may, once more and in other words than the table.
func mayCall(action population.Action, who string, a actor.Actor) bool {
	row, _ := population.Permissions.Row(action)
	switch who {
	case "the exchange":
		return action == population.LookUp || action == population.Answer
	case "the command line":
		return row.Command
	case "a citizen":
		return action == population.ReadOwn
	case "nobody", "the exchange without a right", "an account that says it has a right":
		return false
	}
	return a.Has(row.Roles...)
}

// attempt calls f; that it reached the store that is not there shows as a panic.
func attempt(f func() error) (err error, reached bool) { //nolint:revive // the error is what is asked about first
	defer func() { reached = recover() != nil }()
	return f(), false
}
