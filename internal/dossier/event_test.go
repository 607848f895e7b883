package dossier_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossiertest"
	"dean06/internal/eform"
	"dean06/internal/platform/clock"
	"dean06/internal/procedure"
)

// Members of a household who move along are told of in a row without gaps, whatever rows
// they stand in.
func TestEventTellsOfEveryRow(t *testing.T) {
	t.Parallel()
	p := procedure.InForce(procedure.Packages(), "1.004222", clock.MustDate("2026-11-30"))
	text := func(s string) eform.Answer { return eform.Answer{Value: eform.Value{Text: s}} }
	d := dossier.Dossier{Code: "H55-1", Effect: &dossier.EffectState{}, Answers: eform.Answers{
		"subject.number": text("001090000001"), "subject.name": text("Nguyễn Văn Thử"), "request.registered": text("2026-11-27"),
		"dwelling.address": {Value: eform.Value{Place: &eform.Place{Province: "19", Commune: "05443"}}},
		"members":          text("1 3"), "members.1.name": text("Lê Thị Vợ"), "members.3.name": text("Nguyễn Văn Con"),
	}}
	e := dossier.EventOf(&d, p)
	got := map[string]string{}
	for member, v := range e.Members {
		got[member] = v.Text
		if v.Place != nil {
			got[member] = v.Place.Commune
		}
	}
	want := map[string]string{
		"person.number": "001090000001", "person.name": "Nguyễn Văn Thử", "place": "05443",
		"members.1.name": "Lê Thị Vợ", "members.2.name": "Nguyễn Văn Con",
	}
	if diff := cmp.Diff(want, got); diff != "" || e.On != "2026-11-27" || e.Kind != "move_permanent" {
		t.Errorf("on %s: %s", e.On, diff)
	}
}

// What follows from filing stands in the form: to whom it is addressed and who sent it.
func TestFilingWritesIn(t *testing.T) {
	t.Parallel()
	w := dossiertest.New()
	d, err := w.To(t.Context(), dossier.New)
	if err != nil {
		t.Fatal(err)
	}
	p := procedure.VersionOf(procedure.Packages(), d.Procedure, d.Package)
	if p == nil {
		t.Fatalf("no package %s %s", d.Procedure, d.Package)
	}
	for path, want := range map[string]string{
		"request.agency": w.Posts.Name(d.Competent), "request.made_at": w.Posts.Name(d.Receiving), "request.signature": d.Applicant.Name,
	} {
		if got := d.Answers[path]; got.Value.Text != want || want == "" || got.Source != eform.System {
			t.Errorf("%s = %+v, want %q", path, got, want)
		}
	}
}
