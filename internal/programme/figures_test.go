package programme_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/programme"
)

var texts = sync.OnceValue(func() *i18n.Catalogue {
	c, err := i18n.Load(programme.Messages)
	if err != nil {
		panic(err)
	}
	return c
})

func say() *i18n.Printer { return texts().In(i18n.Vi) }

// TestEachPublishedFigureOpens: each figure that is printed comes out of rows that can be
// opened, as many as it says, or stands as published with the reason; and it is of the same
// kind as what is printed.
func TestEachPublishedFigureOpens(t *testing.T) {
	t.Parallel()
	h := newHouse(t, sqldbtest.OpenSQLite(t))
	for _, p := range h.Published {
		f, rows, err := h.Behind(t.Context(), leader, p.Key, p.AsOf, say())
		if err != nil {
			t.Fatalf("%s: %v", p.Key, err)
		}
		if fmt.Sprintf("%T", f.Value) != fmt.Sprintf("%T", p.Value) || fmt.Sprint(f.Value) != fmt.Sprint(p.Value) || f.Approximate != p.Approximate || f.Differs {
			t.Errorf("%s: %v (%T), published %v (%T); %+v", p.Key, f.Value, f.Value, p.Value, p.Value, f)
		}
		if p.Of != nil && (f.Of == nil || *f.Of != *p.Of) {
			t.Errorf("%s: of %v, published of %d", p.Key, f.Of, *p.Of)
		}
		n := 0
		for i := range rows {
			n += rows[i].N
			if err := h.opens(t.Context(), &rows[i]); err != nil {
				t.Errorf("%s: %+v does not open: %v", p.Key, rows[i], err)
			}
		}
		if n != f.Rows || (n == 0) != f.AsPublished || n == 0 && f.Note == "" {
			t.Errorf("%s: %d rows: %+v", p.Key, n, f)
		}
		if as := f.AsPrinted(); fmt.Sprint(as.Value) != fmt.Sprint(p.Value) || as.Approximate != p.Approximate {
			t.Errorf("%s: printed %v", p.Key, as.Value)
		}
	}
}

// TestRowsAddUpToTheirFigure: what each row behind a figure says is taken of it makes the
// figure again, on any day; and rows that do not count are those that are left of the whole.
func TestRowsAddUpToTheirFigure(t *testing.T) {
	t.Parallel()
	h := newHouse(t, sqldbtest.OpenSQLite(t))
	for _, on := range []string{"2022-05-01", "2022-08-09", "2022-10-01", "2023-04-04", "2026-12-01"} {
		for i := range h.Parts.Figures {
			d := &h.Parts.Figures[i]
			f, rows, err := h.Behind(t.Context(), leader, d.Key, day(on), say())
			if err != nil {
				t.Fatalf("%s: %v", d.Key, err)
			}
			if f.Value == nil || d.From == programme.FromReadiness {
				continue
			}
			again, texts := 0, []string{}
			for _, r := range rows {
				switch what, _, _ := strings.Cut(string(d.Measure), ":"); what {
				case "sum":
					n, err := strconv.Atoi(r.Takes)
					if err != nil {
						t.Errorf("%s on %s: %s takes %q", d.Key, on, r.ID, r.Takes)
					}
					again += n
				case "rows":
					again += r.N
				default:
					texts = append(texts, r.Takes)
				}
			}
			if n, ok := f.Value.(int); ok && len(texts) == 0 && n != again {
				t.Errorf("%s on %s: %d, its rows make %d", d.Key, on, n, again)
			}
			if slices.Contains(texts, "") {
				t.Errorf("%s on %s: a row does not say what is taken of it: %q", d.Key, on, texts)
			}
			rest, err := h.Beyond(t.Context(), leader, d.Key, day(on))
			if err != nil || d.Measure == "rows" && f.Of != nil && len(rows)+len(rest) != *f.Of {
				t.Errorf("%s on %s: %d rows and %d more are not %v; %v", d.Key, on, len(rows), len(rest), f.Of, err)
			}
		}
	}
}

// opens opens a row behind a figure.
func (h house) opens(ctx context.Context, r *programme.Row) error {
	switch r.Kind {
	case programme.FromTasks:
		_, _, err := h.Task(ctx, leader, r.ID)
		return err
	case programme.FromDirectives:
		list, err := h.Versions(ctx, leader, programme.DirectiveDoc, r.ID)
		if err == nil && len(list) == 0 {
			err = fmt.Errorf("no versions")
		}
		return err
	case programme.FromUnits:
		list, err := h.UnitTasks(ctx, leader, programme.Filter{Tasks: []string{r.ID}, Origins: []string{r.Owner}}, programme.Cursor{}, 10)
		if err == nil && len(list) == 0 {
			err = fmt.Errorf("no unit tasks")
		}
		return err
	}
	_, _, err := h.Record(ctx, leader, r.ID)
	return err
}

// TestCertaintyStays: what was said as “more than” is so on every later day.
func TestCertaintyStays(t *testing.T) {
	t.Parallel()
	h := newHouse(t, sqldbtest.OpenSQLite(t))
	for key, about := range map[string]string{
		"identity.card_dossiers": "more", "identity.accounts": "nearly", "communication.items": "more", "communication.reports": "", "doses.not_entered": "about",
	} {
		for _, on := range []string{"2022-10-01", "2023-07-12", "2026-12-01"} {
			f, _, err := h.Behind(t.Context(), leader, key, day(on), say())
			if err != nil || f.About != about || f.Approximate != (about != "") {
				t.Errorf("%s on %s: %q, want %q; %v", key, on, f.About, about, err)
			}
		}
	}
}

// TestFiguresOfADay: those that were published of it, or else all; of a day that is to come
// as of today.
func TestFiguresOfADay(t *testing.T) {
	t.Parallel()
	h := newHouse(t, sqldbtest.OpenSQLite(t))
	ctx := t.Context()
	for on, n := range map[string]int{"2022-08-09": 30, "2022-08-08": len(h.Parts.Figures), "2022-10-01": 15, "2021-01-01": len(h.Parts.Figures)} {
		list, err := h.Figures(ctx, leader, day(on), say())
		if err != nil || len(list) != n {
			t.Errorf("on %s %d figures, want %d; %v", on, len(list), n, err)
		}
		for _, f := range list {
			if on == "2021-01-01" && (f.Value != nil || f.Of != nil || f.Rows != 0 || f.Note == "") {
				t.Errorf("on %s, before anything was known: %+v", on, f)
			}
		}
	}
	tomorrow, err := h.Figures(ctx, leader, day("2030-01-01"), say())
	if err != nil || tomorrow[0].AsOf != h.Today() {
		t.Errorf("%+v, %v", tomorrow[0], err)
	}
	if _, _, err = h.Behind(ctx, leader, "x", day("2022-08-09"), say()); fault.Of(err) != fault.NotFound {
		t.Errorf("%v", err)
	}
	findings, _, err := h.Behind(ctx, leader, "procedure_system.findings", day("2023-04-04"), say())
	if err != nil || len(findings.Said) != 3 || findings.Said[0].Vi == findings.Said[0].En {
		t.Errorf("codes are not named: %+v, %v", findings.Said, err)
	}
}

// TestWhatIsRecordedLaterIsNotKnownBefore: rows of an earlier day that come late, corrections,
// rows that were a mistake, tasks withdrawn and accepted: the figures of the days before stay.
func TestWhatIsRecordedLaterIsNotKnownBefore(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		ctx := t.Context()
		told := func(on clock.Date) []programme.Figure {
			list, err := h.Figures(ctx, leader, on, say())
			if err != nil {
				t.Fatal(err)
			}
			return list
		}
		days := append(h.PublishedDays(), day("2022-07-20"), day("2026-11-30"))
		before := map[clock.Date][]programme.Figure{}
		for _, d := range days {
			before[d] = told(d)
		}
		now := told(h.Today())
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		_, err := h.SaveRecord(ctx, coordinator, programme.Record{ // its day is earlier
			Kind: "law", Title: "Thông tư biết muộn", State: "to_amend", Owner: "G04", Since: day("2022-08-01"),
			Fields: map[string]string{"topic": "household_book", "number": "01/2021/TT", "provision": "nộp bản sao sổ hộ khẩu"},
		})
		must(err)
		var corrected, mistaken bool
		for _, kind := range []string{"reported", "connection"} {
			list, err := h.Records(ctx, coordinator, kind, programme.RecordFilter{})
			must(err)
			for _, r := range list {
				switch {
				case r.Fields["code"] == "identity.accounts":
					r.Fields = map[string]string{"code": r.Fields["code"], "value": "8000000", "approximate": "nearly", "source": r.Fields["source"]}
					_, err = h.SaveRecord(ctx, coordinator, r)
					corrected = true
				case kind == "connection" && !mistaken && r.State == "official":
					r.Gone = true
					_, err = h.SaveRecord(ctx, coordinator, r)
					mistaken = true
				}
				must(err)
			}
		}
		u := h.find(t, "tw-c1", "G01", "")
		if u.State != programme.Withdrawn {
			_, err = h.Act(ctx, coordinator, u.ID, u.Version, programme.Change{Act: programme.Reopen, Reason: "kiểm tra lại kết quả"})
			must(err)
		}
		if !corrected || !mistaken {
			t.Fatal("nothing was corrected")
		}
		for _, d := range days {
			if after := told(d); fmt.Sprint(values(after)) != fmt.Sprint(values(before[d])) {
				t.Errorf("of %s: %v, told before as %v", d, values(after), values(before[d]))
			}
		}
		if fmt.Sprint(values(told(h.Today()))) == fmt.Sprint(values(now)) {
			t.Error("nothing changed today")
		}
	})
}

func values(list []programme.Figure) []string {
	var out []string
	for _, f := range list {
		of := 0
		if f.Of != nil {
			of = *f.Of
		}
		out = append(out, fmt.Sprint(f.Key, "=", f.Value, "/", of, " ", f.Rows, " ", f.About))
	}
	return out
}

// TestWhatAnotherRegisterTells: the printed figure stands beside it, with the reason.
func TestWhatAnotherRegisterTells(t *testing.T) {
	t.Parallel()
	h := newHouse(t, sqldbtest.OpenSQLite(t))
	met := 0
	h.Readiness = func(_ context.Context, kind string, known clock.Date) (programme.Ready, error) {
		if known.Before(day("2023-02-22")) {
			return programme.Ready{}, nil
		}
		out := programme.Ready{Letter: "488"}
		for i, a := range h.Country().Of(day("2023-02-22"), programme.Ministry.Kinds()...)[:20] {
			out.Agencies = append(out.Agencies, programme.Answered{Code: a.Code, Met: i < met})
		}
		return out, nil
	}
	ask := func(on string) (programme.Figure, []programme.Row) {
		f, rows, err := h.Behind(t.Context(), leader, "readiness.ministries_all", day(on), say())
		if err != nil {
			t.Fatal(err)
		}
		return f, rows
	}
	f, rows := ask("2023-05-22")
	if f.Value != 5 || *f.Of != 20 || !f.Differs || !f.AsPublished || f.Computed != 0 || *f.ComputedOf != 20 || len(rows) != 20 || f.Rows != 20 {
		t.Errorf("it told otherwise: %+v", f)
	}
	if f, rows := ask("2023-05-21"); f.Value != 0 || *f.Of != 20 || f.AsPublished || len(rows) != 20 {
		t.Errorf("on a day of which nothing was printed: %+v", f)
	}
	if f, _ := ask("2023-02-21"); f.Value != nil || f.Of != nil {
		t.Errorf("before anybody answered: %+v", f)
	}
	met = 5
	f, rows = ask("2023-05-22")
	some := slices.ContainsFunc(rows, func(r programme.Row) bool { return r.State == programme.StateMet })
	if f.Value != 5 || f.Differs || f.AsPublished || f.Rows != 20 || !some {
		t.Errorf("it tells the same: %+v", f)
	}
}
