package orgsql_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"dean06/data"
	"dean06/internal/org"
	"dean06/internal/org/orgsql"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

// ticking is a clock that moves on by a second each time it is read, so that
// what is recorded one after the other is known one after the other.
type ticking struct {
	mu  sync.Mutex
	now time.Time
}

func (c *ticking) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(time.Second)
	return c.now
}

func newClock() *ticking { return &ticking{now: time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)} }

// dates lets cmp look at days as whole values.
var dates = cmpopts.EquateComparable(clock.Date{})

func on(day string) orgsql.Moment { return orgsql.On(clock.MustDate(day)) }

// seeded loads the reference data, which takes half a second: the tests that
// only read share one register.
func seeded(t *testing.T, db *sqldb.DB) *orgsql.Store {
	t.Helper()
	ctx := context.Background()
	if err := audit.Migrate(ctx, db); err != nil {
		t.Fatal(err)
	}
	s := orgsql.New(db, newClock())
	if err := s.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second finds it loaded
		if err := s.Seed(ctx, data.FS); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestReading(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		s := seeded(t, db)
		for name, test := range map[string]func(*testing.T, *orgsql.Store){
			"units": testUnits, "search": testSearch, "events": testEvents, "lineage": testLineage,
			"directory": testDirectory, "respondents": testRespondents,
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				test(t, s)
			})
		}
	})
}

func testUnits(t *testing.T, s *orgsql.Store) {
	ctx := context.Background()
	for _, want := range []org.Counts{
		{Date: clock.MustDate("2021-10-31")},
		{Date: clock.MustDate("2022-10-01"), Provinces: 63, Districts: 705, Communes: 10599},
		{Date: clock.MustDate("2025-06-30"), Provinces: 63, Districts: 696, Communes: 10035},
		{Date: clock.MustDate("2025-07-01"), Provinces: 34, Districts: 0, Communes: 3321},
	} {
		got, err := s.Counts(ctx, orgsql.On(want.Date))
		if err != nil || got != want {
			t.Errorf("got %+v, %v; want %+v", got, err, want)
		}
	}

	u, err := s.Unit(ctx, "00004", on("2022-10-01"))
	if err != nil || u.Name != "Phường Trúc Bạch" {
		t.Errorf("00004 in 2022: %+v, %v", u, err)
	}
	u, err = s.Unit(ctx, "00004", on("2025-07-01"))
	if err != nil || u.Name != "Phường Ba Đình" || u.ID == "C00004" {
		t.Errorf("00004 in 2025: %+v, %v", u, err)
	}
	if _, err = s.Unit(ctx, "001", on("2025-07-01")); fault.Of(err) != fault.NotFound {
		t.Errorf("a district in 2025: %v", err)
	}

	for _, c := range []struct {
		code, day string
		n         int
	}{{"01", "2022-10-01", 31}, {"001", "2022-10-01", 14}, {"01", "2025-07-01", 127}} { // 30 districts or 126 communes, and the committee
		got, err := s.Children(ctx, c.code, on(c.day))
		if err != nil || len(got) != c.n {
			t.Errorf("children of %s on %s: %d, %v; want %d", c.code, c.day, len(got), err, c.n)
		}
	}
}

func testSearch(t *testing.T, s *orgsql.Store) {
	ctx := context.Background()
	for _, c := range []struct{ text, day, codes string }{
		{"thái nguyên", "2022-10-01", "12910 164 19"}, // a commune elsewhere, the city, the province
		{"TỈNH THÁI NGUYÊN", "2022-10-01", "19"},
		{"dai tu", "2022-10-01", "09067 171"}, // Đại Tự and Đại Từ,
		{"hoà  bình", "2025-07-01", "04795 11533 27211 29830 31891"},
		{"", "2025-07-01", ""},
		{"không có đâu", "2025-07-01", ""},
	} {
		got, err := s.SearchUnits(ctx, c.text, on(c.day), 10)
		var codes []string
		for _, v := range got {
			codes = append(codes, v.Code)
		}
		if err != nil || strings.Join(codes, " ") != c.codes {
			t.Errorf("search %q on %s: %v, %v; want %s", c.text, c.day, got, err, c.codes)
		}
	}
}

func testEvents(t *testing.T, s *orgsql.Store) {
	ctx := context.Background()
	seen, last := map[string]bool{}, ""
	for {
		es, err := s.Events(ctx, last, 300)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range es {
			if seen[e.ID] {
				t.Fatalf("event %s is listed twice", e.ID)
			}
			seen[e.ID] = true
			last = e.ID
		}
		if len(es) < 300 {
			break
		}
	}

	h, err := org.ReadHistory(data.FS)
	if err != nil {
		t.Fatal(err)
	}
	if len(seen) != len(h.Events) {
		t.Errorf("%d events are listed, want %d", len(seen), len(h.Events))
	}
}

// The store's lineage is the graph's over everything.
func testLineage(t *testing.T, s *orgsql.Store) {
	ctx := context.Background()
	h, err := org.ReadHistory(data.FS)
	if err != nil {
		t.Fatal(err)
	}
	g := org.NewGraph(*h)
	for _, c := range [][3]string{
		{"19", "2022-10-01", "2025-07-01"},
		{"19", "2025-07-01", "2022-10-01"},
		{"H55", "2022-10-01", "2026-01-01"},
		{"H03", "2022-10-01", "2026-01-01"},
		{"G07", "2022-10-01", "2026-01-01"},
		{"G17", "2022-10-01", "2026-01-01"},
		{"00142", "2022-10-01", "2025-07-01"},
		{"474", "2022-10-01", "2025-06-30"},
		{"001", "2022-10-01", "2025-07-01"},
		{"00004", "2025-07-01", "2022-10-01"},
		{"75", "2026-01-01", "2026-11-21"},
	} {
		from, to := clock.MustDate(c[1]), clock.MustDate(c[2])
		got, err := s.Lineage(ctx, c[0], from, to)
		if err != nil {
			t.Fatal(err)
		}
		v, _ := g.ByCode(c[0], from)
		if d := cmp.Diff(g.Lineage(v.ID, from, to), got, dates); d != "" {
			t.Errorf("lineage of %v (-graph +store):\n%s", c, d)
		}
	}
	if _, err := s.Lineage(ctx, "99", clock.MustDate("2022-10-01"), clock.MustDate("2025-07-01")); fault.Of(err) != fault.NotFound {
		t.Errorf("lineage of an unknown code: %v", err)
	}
}

func testDirectory(t *testing.T, s *orgsql.Store) {
	ctx := context.Background()
	h, err := org.ReadHistory(data.FS)
	if err != nil {
		t.Fatal(err)
	}
	d, err := s.Directory(ctx)
	if err != nil {
		t.Fatal(err)
	}
	want := org.NewDirectory(*h)
	for _, day := range []string{"2022-12-01", "2025-04-01", "2026-11-21"} {
		if diff := cmp.Diff(want.Agencies(clock.MustDate(day)), d.Agencies(clock.MustDate(day)), dates); diff != "" {
			t.Errorf("agencies on %s (-reference +store):\n%s", day, diff)
		}
	}
	f := org.Find(d, "Sở TT&TT tỉnh Bắc Kạn", clock.MustDate("2026-11-21"))
	if !f.Sure || f.Matches[0].Agency.Code != "H55" || !f.Matches[0].Part {
		t.Errorf("found %+v", f)
	}
}

func testRespondents(t *testing.T, s *orgsql.Store) {
	ctx := context.Background()
	all, err := s.Respondents(ctx, on("2022-10-01"), org.Ministry, org.Ministerial, org.Committee, org.District, org.Commune)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 11389 {
		t.Errorf("%d respondents in 2022, want 11,389", len(all))
	}
	codes := map[string]bool{}
	for _, a := range all {
		if _, _, ok := org.ParseCode(a.Code); !ok || codes[a.Code] {
			t.Errorf("code %q is no code or taken twice", a.Code)
		}
		codes[a.Code] = true
	}
	later, err := s.Respondents(ctx, on("2025-07-01"), org.Committee, org.District, org.Commune)
	if err != nil || len(later) != 34+3321 {
		t.Errorf("%d respondents in 2025, %v; want 3,355", len(later), err)
	}
	for _, want := range []org.Agency{
		{
			ID: "C05869", Code: "H55.C05869", Name: "UBND phường Hồng Tiến", Level: org.Commune, Province: "19",
			Place: "thành phố Phổ Yên, tỉnh Thái Nguyên",
		},
		{ID: "D172", Code: "H55.D172", Name: "UBND thành phố Phổ Yên", Level: org.District, Province: "19", Place: "tỉnh Thái Nguyên"},
		{ID: "AH55", Code: "H55", EDoc: "000.00.00.H55", Name: "UBND tỉnh Thái Nguyên", Level: org.Committee, Province: "19"},
		{ID: "AG14", Code: "G14", EDoc: "000.00.00.G14", Name: "Bộ Thông tin và Truyền thông", Abbr: "BTTTT", Level: org.Ministry},
	} {
		got, err := s.Respondent(ctx, want.Code, on("2022-10-01"))
		if d := cmp.Diff(want, got, dates); err != nil || d != "" {
			t.Errorf("%s: %v\n%s", want.Code, err, d)
		}
		if !slices.Contains(all, want) {
			t.Errorf("%s is not in the list as %+v", want.Code, want)
		}
	}
	for _, code := range []string{"H54.C05869", "H55.C99999", "H55.D05869", "05869", "19", "H99", ""} {
		if a, err := s.Respondent(ctx, code, on("2022-10-01")); fault.Of(err) != fault.NotFound {
			t.Errorf("%q: %+v, %v; want not found", code, a, err)
		}
	}
	// However long it is gone, the last that bore the code is found.
	for code, want := range map[string]string{
		"H55.D172":   "UBND thành phố Phổ Yên, tỉnh Thái Nguyên",
		"H55.C05869": "UBND phường Hồng Tiến, thành phố Phổ Yên, tỉnh Thái Nguyên",
		"G14":        "Bộ Thông tin và Truyền thông",
		"H55":        "UBND tỉnh Thái Nguyên",
	} {
		if got, err := s.LastRespondent(ctx, code); err != nil || got.FullName() != want {
			t.Errorf("last of %s: %q, %v; want %q", code, got.FullName(), err, want)
		}
	}
	for _, code := range []string{"H54.C05869", "H55.C99999", "H99", ""} {
		if a, err := s.LastRespondent(ctx, code); fault.Of(err) != fault.NotFound {
			t.Errorf("last of %q: %+v, %v; want not found", code, a, err)
		}
	}
}

func mustChildren(t *testing.T, s *orgsql.Store, code, day string) []org.Version {
	t.Helper()
	vs, err := s.Children(context.Background(), code, on(day))
	if err != nil {
		t.Fatal(err)
	}
	return vs
}

func TestApplyRewritesNothing(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := context.Background()
		c := newClock()
		seeded(t, db)
		s := orgsql.New(db, c)
		before := c.Now()
		day := "2027-01-01"
		merge := org.Edit{
			Kind: org.Merged, On: clock.MustDate(day), Basis: "9/2026/QH16", By: "quản trị", Codes: []string{"08", "19"},
			New: []org.NewUnit{{Level: org.Province, Code: "19", Name: "Tỉnh Việt Bắc"}},
		}
		was, err := s.Units(ctx, on(day))
		if err != nil {
			t.Fatal(err)
		}
		communes, err := s.Children(ctx, "08", on(day))
		if err != nil {
			t.Fatal(err)
		}
		// The provinces and their communes; the committees are merged by an edit of their own.
		plan, err := s.Preview(ctx, merge)
		if err != nil || len(plan.Superseded) != 2+len(communes)-1+len(mustChildren(t, s, "19", day))-1 {
			t.Errorf("preview: %d superseded, %v", len(plan.Superseded), err)
		}
		event, err := s.Apply(ctx, merge)
		if err != nil {
			t.Fatal(err)
		}
		log, err := audit.Find(ctx, db, audit.Filter{Action: "org.merged"})
		if err != nil || len(log) != 1 || log[0].Subject.ID != event.ID || log[0].Details["codes"] != "08,19" {
			t.Errorf("audit log: %+v, %v", log, err)
		}
		got, err := s.Event(ctx, event.ID)
		if d := cmp.Diff(event, got, dates); err != nil || d != "" {
			t.Errorf("event: %v\n%s", err, d)
		}

		// The country of that day, as known now and as known before.
		for _, m := range []struct {
			orgsql.Moment
			provinces int
		}{{on(day), 33}, {on("2026-12-31"), 34}, {orgsql.Moment{On: clock.MustDate(day), Known: before}, 34}} {
			n, err := s.Counts(ctx, m.Moment)
			if err != nil || n.Provinces != m.provinces || n.Communes != 3321 {
				t.Errorf("%+v: %+v, %v", m, n, err)
			}
		}
		then, err := s.Units(ctx, orgsql.Moment{On: clock.MustDate(day), Known: before})
		if d := cmp.Diff(was, then, dates); err != nil || d != "" {
			t.Errorf("what was known has changed: %v\n%s", err, d)
		}
		moved, err := s.Children(ctx, "19", on(day))
		if err != nil || len(moved) < len(communes) {
			t.Errorf("%d units under the new province, %v", len(moved), err)
		}
		l, err := s.Lineage(ctx, "02", clock.MustDate("2022-10-01"), clock.MustDate(day))
		if err != nil || len(l.Units) != 1 || l.Units[0].Name != "Tỉnh Việt Bắc" || l.Units[0].Relation != org.RelMerged || len(l.Events) != 2 {
			t.Errorf("Hà Giang in 2027: %+v, %v", l, err)
		}
		h, err := s.History(ctx, "P08.20250701")
		if err != nil || len(h) != 2 || h[0].KnownTo.IsZero() || !h[0].To.IsZero() || h[1].To != clock.MustDate(day) || !h[1].KnownTo.IsZero() {
			t.Errorf("history of province 08: %+v, %v", h, err)
		}

		// The same again is refused and leaves nothing behind.
		if _, err := s.Apply(ctx, merge); fault.Of(err) != fault.Conflict {
			t.Errorf("the same merger again: %v", err)
		}
		if _, err := s.Apply(ctx, org.Edit{
			Kind: org.Created, On: clock.MustDate(day), Basis: "x",
			New: []org.NewUnit{{Level: org.Ministry, Code: "G40", Name: "Bộ Thử", Abbr: "BTH", Aliases: []string{"Thử nghiệm"}}},
		}); err != nil {
			t.Fatal(err)
		}
		d, err := s.Directory(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"bo thu", "BTH", "THỬ NGHIỆM", "G40"} {
			if f := org.Find(d, name, clock.MustDate(day)); !f.Sure || f.Matches[0].Agency.Code != "G40" {
				t.Errorf("%q: %+v", name, f)
			}
		}
		if _, ok := d.Agency("G40", clock.MustDate("2026-12-31")); ok {
			t.Error("a ministry is there before it was made")
		}

		// Several administrators edit one unit at once: one wins, the others are told.
		errs := make([]error, 4)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() {
				_, errs[i] = s.Apply(ctx, org.Edit{
					Kind: org.Renamed, On: clock.MustDate("2027-01-01"), Basis: "x",
					Codes: []string{"G01"}, Name: "Bộ Công an " + strings.Repeat("I", i+1),
				})
			})
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			switch {
			case err == nil:
				won++
			case fault.Of(err) != fault.Conflict:
				t.Errorf("got %v, want a conflict", err)
			}
		}
		if won != 1 {
			t.Errorf("%d edits were accepted, want 1: %v", won, errors.Join(errs...))
		}
	})
}
