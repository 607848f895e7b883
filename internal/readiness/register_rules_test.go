package readiness_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/readiness"
)

func TestReportSymbol(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]string{
		"488/BTTTT-CĐSQG": "BC-BTTTT", "12/BC-UBND": "BC-BC", "7/BCA": "BC-BCA", "15": "BC", "": "BC",
	} {
		if got := (readiness.Campaign{Number: number}).ReportSymbol(); got != want {
			t.Errorf("%q: %s, want %s", number, got, want)
		}
	}
}

func TestHowLongALetterIsChased(t *testing.T) {
	t.Parallel()
	c := readiness.Campaign{Due: clock.MustDate("2023-02-28")}
	for day, want := range map[string]bool{"2023-02-16": true, "2023-02-28": true, "2023-05-31": true, "2023-06-01": false} {
		if got := c.ChasedOn(clock.MustDate(day)); got != want {
			t.Errorf("on %s: %v, want %v", day, got, want)
		}
	}
}

func TestDueReminders(t *testing.T) {
	t.Parallel()
	o := onSQLite(t)
	ctx := t.Context()
	c, err := o.Campaign(ctx, coordinator, "488")
	if err != nil {
		t.Fatal(err)
	}
	last := c.Schedule[len(c.Schedule)-1]
	day := last.Day(c.Due)
	due := func(on clock.Date) (agencies []string) {
		t.Helper()
		list, err := o.DueReminders(ctx, system, on)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range list {
			if d.Campaign == "488" && d.Step != last.Key() {
				t.Errorf("step %s is due, want %s", d.Step, last.Key())
			}
			if d.Campaign == "488" {
				agencies = append(agencies, d.Agency)
			}
		}
		return agencies
	}
	all := len(due(day))
	if all == 0 {
		t.Fatal("nobody is reminded")
	}
	none := func(readiness.Tx) error { return nil }
	if fresh, err := o.Remind(ctx, system, "488", "H55", last.Key(), "email", none); err != nil || !fresh {
		t.Fatalf("reminded: %v, %v", fresh, err)
	}
	if got := len(due(day)); got != all-1 {
		t.Errorf("%d are reminded after one was, want %d", got, all-1)
	}
	if got := due(c.Due.AddDays(93)); got != nil {
		t.Errorf("an old letter is still chased: %v", got)
	}
	sent, err := o.Reminders(ctx, leader, "488")
	if err != nil || len(sent) != 1 || sent[0].By != system.Account {
		t.Errorf("sent %+v, %v", sent, err)
	}
}

func TestWhatAReminderSays(t *testing.T) {
	t.Parallel()
	o := onSQLite(t)
	ctx := t.Context()
	if _, err := o.Reminding(ctx, coordinator, "488", "Z99"); fault.Of(err) != fault.NotFound {
		t.Errorf("an agency that is not there: %v", err)
	}
	draft := whole(t, "x")
	draft.Contact.FullName = ""
	if _, err := o.Save(ctx, focal, "488", "H55", draft, 0); err != nil {
		t.Fatal(err)
	}
	r, err := o.Reminding(ctx, coordinator, "488", "H55")
	if err != nil || r.State != readiness.Drafted || len(r.Missing) != 1 || r.Missing[0].Field != "contact.full_name" {
		t.Errorf("of a draft without a name: %+v, %v", r, err)
	}
	if r.Named != (readiness.Contact{}) {
		t.Error("a draft names somebody to write to")
	}
	// A return to the letter before names the focal point until one to this letter does.
	if _, err := o.SubmitReturn(ctx, elsewhere, "488", "H04", ofAgency(t, "488"), readiness.ByAPI); err != nil {
		t.Fatal(err)
	}
	if r, err = o.Reminding(ctx, coordinator, "1877", "H04"); err != nil || r.Named.FullName == "" {
		t.Errorf("nobody is named in the round after: %+v, %v", r.Named, err)
	}
}

// ofAgency is a whole return that says nothing of its heading.
func ofAgency(t *testing.T, note string) readiness.Return {
	t.Helper()
	ret := whole(t, note)
	ret.Heading = ""
	return ret
}

func TestAddressees(t *testing.T) {
	t.Parallel()
	valid := func(email string) (string, bool) { return strings.TrimSpace(email), strings.Contains(email, "@") }
	r := readiness.Reminding{Agency: country[2], Named: readiness.Contact{FullName: "Lê Mẫu", Email: "B@tinh.example.vn"}}
	tests := []struct {
		name     string
		accounts []readiness.Addressee
		named    string
		want     []readiness.Addressee
	}{
		{
			name: "accounts first, then who is named", named: "le@tinh.example.vn",
			accounts: []readiness.Addressee{{Name: "A", Email: "a@tinh.example.vn"}},
			want:     []readiness.Addressee{{Name: "A", Email: "a@tinh.example.vn"}, {Name: "Lê Mẫu", Email: "le@tinh.example.vn"}},
		},
		{
			name: "each address once", named: "B@tinh.example.vn",
			accounts: []readiness.Addressee{{Name: "B", Email: "b@tinh.example.vn"}},
			want:     []readiness.Addressee{{Name: "B", Email: "b@tinh.example.vn"}},
		},
		{
			name: "no address that is none", named: "không có",
			accounts: []readiness.Addressee{{Name: "A", Email: ""}, {Name: "B", Email: " b@tinh.example.vn"}},
			want:     []readiness.Addressee{{Name: "B", Email: "b@tinh.example.vn"}},
		},
		{name: "nobody", named: "không có"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := r
			r.Named.Email = tt.named
			got, err := r.Addressees(tt.accounts, valid)
			if (err != nil) != (tt.want == nil) || err != nil && fault.As(err).Key != "readiness.chase.no_address" {
				t.Error(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestWaiting(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		o := newOffice(t, db)
		ctx := t.Context()
		waits := func(who actor.Actor) map[string]int {
			t.Helper()
			list, err := o.Waiting(ctx, who)
			if err != nil {
				t.Fatal(err)
			}
			out := map[string]int{}
			for i, w := range list {
				out[string(w.Kind)+" "+w.Campaign.ID] += w.Count
				if i > 0 && w.Campaign.Due.Before(list[i-1].Campaign.Due) {
					t.Error("what is due first does not stand first")
				}
			}
			return out
		}
		want := func(who actor.Actor, want map[string]int) {
			t.Helper()
			if diff := cmp.Diff(want, waits(who)); diff != "" {
				t.Errorf("for %s (-want +got):\n%s", who.Account, diff)
			}
		}
		want(coordinator, map[string]int{})
		want(focal, map[string]int{"return 488": 1, "return 1877": 1})
		want(leader, map[string]int{})

		unknown := whole(t, "x")
		unknown.Heading = "Cơ quan không có"
		o.takeIn(file("x.docx", unknown))
		if _, err := o.SubmitReturn(ctx, focal, "488", "H55", whole(t, "web"), readiness.ByWeb); err != nil {
			t.Fatal(err)
		}
		unsure := whole(t, "y")
		unsure.Heading, unsure.Contact.FullName = "UBND tỉnh Bạc Liêu", ""
		o.takeIn(file("y.docx", unsure))
		want(coordinator, map[string]int{"files 488": 1, "ready 488": 1, "unsure 488": 1})
		want(reviewer, map[string]int{"ready 488": 1, "unsure 488": 1}) // whose file it is, the coordinator says
		want(focal, map[string]int{"return 1877": 1})

		if _, err := o.SendBack(ctx, reviewer, "488", "H55", 1, []readiness.Comment{{Text: "Sửa"}}); err != nil {
			t.Fatal(err)
		}
		want(focal, map[string]int{"sent_back 488": 1, "return 1877": 1})
		want(reviewer, map[string]int{"unsure 488": 1})
	})
}

func TestHeadsAreThoseThatOneMayRead(t *testing.T) {
	t.Parallel()
	o := onSQLite(t)
	ctx := t.Context()
	if _, err := o.Save(ctx, focal, "488", "H55", whole(t, "x"), 0); err != nil {
		t.Fatal(err)
	}
	all, err := o.Heads(ctx, leader, "488")
	if err != nil || len(all) != len(country) {
		t.Fatalf("a leader sees %d of %d, %v", len(all), len(country), err)
	}
	for i, h := range all {
		begun := h.Agency.Code == "H55"
		if h.Updated.IsZero() == begun || (h.State == readiness.Drafted) != begun || i > 0 && all[i-1].Agency.Code > h.Agency.Code {
			t.Errorf("%+v", h)
		}
	}
	own, err := o.Heads(ctx, focal, "488")
	if err != nil || len(own) != 1 || own[0].Agency.Code != "H55" {
		t.Errorf("a focal point sees %+v, %v", own, err)
	}
	if _, err := o.Heads(ctx, leader, "none"); fault.Of(err) != fault.NotFound {
		t.Errorf("of no letter: %v", err)
	}
}

func TestStoredVersions(t *testing.T) {
	t.Parallel()
	o := onSQLite(t)
	ctx := t.Context()
	if _, _, err := o.Stored(ctx, focal, "488", "H55", 0); fault.Of(err) != fault.NotFound {
		t.Errorf("before anything was handed in: %v", err)
	}
	if err := sentBack(o, "một"); err != nil {
		t.Fatal(err)
	}
	if err := webbed(o); err != nil {
		t.Fatal(err)
	}
	for n, want := range map[int]readiness.Stored{
		0: {State: readiness.Submitted, Version: 2}, 1: {State: readiness.Replaced, Version: 1}, 2: {State: readiness.Submitted, Version: 2},
	} {
		_, got, err := o.Stored(ctx, shell, "488", "H55", n)
		if err != nil || got.State != want.State || got.Version != want.Version || got.Versions != 2 {
			t.Errorf("version %d: %s %d of %d, %v", n, got.State, got.Version, got.Versions, err)
		}
	}
	if _, _, err := o.Stored(ctx, focal, "488", "H55", 3); fault.Of(err) != fault.NotFound {
		t.Errorf("a version that there is not: %v", err)
	}
}

func TestSignedNamesWhoSettledAReading(t *testing.T) {
	t.Parallel()
	ret := readiness.Return{Answers: []readiness.Answer{{Row: "1", Readings: map[string]readiness.Reading{
		readiness.ColNote: {Raw: "x", ResolvedBy: "0197-daumoi"}, readiness.ColStage: {Raw: "y", Confidence: 1},
	}}}}
	got := ret.Signed(func(account string) string { return "Nguyễn Văn Mẫu (" + account + ")" })
	by := got.Answers[0].Readings
	if by[readiness.ColNote].ResolvedBy != "Nguyễn Văn Mẫu (0197-daumoi)" || by[readiness.ColStage].ResolvedBy != "" {
		t.Errorf("signed %+v", by)
	}
	if ret.Answers[0].Readings[readiness.ColNote].ResolvedBy != "0197-daumoi" {
		t.Error("the return itself was changed")
	}
}

// What is kept is the account's id, not the login: the name of a day follows from it.
func TestTheAccountsIDIsKept(t *testing.T) {
	t.Parallel()
	o := onSQLite(t)
	ctx := t.Context()
	who := actor.Actor{Account: "0197-daumoi", Login: "daumoi", Name: "Nguyễn Văn Mẫu", Agency: "H55", Roles: []string{readiness.FocalPoint}}
	if _, err := o.Save(ctx, who, "488", "H55", whole(t, "x"), 0); err != nil {
		t.Fatal(err)
	}
	if rec := o.now("H55"); rec.Draft.SavedBy != who.Account {
		t.Errorf("the draft is of %q", rec.Draft.SavedBy)
	}
	if _, err := o.SubmitReturn(ctx, who, "488", "H55", whole(t, "x"), readiness.ByAPI); err != nil {
		t.Fatal(err)
	}
	rec := o.now("H55")
	if rec.Versions[0].By != who.Account || rec.Steps[0].By != who.Account {
		t.Errorf("the version is of %q, the step of %q", rec.Versions[0].By, rec.Steps[0].By)
	}
}
