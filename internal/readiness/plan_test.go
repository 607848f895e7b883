package readiness_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/readiness"
)

// became says into what agencies have gone; the others are as they were.
type became map[string][]readiness.Share

func (b became) Successors(code string) []readiness.Share {
	if s, ok := b[code]; ok {
		return s
	}
	return []readiness.Share{{Agency: code}}
}

func TestPlan(t *testing.T) {
	t.Parallel()
	of := func(kind string, names ...string) (out []readiness.Agency) {
		for _, n := range names {
			code, name, _ := strings.Cut(n, " ")
			out = append(out, readiness.Agency{Code: code, Name: name, Kind: kind})
		}
		return out
	}
	before := slices.Concat(of(readiness.Province, "H1 Một", "H2 Hai", "H3 Ba", "H4 Bốn", "H9 Chín"), of(readiness.Ministry, "G1 Bộ Một", "G2 Bộ Hai"))
	there := slices.Concat(of(readiness.Province, "H1 Một", "H2 Hai", "H3 Ba mới", "H5 Năm", "H6 Sáu"), of(readiness.Ministry, "G1 Bộ Một"))
	geo := became{
		"H4": {{Agency: "H2", Name: "Hai"}}, "H9": {{Agency: "H6", Name: "Sáu"}}, "G2": {},
	}
	set := readiness.RecipientSet{Kinds: []string{readiness.Province}, Exclude: []string{"H1"}}
	var got []string
	for _, p := range readiness.Plan(set, there, before, geo) {
		line := p.Agency.Code + " " + string(p.Fate)
		if len(p.Kin) > 0 {
			line += " (" + strings.Join(p.Kin, ", ") + ")"
		}
		if p.Gets() != set.Resolve(there).Has(p.Agency.Code) {
			t.Errorf("%s: the plan and the rule differ", line)
		}
		got = append(got, line)
	}
	want := "H1 excluded; H2 merged (Bốn); H3 renamed (Ba); H5 new; H6 merged (Chín); H4 ended (Hai); H9 ended (Sáu); G1 other; G2 ended"
	if strings.Join(got, "; ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, "; "), want)
	}
	if first := readiness.Plan(set, there, nil, nil); len(first) != 5 || first[1].Fate != readiness.FateNew {
		t.Errorf("the first round: %+v", first)
	}
}

func TestAmid(t *testing.T) {
	t.Parallel()
	previous := map[string]string{"1": "", "2": "1", "3": "2", "4": "3"}
	before := func(id string) (string, error) { return previous[id], nil }
	for _, c := range []struct{ cancelled, of, follows string }{
		{"", "3", "2"}, {"2", "3", "1"}, {"2 3", "4", "1"}, {"1 2 3", "4", ""}, {"3", "3", "2"},
	} {
		gone := map[string]readiness.Cancellation{}
		for _, id := range strings.Fields(c.cancelled) {
			gone[id] = readiness.Cancellation{Number: "x"}
		}
		got, err := readiness.Campaign{ID: c.of, Previous: previous[c.of]}.Amid(gone, before)
		if _, is := gone[c.of]; err != nil || got.Previous != c.follows || (got.Cancelled != nil) != is {
			t.Errorf("%s with %q cancelled follows %q, cancelled %v, %v; want %q", c.of, c.cancelled, got.Previous, got.Cancelled, err, c.follows)
		}
	}
}

func TestRoundIsDrafted(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		o := newOffice(t, db)
		ctx := context.Background()
		c, err := o.Campaign(ctx, coordinator, "1877")
		if err != nil {
			t.Fatal(err)
		}
		c.ID, c.Number, c.Previous, c.Issued = "900", "900/BTTTT", "1877", clock.MustDate("2023-09-01")
		c.Due, c.Recipients = clock.MustDate("2023-09-20"), readiness.RecipientSet{On: c.Issued, Kinds: []string{readiness.Province}}
		d, err := o.DraftCampaign(ctx, coordinator, readiness.CampaignDraft{Campaign: readiness.Campaign{Number: "dở"}})
		if err != nil {
			t.Fatal(err)
		}
		d.Campaign = c
		if d, err = o.DraftCampaign(ctx, coordinator, d); err != nil || d.Revision != 2 {
			t.Fatalf("%+v, %v", d, err)
		}
		stale := d
		stale.Revision = 1
		if _, err := o.DraftCampaign(ctx, coordinator, stale); fault.Of(err) != fault.Conflict {
			t.Errorf("saved over another's: %v", err)
		}
		// Nobody but the coordinator knows of it.
		if all, err := o.Campaigns(ctx, focal); err != nil || len(all) != 2 {
			t.Errorf("%d letters, %v", len(all), err)
		}
		if waits, err := o.Waiting(ctx, elsewhere); err != nil || slices.ContainsFunc(waits, func(w readiness.Waiting) bool { return w.Campaign.ID == "900" }) {
			t.Errorf("a draft waits for its agency: %v, %v", waits, err)
		}
		plan, err := o.Plan(ctx, coordinator, c)
		if err != nil || len(plan) != 3 {
			t.Errorf("the plan: %+v, %v", plan, err)
		}
		sent := 0
		queue := func(readiness.Tx) error { sent++; return nil }
		if err := o.IssueCampaign(ctx, coordinator, c, d.ID, 1, queue); fault.Of(err) != fault.Conflict {
			t.Errorf("issued from an older save: %v", err)
		}
		if _, err := o.Campaign(ctx, coordinator, "900"); fault.Of(err) != fault.NotFound {
			t.Errorf("half issued: %v", err)
		}
		sent = 0
		if err := o.IssueCampaign(ctx, coordinator, c, d.ID, 2, queue); err != nil || sent != 1 {
			t.Fatalf("issue: %d sent, %v", sent, err)
		}
		if _, err := o.CampaignDraft(ctx, coordinator, d.ID); fault.Of(err) != fault.NotFound {
			t.Errorf("the draft is still there: %v", err)
		}
		issued, err := o.Campaign(ctx, focal, "900")
		if err != nil || strings.Join(issued.Recipients.Agencies, " ") != "H04 H55" {
			t.Errorf("issued to %v, %v", issued.Recipients.Agencies, err)
		}
		other, err := o.DraftCampaign(ctx, coordinator, readiness.CampaignDraft{})
		if err != nil {
			t.Fatal(err)
		}
		if err := o.DropCampaignDraft(ctx, coordinator, other.ID, 1); err != nil {
			t.Error(err)
		}
		if list, err := o.CampaignDrafts(ctx, coordinator); err != nil || len(list) > 0 {
			t.Errorf("drafts: %v, %v", list, err)
		}
	})
}

// A cancelled round counts nowhere; who had answered keeps what they sent.
func TestRoundIsCancelled(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		o := newOffice(t, db)
		ctx := context.Background()
		for _, id := range []string{"488", "1877"} {
			if _, err := o.SubmitReturn(ctx, focal, id, "H55", whole(t, "đã gửi"), readiness.ByAPI); err != nil {
				t.Fatal(err)
			}
			if _, err := o.Accept(ctx, coordinator, id, "H55", 1); err != nil {
				t.Fatal(err)
			}
		}
		// What is kept for a moment must not outlive the cancellation.
		if b, err := o.Board(ctx, leader, readiness.Question{Campaign: "1877"}); err != nil || b.Before == nil {
			t.Fatalf("the board before: %v", err)
		}
		x := readiness.Cancellation{Number: "500/BTTTT", Day: clock.MustDate("2023-03-01"), Reason: "Trùng với đợt khác"}
		quiet := func(readiness.Tx) error { return nil }
		for _, wrong := range []readiness.Cancellation{
			{Day: x.Day, Reason: "x"}, {Number: "x", Reason: "x"}, {Number: "x", Day: x.Day}, {Number: "x", Day: clock.MustDate("2023-01-01"), Reason: "x"},
		} {
			if err := o.CancelCampaign(ctx, coordinator, "488", wrong, quiet); fault.Of(err) != fault.Invalid {
				t.Errorf("%+v: %v", wrong, err)
			}
		}
		broken := fault.New(fault.Unavailable, "x", nil)
		if err := o.CancelCampaign(ctx, coordinator, "488", x, func(readiness.Tx) error { return broken }); err == nil {
			t.Error("cancelled without its letters")
		}
		if err := o.CancelCampaign(ctx, coordinator, "488", x, quiet); err != nil {
			t.Fatal(err)
		}
		conflict := func(what string, err error) {
			t.Helper()
			if f := fault.As(err); f == nil || f.Key != "readiness.campaign.cancelled" {
				t.Errorf("%s: %v", what, err)
			}
		}
		all := readiness.Question{Campaign: "488"}
		conflict("cancel again", o.CancelCampaign(ctx, coordinator, "488", x, quiet))
		_, err := o.Figures(ctx, leader, all)
		conflict("figures", err)
		_, err = o.Board(ctx, leader, all)
		conflict("board", err)
		_, err = o.Save(ctx, elsewhere, "488", "H04", readiness.Return{}, 0)
		conflict("save", err)
		_, err = o.SubmitReturn(ctx, elsewhere, "488", "H04", whole(t, "x"), readiness.ByAPI)
		conflict("submit", err)
		_, err = o.Reopen(ctx, coordinator, "488", "H55", "x")
		conflict("reopen", err)
		_, err = o.Import(ctx, coordinator, readiness.Batch{Campaign: "488"}, slices.Values([]readiness.File(nil)), nil)
		conflict("import", err)
		_, err = o.Remind(ctx, coordinator, "488", "H04", "x", "email", quiet)
		conflict("remind", err)
		due, err := o.DueReminders(ctx, system, clock.MustDate("2023-03-10"))
		if err != nil || slices.ContainsFunc(due, func(d readiness.DueReminder) bool { return d.Campaign == "488" }) {
			t.Errorf("reminders: %v, %v", due, err)
		}
		waits, err := o.Waiting(ctx, elsewhere)
		if err != nil || len(waits) != 1 {
			t.Errorf("waits: %+v, %v", waits, err)
		}
		v, err := o.Look(ctx, focal, "488", "H55")
		if err != nil || v.Record.State() != readiness.Accepted || v.Campaign.Cancelled.Number != "500/BTTTT" {
			t.Errorf("what was sent: %s, %v", v.Record.State(), err)
		}
		if _, _, err := o.Paper(ctx, focal, "488", "H55", 1); err != nil {
			t.Errorf("the original: %v", err)
		}
		// The next round is compared with nothing now.
		b, err := o.Board(ctx, leader, readiness.Question{Campaign: "1877"})
		if err != nil || b.Before != nil || len(b.Rounds) != 1 {
			t.Errorf("the board of the next: before %v, %d rounds, %v", b.Before, len(b.Rounds), err)
		}
		if next, err := o.Look(ctx, elsewhere, "1877", "H04"); err != nil || next.Previous != nil {
			t.Errorf("the next begins from the cancelled one: %v", err)
		}
		if h, err := o.History(ctx, leader, readiness.Question{Campaign: "1877"}); err != nil || len(h) != 1 {
			t.Errorf("history of %d rounds, %v", len(h), err)
		}
	})
}

// A decision is mailed in its transaction, each step once.
func TestDecisionsAreTold(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		o := newOffice(t, db)
		ctx := context.Background()
		var told []string
		fail := false
		reg := readiness.New(readiness.Parts{
			Store: o.store, Agencies: agencies{}, Papers: o.papers, Word: jsonForms{}, Excel: jsonForms{}, Clock: o.clock, NewID: sqldb.NewID,
			Notify: func(_ context.Context, n readiness.Notice) (func(readiness.Tx) error, error) {
				return func(readiness.Tx) error {
					if fail {
						return fault.New(fault.Unavailable, "x", nil)
					}
					told = append(told, string(n.Kind)+" "+n.Agency.Code+" "+strings.Join(n.Lines("vi"), "|"))
					return nil
				}, nil
			},
		})
		if _, err := reg.SubmitReturn(ctx, focal, "488", "H55", whole(t, "x"), readiness.ByAPI); err != nil {
			t.Fatal(err)
		}
		comments := []readiness.Comment{{Field: "row.2", Text: "Ghi rõ"}, {Text: "Thiếu chữ ký"}}
		fail = true
		if _, err := reg.SendBack(ctx, coordinator, "488", "H55", 1, comments); err == nil || o.now("H55").State() != readiness.Submitted {
			t.Errorf("sent back without its mail: %v", err)
		}
		fail = false
		for _, step := range []func() error{
			func() error { _, err := reg.SendBack(ctx, coordinator, "488", "H55", 1, comments); return err },
			func() error {
				_, err := reg.SubmitReturn(ctx, focal, "488", "H55", whole(t, "y"), readiness.ByAPI)
				return err
			},
			func() error { _, err := reg.Accept(ctx, coordinator, "488", "H55", 2); return err },
			func() error { _, err := reg.Reopen(ctx, coordinator, "488", "H55", "x"); return err },
			func() error { _, err := reg.Accept(ctx, coordinator, "488", "H55", 2); return err },
		} {
			if err := step(); err != nil {
				t.Fatal(err)
			}
		}
		if len(told) != 3 || !strings.Contains(told[0], "sent_back H55 2. ") || !strings.Contains(told[0], ": Ghi rõ|Thiếu chữ ký") || told[1] != "accepted H55 " {
			t.Errorf("told: %q", told)
		}
		sent, err := o.Reminders(ctx, coordinator, "488")
		if err != nil || len(sent) != 3 || slices.ContainsFunc(sent, func(m readiness.Reminder) bool { return !m.Notice() }) {
			t.Errorf("written down: %+v, %v", sent, err)
		}
		if list, err := o.Told(ctx, coordinator, "488", readiness.NoticeCancelled); err != nil || len(list) != 3 {
			t.Errorf("whom to tell: %v, %v", list, err)
		}
		once := func(readiness.Tx) error { told = append(told, "letter"); return nil }
		for range 2 {
			if _, err := reg.Tell(ctx, system, "488", "H04", readiness.NoticeIssued, once); err != nil {
				t.Fatal(err)
			}
		}
		if len(told) != 4 {
			t.Errorf("told: %q", told)
		}
	})
}
