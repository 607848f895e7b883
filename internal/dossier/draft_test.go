package dossier_test

import (
	"strings"
	"testing"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossiertest"
	"dean06/internal/eform"
	"dean06/internal/platform/fault"
)

// start begins a birth registration as somebody.
func start(t *testing.T, w *dossiertest.World) dossier.Draft {
	t.Helper()
	d, err := w.Start(t.Context(), dossiertest.Mother, dossier.Starting{Procedure: dossiertest.Birth, Channel: dossier.Online})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestPrefillIsNoLeak: facts are shown of oneself and those whom the register ties to
// oneself; of whoever's number one types, only whether it fits.
func TestPrefillIsNoLeak(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := dossiertest.New()
	// The stranger says that she is the mother, alone, and types the father's number.
	d, err := w.Start(ctx, dossiertest.Stranger, dossier.Starting{Procedure: dossiertest.Birth, Channel: dossier.Online})
	if err != nil {
		t.Fatal(err)
	}
	given := map[string]eform.Value{
		"applicant.relation": {Text: "relative"}, "request.situation": {Text: "married"}, "request.foreign": {Text: "none"},
		"notice.has": {Text: "hospital"}, "mother.number": {Text: dossiertest.MotherNumber}, "father.number": {Text: dossiertest.FatherNumber},
	}
	if _, err := w.Fill(ctx, dossiertest.Stranger, d.ID, given); err != nil {
		t.Fatal(err)
	}
	d, _, err = w.Prefill(ctx, dossiertest.Stranger, d.ID)
	if err != nil {
		t.Fatal(err)
	}
	for path, a := range d.Answers {
		if owner, _, _ := strings.Cut(path, "."); (owner == "mother" || owner == "father" || owner == "child") && a.Source == eform.Register {
			t.Errorf("%s arrived: %+v", path, a.Value)
		}
		for _, secret := range []string{dossiertest.Mother.Name, dossiertest.Father.Name, "1996-04-12", "1994-09-03"} {
			if strings.Contains(a.Value.Text, secret) {
				t.Errorf("%s tells %q", path, secret)
			}
		}
	}
	for _, p := range d.Papers {
		if p.How == dossier.ByRegister && p.Requirement == "residence" {
			t.Errorf("a paper about others is proved: %+v", p)
		}
	}
	for _, in := range w.Register.Asked {
		if in.Officer != dossier.SelfOfficer || in.Dossier != d.ID || in.Procedure != dossiertest.Birth {
			t.Errorf("asked by %+v", in)
		}
	}
	// Without a number that is proved, nothing is asked.
	asked := len(w.Register.Asked)
	u, err := w.Start(ctx, dossiertest.Unbound, dossier.Starting{
		Procedure: dossiertest.Birth, Channel: dossier.Online, Applicant: dossier.Party{Number: dossiertest.MotherNumber},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.Prefill(ctx, dossiertest.Unbound, u.ID); fault.Of(err) != fault.Denied || len(w.Register.Asked) != asked {
		t.Errorf("without proof: %v, %d calls", err, len(w.Register.Asked)-asked)
	}
	if u.Applicant.Number != "" {
		t.Errorf("an account that is not bound has number %s", u.Applicant.Number)
	}
}

func TestPrefillWhileAway(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := dossiertest.New()
	d := start(t, w)
	w.Register.Away = true
	if _, _, err := w.Prefill(ctx, dossiertest.Mother, d.ID); fault.Of(err) != fault.Unavailable {
		t.Errorf("while it is away: %v", err)
	}
	f, err := w.Draft(ctx, dossiertest.Mother, d.ID)
	if err != nil || f.Draft.Version != d.Version || len(f.Draft.Papers) != 0 {
		t.Errorf("the draft changed: %+v, %v", f.Draft, err)
	}
	w.Register.Away = false
	_, came, err := w.Prefill(ctx, dossiertest.Mother, d.ID)
	if err != nil || came.Filled == 0 || came.AsOf.IsZero() {
		t.Errorf("back again: %+v, %v", came, err)
	}
}

// TestWrongFact: what the citizen says is wrong stays, locked, and the register hears of it
// when the dossier is sent, not before.
func TestWrongFact(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := dossiertest.New()
	d, err := w.Begin(ctx, dossiertest.Mother, dossiertest.BirthAnswers())
	if err != nil {
		t.Fatal(err)
	}
	was := d.Answers["mother.ethnicity"]
	if _, err := w.Answer(ctx, dossiertest.Mother, d.ID, d.Version, "mother.ethnicity", eform.Value{Text: "02"}); err == nil {
		t.Error("a locked answer was typed over")
	}
	if d, err = w.MarkWrong(ctx, dossiertest.Mother, d.ID, d.Version, "mother.ethnicity", "02", "Giấy khai sinh của tôi ghi Tày"); err != nil {
		t.Fatal(err)
	}
	if a := d.Answers["mother.ethnicity"]; !a.Value.Same(was.Value) || a.Wrong != "02" || len(d.Wrongs) != 1 {
		t.Fatalf("after it was marked: %+v, %+v", a, d.Wrongs)
	}
	if d, err = w.MarkWrong(ctx, dossiertest.Mother, d.ID, d.Version, "mother.ethnicity", "", ""); err != nil || len(d.Wrongs) != 0 {
		t.Fatalf("taken back: %+v, %v", d.Wrongs, err)
	}
	if d, err = w.MarkWrong(ctx, dossiertest.Mother, d.ID, d.Version, "mother.ethnicity", "02", "Giấy khai sinh ghi Tày"); err != nil {
		t.Fatal(err)
	}
	if len(w.Register.Corrections) != 0 {
		t.Fatal("the register heard of it before it was sent")
	}
	sent, err := w.Submit(ctx, dossiertest.Mother, d.ID, dossier.Filing{Version: d.Version, Notice: true})
	if err != nil {
		t.Fatal(err)
	}
	work := w.Store.Queued()
	w.Register.Away = true
	for _, x := range work {
		if err := w.Run(ctx, x); x.Kind == dossier.TellMistake && fault.Of(err) != fault.Unavailable {
			t.Errorf("while it is away: %v", err)
		}
	}
	w.Register.Away = false
	for _, x := range work {
		if x.Kind == dossier.TellMistake {
			if err := w.Run(ctx, x); err != nil {
				t.Error(err)
			}
		}
	}
	want := dossier.Correction{Number: dossiertest.MotherNumber, Field: "ethnicity", Says: "02", Why: "Giấy khai sinh ghi Tày"}
	if len(w.Register.Corrections) != 1 || w.Register.Corrections[0] != want {
		t.Errorf("heard %+v", w.Register.Corrections)
	}
	if last := w.Register.Asked[len(w.Register.Asked)-1]; last.Dossier != sent.Code {
		t.Errorf("heard for %+v", last)
	}
}

func TestAnswersAreHeldAgainstTheForm(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := dossiertest.New()
	d := start(t, w)
	for path, v := range map[string]eform.Value{
		"child.unknown": {Text: "x"}, "applicant.relation": {Text: "uncle"}, "request.entry": {Text: "12"}, "child.number": {Text: "019326000001"},
	} {
		_, err := w.Answer(ctx, dossiertest.Mother, d.ID, d.Version, path, v)
		if f := fault.As(firstOf(err)); f == nil || f.Field != path {
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, err := w.Answer(ctx, dossiertest.Mother, d.ID, d.Version+1, "applicant.relation", eform.Value{Text: "mother"}); fault.Of(err) != fault.Conflict {
		t.Errorf("from a version that there is not: %v", err)
	}
	// Of several answers the right ones are saved, and the wrong ones named.
	d, err := w.AnswerAll(ctx, dossiertest.Mother, d.ID, d.Version, map[string]eform.Value{
		"request.situation": {Text: "married"}, "applicant.relation": {Text: "mother"}, "child.birth": {Text: "2026-02-30"},
	})
	if f := fault.As(firstOf(err)); f == nil || f.Field != "child.birth" {
		t.Errorf("the wrong day: %v", err)
	}
	if d.Answers["applicant.relation"].Value.Text != "mother" || d.Case != "married" {
		t.Errorf("what was right: %+v, case %s", d.Answers, d.Case)
	}
	// Nothing can be sent that is not whole.
	list, err := w.CheckAll(ctx, dossiertest.Mother, d.ID)
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]bool{}
	for _, f := range list {
		at[f.Field] = true
	}
	for _, path := range []string{"child.name", "child.birth", "notice.has", "mother.residence"} {
		if !at[path] {
			t.Errorf("%s is not missed: %v", path, list)
		}
	}
	if _, err := w.Submit(ctx, dossiertest.Mother, d.ID, dossier.Filing{Version: d.Version, Notice: true}); err == nil {
		t.Error("sent though it is not whole")
	}
	if _, err := w.Submit(ctx, dossiertest.Mother, d.ID, dossier.Filing{Version: d.Version}); firstKey(err) != "dossier.submit.notice" {
		t.Errorf("sent without the notice: %v", err)
	}
}

func firstKey(err error) string {
	if f := fault.As(firstOf(err)); f != nil {
		return f.Key
	}
	return ""
}

func TestPapersOfADraft(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := dossiertest.New()
	d, err := w.Begin(ctx, dossiertest.Mother, dossiertest.BirthAnswers())
	if err != nil {
		t.Fatal(err)
	}
	needs, err := w.Requirements(ctx, dossiertest.Mother, d.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range needs {
		if n.Asked {
			t.Errorf("%s is still asked for", n.Paper.ID)
		}
	}
	file := ""
	for _, p := range d.Papers {
		if p.Requirement == "birth_notice" {
			file = p.File
		}
	}
	tests := []struct {
		name string
		in   dossier.Attached
		key  string
	}{
		{"an empty file", dossier.Attached{Requirement: "birth_notice", How: dossier.ByUpload, File: file}, "dossier.paper.empty"},
		{"no file", dossier.Attached{Requirement: "birth_notice", How: dossier.ByUpload, Size: 3}, "dossier.paper.empty"},
		{"a file that is not there", dossier.Attached{Requirement: "birth_notice", How: dossier.ByUpload, File: "00", Size: 3}, "dossier.paper.no_file"},
		{"a paper that nobody asks for", dossier.Attached{Requirement: "diploma", How: dossier.ByUpload, File: file, Size: 3}, "dossier.paper.unknown"},
		{"shown, from home", dossier.Attached{Requirement: "birth_notice", How: dossier.ByShowing}, "dossier.paper.how"},
		{"as if the register had it", dossier.Attached{Requirement: "birth_notice", How: dossier.ByRegister}, "dossier.paper.how"},
	}
	for _, tt := range tests {
		if _, err := w.AttachPaper(ctx, dossiertest.Mother, d.ID, d.Version, tt.in); firstKey(err) != tt.key {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.key)
		}
	}
	if _, err := w.RemovePaper(ctx, dossiertest.Mother, d.ID, d.Version, "residence", ""); firstKey(err) != "dossier.paper.not_there" {
		t.Errorf("what the state has was removed: %v", err)
	}
	if d, err = w.RemovePaper(ctx, dossiertest.Mother, d.ID, d.Version, "birth_notice", file); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Submit(ctx, dossiertest.Mother, d.ID, dossier.Filing{Version: d.Version, Notice: true}); firstKey(err) != "dossier.paper.missing" {
		t.Errorf("sent without the notice of birth: %v", err)
	}
}

func TestWhereItIsDecided(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := dossiertest.New()
	place := func(province, commune string) map[string]eform.Value {
		return map[string]eform.Value{"permanent": {Place: &eform.Place{Country: "VN", Province: province, Commune: commune, Detail: "Tổ 1"}}}
	}
	live := func(number, name, sex, birth string, at map[string]eform.Value, spouse string) {
		values := map[string]eform.Value{
			"name": {Text: name}, "birth": {Text: birth}, "sex": {Text: sex}, "ethnicity": {Text: "01"}, "nationality": {Text: "VN"},
			"origin": {Place: &eform.Place{Country: "VN", Province: "19", Commune: "05455", Detail: "Xóm 1"}}, "permanent": at["permanent"],
			"cards": {Card: &eform.CardPaper{Kind: "CC", Serial: number, Issued: "2023-05-10"}},
		}
		w.Register.Person(number, map[string]string{"spouse": spouse}, values)
	}
	// Mother and father live in two communes: the mother chooses.
	live(dossiertest.FatherNumber, dossiertest.Father.Name, "1", "1994-09-03", place("19", "05455"), dossiertest.MotherNumber)
	d, err := w.Begin(ctx, dossiertest.Mother, dossiertest.BirthAnswers())
	if err != nil {
		t.Fatal(err)
	}
	f, err := w.Draft(ctx, dossiertest.Mother, d.ID)
	if err != nil || len(f.Deciders) != 2 {
		t.Fatalf("agencies: %+v, %v", f.Deciders, err)
	}
	elsewhere := "H55.C00001"
	if _, err := w.Choose(ctx, dossiertest.Mother, d.ID, d.Version, dossier.Choice{Competent: &elsewhere}); firstKey(err) != "dossier.competence.choice" {
		t.Errorf("an agency that has nothing to do with it: %v", err)
	}
	other := dossiertest.Other
	if d, err = w.Choose(ctx, dossiertest.Mother, d.ID, d.Version, dossier.Choice{Competent: &other}); err != nil {
		t.Fatal(err)
	}
	sent, err := w.Submit(ctx, dossiertest.Mother, d.ID, dossier.Filing{Version: d.Version, Notice: true})
	if err != nil || sent.Competent != other || sent.Area != "05455" {
		t.Errorf("sent to %s for %s, %v", sent.Competent, sent.Area, err)
	}
	// Both live in another province: it is filed there.
	live(dossiertest.MotherNumber, dossiertest.Mother.Name, "2", "1996-04-12", place("01", "00004"), dossiertest.FatherNumber)
	live(dossiertest.FatherNumber, dossiertest.Father.Name, "1", "1994-09-03", place("01", "00004"), dossiertest.MotherNumber)
	d, err = w.Begin(ctx, dossiertest.Mother, dossiertest.BirthAnswers())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Submit(ctx, dossiertest.Mother, d.ID, dossier.Filing{Version: d.Version, Notice: true}); firstKey(err) != "dossier.competence.elsewhere" {
		t.Errorf("filed here though decided elsewhere: %v", err)
	}
}

func TestStarting(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := dossiertest.New()
	online := dossier.Starting{Procedure: dossiertest.Birth, Channel: dossier.Online}
	if _, err := w.Start(ctx, dossiertest.Mother, dossier.Starting{Procedure: "9.999999", Channel: dossier.Online}); fault.Of(err) != fault.NotFound {
		t.Errorf("an unknown procedure: %v", err)
	}
	if _, err := w.Start(ctx, dossiertest.Mother, dossier.Starting{Procedure: dossiertest.Birth, Channel: "pigeon"}); firstKey(err) != "dossier.draft.channel" {
		t.Errorf("an unknown channel: %v", err)
	}
	for range 20 {
		start(t, w)
	}
	if _, err := w.Start(ctx, dossiertest.Mother, online); fault.Of(err) != fault.TooMany {
		t.Errorf("the twenty-first draft: %v", err)
	}
	off := dossiertest.New()
	d, err := off.Begin(ctx, dossiertest.Mother, dossiertest.BirthAnswers())
	if err != nil {
		t.Fatal(err)
	}
	off.Settings.Online = false
	if _, err := off.Start(ctx, dossiertest.Mother, online); firstKey(err) != "dossier.online.off" {
		t.Errorf("begun while it is off: %v", err)
	}
	if _, err := off.Submit(ctx, dossiertest.Mother, d.ID, dossier.Filing{Version: d.Version, Notice: true}); firstKey(err) != "dossier.online.off" {
		t.Errorf("sent while it is off: %v", err)
	}
	off.Settings.Online = true
	off.Settings.Outages = []dossier.Outage{{From: at("2026-12-11 18:00"), To: at("2026-12-12 06:00"), Text: eform.Text{Vi: "Bảo trì", En: "Maintenance"}}}
	for when, shown := range map[string]int{"2026-12-01 08:00": 0, "2026-12-02 08:00": 1, "2026-12-11 20:00": 1, "2026-12-12 06:00": 0} {
		off.Clock.Set(when)
		if got := off.Outages(); len(got) != shown {
			t.Errorf("at %s %d outages are announced, want %d", when, len(got), shown)
		}
	}
	off.Clock.Set("2026-12-11 20:00")
	if _, err := off.Submit(ctx, dossiertest.Mother, d.ID, dossier.Filing{Version: d.Version, Notice: true}); firstKey(err) != "dossier.online.outage" {
		t.Errorf("sent during an outage: %v", err)
	}
}
