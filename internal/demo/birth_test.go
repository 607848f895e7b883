package demo

import (
	"slices"
	"strings"
	"testing"

	"dean06/internal/citizen"
	"dean06/internal/dossier"
	"dean06/internal/eform"
	"dean06/internal/exchange"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/population"
)

// TestBirth: a mother in Thái Nguyên registers a birth; the register fills in what it knows,
// is away when it should hear of the birth, and gives the number when it is back.
func TestBirth(t *testing.T) {
	t.Parallel()
	c := startCountry(t, t.TempDir())
	province, authority := c.Node("thainguyen"), c.Node("authority")
	service, ctx := province.Modules.Dossier.Service(), t.Context()
	tell := &teller{
		Service: service, n: province, clock: &pastClock{}, end: clock.System{}.Now(), actors: map[string]actor.Actor{}, page: paperImage(),
	}
	tell.today = clock.DayOf(tell.end)
	tell.clock.set(tell.end)
	if err := tell.accounts(ctx, nil); err != nil {
		t.Fatal(err)
	}
	mother, desk := tell.actors["nguoime"], tell.actors["tiepnhan1"]
	reviewer, leader := tell.actors["hotich1"], tell.actors["lanhdao1"]
	const number = "019194000102"

	d, err := tell.file(ctx, story{
		procedure: birthCode, number: number, given: map[string]string{"child.name": "Trần Minh An", "child.sex": "2"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"mother.name": "Nguyễn Thị Hoa", "mother.number": number, "mother.birth": "1994-09-05", "mother.ethnicity": "01", "mother.nationality": "VN",
		"father.name": "Trần Văn Bình", "father.number": "019091000101", "father.birth": "1991-04-18", "applicant.name": "Nguyễn Thị Hoa",
	} {
		if a := d.Answers[path]; a.Value.Text != want || a.Source != eform.Register || a.AsOf.IsZero() {
			t.Errorf("%s = %+v, want %s of the register", path, a, want)
		}
	}
	for _, path := range []string{"mother.residence", "father.residence", "mother.card", "father.card"} {
		if a := d.Answers[path]; a.Source != eform.Register || a.Value.IsZero() {
			t.Errorf("%s = %+v, want it of the register", path, a)
		}
	}
	for path, a := range d.Answers {
		if owner, _, _ := strings.Cut(path, "."); a.Source == eform.Typed && slices.Contains([]string{"mother", "father", "applicant"}, owner) &&
			path != "applicant.relation" {
			t.Errorf("%s was typed", path)
		}
	}
	if d.Competent != "H55.C05443" || d.Status != dossier.New || !strings.HasPrefix(d.Code, "H55") {
		t.Errorf("sent %s to %s in status %d", d.Code, d.Competent, d.Status)
	}

	do := func(who actor.Actor, verb dossier.Verb, said dossier.Said, answers map[string]eform.Value) {
		t.Helper()
		next, err := service.Do(ctx, who, d.Code, dossier.Act{Verb: verb, Version: d.Version, Said: said, Answers: answers})
		if err != nil {
			t.Fatalf("%s: %v", verb, err)
		}
		d = next
	}
	do(desk, dossier.Receive, dossier.Said{}, nil)
	do(reviewer, dossier.Take, dossier.Said{}, nil)
	missing := tell.reasons(story{procedure: birthCode, until: asked})
	do(reviewer, dossier.AskMore, dossier.Said{Asked: missing}, nil)
	if err := tell.supply(ctx, mother, &d, missing); err != nil {
		t.Fatal(err)
	}
	if d.Status != dossier.InProcess {
		t.Errorf("supplied: status %d", d.Status)
	}
	do(reviewer, dossier.Propose, dossier.Said{Note: "Đủ điều kiện"}, nil)

	// The register is away when it is decided: the dossier waits, and says so.
	owner, events := deskOf(authority), authority.SubsystemID()
	program := actor.OfSystem(exchange.Administrator, exchange.Program)
	turn := func(off bool) {
		t.Helper()
		s, err := owner.Service(ctx, program, events.Subsystem, population.ServiceEvents)
		if err != nil {
			t.Fatal(err)
		}
		s.Disabled, s.Notice = off, ""
		if off {
			s.Notice = "Bảo trì"
		}
		if err := owner.SaveService(ctx, program, s); err != nil {
			t.Fatal(err)
		}
		if err := authority.Modules.Gateway.ReloadRights(ctx); err != nil {
			t.Fatal(err)
		}
	}
	turn(true)
	do(leader, dossier.Approve, dossier.Said{}, map[string]eform.Value{"request.entry": {Text: "125"}, "request.book": {Text: "01/2026"}})
	read := func() dossier.Dossier {
		t.Helper()
		now, err := service.Store.Dossier(ctx, d.ID)
		if err != nil {
			t.Fatal(err)
		}
		return now
	}
	eventually(t, "the dossier that says it waits", func() bool {
		_, _ = service.ReportWaiting(ctx, 10) // the node's own jobs do so too
		now := read()
		return now.Effect != nil && now.Effect.State == dossier.EffectWaiting && now.Effect.Error != ""
	})
	if d = read(); d.Status != dossier.InProcess || d.Effect.Number != "" {
		t.Errorf("while the register is away: status %d, number %q", d.Status, d.Effect.Number)
	}
	turn(false)
	eventually(t, "the register's number", func() bool {
		_, _ = service.ReportWaiting(ctx, 10)
		return read().Status == dossier.Done
	})
	d = read()
	child := d.Answers["child.number"].Value.Text
	if d.Effect.State != dossier.EffectDone || child == "" || child != d.Effect.Number {
		t.Errorf("effect = %+v, the child's number %q", d.Effect, child)
	}
	if !slices.ContainsFunc(d.Results, func(r dossier.ResultPaper) bool { return r.Kind == dossier.PaperResult && r.File != "" }) {
		t.Errorf("results = %+v", d.Results)
	}
	register := authority.Modules.Population.Register()
	born, err := register.Store.Persons(ctx, []citizen.Number{citizen.MustNumber(child)}, nil)
	if err != nil || len(born) != 1 || born[0].Name != "Trần Minh An" || born[0].Mother.Number.Reveal() != number {
		t.Errorf("the register has %+v, %v", born, err)
	}
	do(desk, dossier.HandOver, dossier.Said{Receiver: "Nguyễn Thị Hoa", How: "desk"}, nil)

	// The mother reads who asked: herself while she filled the form in, then the officer who
	// decided, in the dossier.
	looks, err := register.Store.Lookups(ctx, citizen.MustNumber(number), population.Period{}, "", 50)
	if err != nil {
		t.Fatal(err)
	}
	has := func(officer, issue, what string) bool {
		return slices.ContainsFunc(looks, func(l population.Lookup) bool {
			return l.Officer == officer && (issue == "" || l.Dossier == issue) && l.Service == what && l.Agency == "H55" && l.Purpose == birthCode &&
				l.Client == province.OwnID().String()
		})
	}
	if !has(dossier.SelfOfficer, "", population.ServiceFacts) || !has("lanhdao1", d.Code, population.ServiceEvents) {
		t.Errorf("the mother reads %+v", looks)
	}

	// What she says is wrong comes to a registrar, and the registrar's answer back to the province.
	says := func() dossier.Claim {
		t.Helper()
		claim, err := service.Register.RequestCorrection(ctx, dossier.Inquiry{Officer: dossier.SelfOfficer, Dossier: d.Code, Procedure: birthCode},
			dossier.Correction{Number: number, Field: "origin", Says: "Xã Phú Bình, tỉnh Thái Nguyên", Why: "Giấy khai sinh của tôi"})
		if err != nil {
			t.Fatal(err)
		}
		return claim
	}
	if claim := says(); claim.State != "" {
		t.Errorf("before anybody looked: %+v", claim)
	}
	registrar := authority.signIn(t, "canbo").actor
	waiting, err := register.Mistakes(ctx, registrar, true, "", 10)
	if err != nil || len(waiting) != 1 || waiting[0].Dossier != d.Code || waiting[0].Agency != "H55" {
		t.Fatalf("waiting = %+v, %v", waiting, err)
	}
	if err := register.SettleMistake(ctx, registrar, waiting[0].ID, "Sổ gốc ghi như vậy"); err != nil {
		t.Fatal(err)
	}
	if claim := says(); claim != (dossier.Claim{State: dossier.ClaimRefused, Answer: "Sổ gốc ghi như vậy"}) {
		t.Errorf("after the registrar refused: %+v", claim)
	}
}
