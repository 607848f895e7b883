package dossier_test

import (
	"strings"
	"testing"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossiertest"
	"dean06/internal/eform"
	"dean06/internal/platform/fault"
)

// The one for whom the stranger applies.
func mother() *dossier.Party {
	return &dossier.Party{Kind: dossier.OfCitizen, Name: dossiertest.Mother.Name, Number: dossiertest.MotherNumber}
}

func TestWhoMayApply(t *testing.T) {
	t.Parallel()
	home := func(code, name string) *dossier.Organisation { return &dossier.Organisation{Code: code, Name: name} }
	type party = dossier.Party
	for name, c := range map[string]struct {
		procedure string
		applicant party
		other     *party
		field     string // of the first fault; "" when it is right
		whole     bool
	}{
		"nobody says":             {dossiertest.Birth, party{}, nil, "", true},
		"citizen":                 {dossiertest.Birth, party{Kind: "citizen"}, nil, "", true},
		"foreigner":               {dossiertest.Birth, party{Kind: "foreigner"}, nil, "", true},
		"foreigner elsewhere":     {"1.004222", party{Kind: "foreigner"}, nil, "as", false},
		"household business":      {dossiertest.Birth, party{Kind: "household_business"}, nil, "as", false},
		"of no kind":              {dossiertest.Birth, party{Kind: "king"}, nil, "as", false},
		"organisation, later":     {dossiertest.Birth, party{Kind: "organisation"}, nil, "", false},
		"organisation":            {dossiertest.Birth, party{Kind: "organisation", Organisation: home("0101234567-001", "Làng trẻ em SOS")}, nil, "", true},
		"organisation of no name": {dossiertest.Birth, party{Kind: "organisation", Organisation: home("0101234567", "…")}, nil, "organisation.name", false},
		"organisation of a long name": {
			dossiertest.Birth, party{Kind: "organisation", Organisation: home("0101234567", strings.Repeat("Làng ", 60))}, nil, "organisation.name", false,
		},
		"organisation with a personal number": {
			dossiertest.Birth, party{Kind: "organisation", Organisation: home(dossiertest.MotherNumber, "Làng trẻ em SOS")}, nil, "organisation.code", false,
		},
		"organisation of no code": {dossiertest.Birth, party{Kind: "organisation", Organisation: home("12", "Làng trẻ em SOS")}, nil, "organisation.code", false},

		"for another, later":  {dossiertest.Birth, party{}, &party{}, "", false},
		"for another":         {dossiertest.Birth, party{}, mother(), "", true},
		"for a foreigner":     {dossiertest.Birth, party{}, &party{Kind: "foreigner", Name: "John Smith"}, "", true},
		"for a citizen of no": {dossiertest.Birth, party{}, &party{Kind: "citizen", Name: "Nguyễn Thị An"}, "for.number", false},
		"for nobody's name":   {dossiertest.Birth, party{}, &party{Kind: "citizen", Number: dossiertest.MotherNumber}, "for.name", false},
		"for a bad number":    {dossiertest.Birth, party{}, &party{Kind: "citizen", Name: "Nguyễn Thị An", Number: "123"}, "for.number", false},
		"for another's name":  {dossiertest.Birth, party{}, &party{Kind: "citizen", Name: "Nguyễn Thị An", Number: dossiertest.MotherNumber}, "for.number", false},
		"for a wrong kind":    {"1.010041", party{}, &party{Kind: "foreigner", Name: "John Smith"}, "for.kind", false},
		"for no kind":         {dossiertest.Birth, party{}, &party{Name: "John Smith"}, "for.kind", false},
		"for oneself": {
			dossiertest.Birth, party{}, &party{Kind: "citizen", Name: dossiertest.Stranger.Name, Number: dossiertest.StrangerNumber}, "for.number", false,
		},
		"for an organisation":  {dossiertest.Birth, party{}, &party{Kind: "organisation", Organisation: home("0101234567", "Làng trẻ em SOS")}, "", true},
		"for a half of one":    {dossiertest.Birth, party{}, &party{Kind: "organisation", Organisation: home("0101234567", "")}, "for.name", false},
		"for one without code": {dossiertest.Birth, party{}, &party{Kind: "organisation", Name: "Làng trẻ em SOS"}, "for.name", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := dossiertest.New()
			d, err := w.Start(t.Context(), dossiertest.Stranger, dossier.Starting{
				Procedure: c.procedure, Channel: dossier.Online, Applicant: c.applicant, For: c.other,
			})
			if c.field != "" {
				if f := fault.As(firstOf(err)); f == nil || f.Kind != fault.Invalid || f.Field != c.field {
					t.Fatalf("got %v, want a fault at %s", err, c.field)
				}
				if all, err := w.Drafts(t.Context(), dossiertest.Stranger); err != nil || len(all) != 0 {
					t.Errorf("a draft was kept: %+v, %v", all, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if d.Whole() != c.whole {
				t.Errorf("whole: got %v, want %v: %+v, %+v", d.Whole(), c.whole, d.Applicant, d.For)
			}
			list, err := w.CheckAll(t.Context(), dossiertest.Stranger, d.ID)
			if err != nil {
				t.Fatal(err)
			}
			owed := false
			for _, f := range list {
				owed = owed || f.Field == "whom"
			}
			if owed == c.whole {
				t.Errorf("the check says of it: %v", list)
			}
		})
	}
}

// authorised begins a birth registration of the stranger for the mother, and files it.
func authorised(t *testing.T, w *dossiertest.World, other *dossier.Party) dossier.Dossier {
	t.Helper()
	ctx := t.Context()
	d, err := w.Start(ctx, dossiertest.Stranger, dossier.Starting{Procedure: dossiertest.Birth, Channel: dossier.Online, For: other})
	if err != nil {
		t.Fatal(err)
	}
	given := dossiertest.BirthAnswers()
	given["applicant.relation"] = eform.Value{Text: "for_mother"}
	if d, err = w.Complete(ctx, dossiertest.Stranger, d, given); err != nil {
		t.Fatal(err)
	}
	sent, err := w.Submit(ctx, dossiertest.Stranger, d.ID, dossier.Filing{Version: d.Version, Notice: true})
	if err != nil {
		t.Fatal(err)
	}
	return sent
}

// TestByAuthorisation: the paper is asked for, what was said of the principal is not asked
// again, and both see the dossier, may supply and withdraw; nobody else.
func TestByAuthorisation(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := dossiertest.New()
	d := authorised(t, w, mother())
	if d.For == nil || d.For.Number != dossiertest.MotherNumber || d.For.Unproved != "" || d.Applicant.Number != dossiertest.StrangerNumber {
		t.Fatalf("who applies: %+v for %+v", d.Applicant, d.For)
	}
	for path, want := range map[string]string{"mother.number": dossiertest.MotherNumber, "mother.name": dossiertest.Mother.Name} {
		if a := d.Answers[path]; a.Value.Text != want || a.Source != eform.Stated {
			t.Errorf("%s: %+v", path, a)
		}
	}
	paper := false
	for _, p := range d.Papers {
		paper = paper || p.Requirement == "authorisation"
	}
	if !paper {
		t.Errorf("no authorisation: %+v", d.Papers)
	}
	for _, a := range d.Answers {
		if a.Source == eform.Register && a.Person == dossiertest.MotherNumber {
			t.Errorf("a fact of the principal was told: %+v", a.Value)
		}
	}
	for _, who := range dossiertest.Everybody {
		theirs := who.Account == dossiertest.Mother.Account || who.Account == dossiertest.Stranger.Account
		heads, err := w.Own(ctx, who)
		if theirs != (err == nil && len(heads) == 1) {
			t.Errorf("%s has %d dossiers (%v)", who.Account, len(heads), err)
		}
		if !theirs {
			continue
		}
		v, err := w.Look(ctx, who, d.Code, "")
		if err != nil || !v.Mine || !v.May(dossier.Withdraw) {
			t.Errorf("%s: %v, %+v", who.Account, err, v.Allowed)
		}
		if h := heads[0]; h.For != dossiertest.Mother.Name || h.Applicant != dossiertest.Stranger.Name {
			t.Errorf("the line: %q for %q", h.Applicant, h.For)
		}
		if out, err := w.Export(ctx, who, d.Code); err != nil || out.Dossier.For == nil {
			t.Errorf("%s: %v", who.Account, err)
		}
	}
	for _, text := range []string{dossiertest.MotherNumber, dossiertest.StrangerNumber, "Hồng Nhung", "Thu Trang"} {
		if heads, err := w.Search(ctx, dossiertest.Desk, text, dossiertest.Purpose); err != nil || len(heads) != 1 {
			t.Errorf("search %q: %d (%v)", text, len(heads), err)
		}
	}
	if _, err := w.Track(ctx, dossiertest.Nobody, d.Code, dossiertest.MotherNumber[8:], "10.0.0.1"); err != nil {
		t.Errorf("tracked by the principal's number: %v", err)
	}
	if !d.Concerns(dossiertest.MotherNumber) || d.Concerns(dossiertest.StrangerNumber) || d.Concerns("") {
		t.Error("it is not the matter of the principal alone")
	}
}

// TestPrincipalWhileAway: a number that nobody could hold against the register shows nothing to
// whoever has it; it is held against it when the form is sent.
func TestPrincipalWhileAway(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := dossiertest.New()
	w.Register.Away = true
	begin := func(name string) dossier.Draft {
		t.Helper()
		other := mother()
		other.Name = name
		d, err := w.Start(ctx, dossiertest.Stranger, dossier.Starting{Procedure: dossiertest.Birth, Channel: dossier.Online, For: other})
		if err != nil || d.For.Number != "" || d.For.Unproved != dossiertest.MotherNumber || !d.Whole() {
			t.Fatalf("while it is away: %+v, %v", d.For, err)
		}
		return d
	}
	right, wrong := begin(dossiertest.Mother.Name), begin("Nguyễn Thị An")
	whole := func(d dossier.Draft) dossier.Draft {
		t.Helper()
		given := dossiertest.BirthAnswers()
		given["applicant.relation"] = eform.Value{Text: "for_mother"}
		w.Register.Away = false
		d, err := w.Complete(ctx, dossiertest.Stranger, d, given)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	right, wrong = whole(right), whole(wrong)
	if _, err := w.Submit(ctx, dossiertest.Stranger, wrong.ID, dossier.Filing{Version: wrong.Version, Notice: true}); firstOf(err) == nil ||
		fault.As(firstOf(err)).Key != "dossier.for.unmatched" {
		t.Errorf("another's name: %v", err)
	}
	w.Register.Away = true
	away := authorisedDraft(t, w, right)
	if away.For.Number != "" || away.For.Unproved == "" {
		t.Errorf("sent while it is away: %+v", away.For)
	}
	if heads, err := w.Own(ctx, dossiertest.Mother); err != nil || len(heads) != 0 {
		t.Errorf("the number opened %d dossiers (%v)", len(heads), err)
	}
	if _, err := w.Look(ctx, dossiertest.Mother, away.Code, ""); fault.Of(err) != fault.NotFound {
		t.Errorf("the number opened it: %v", err)
	}
}

func authorisedDraft(t *testing.T, w *dossiertest.World, d dossier.Draft) dossier.Dossier {
	t.Helper()
	sent, err := w.Submit(t.Context(), dossiertest.Stranger, d.ID, dossier.Filing{Version: d.Version, Notice: true})
	if err != nil {
		t.Fatal(err)
	}
	return sent
}

// TestGuessingPrincipals: wrong numbers are counted, right ones are not, and a refusal says
// nothing but that they do not fit.
func TestGuessingPrincipals(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := dossiertest.New()
	d, err := w.Start(ctx, dossiertest.Stranger, dossier.Starting{Procedure: dossiertest.Birth, Channel: dossier.Online, For: &dossier.Party{}})
	if err != nil {
		t.Fatal(err)
	}
	try := func(other *dossier.Party) error {
		next, err := w.Choose(ctx, dossiertest.Stranger, d.ID, d.Version, dossier.Choice{Whom: &dossier.Whom{For: other}})
		if err == nil {
			d = next
		}
		return err
	}
	for range 3 {
		if err := try(mother()); err != nil {
			t.Fatal(err)
		}
	}
	unknown := *mother()
	unknown.Number = "019196000001"
	another := *mother()
	another.Name = "Nguyễn Thị An"
	first := ""
	for i := range 10 {
		err := try([]*dossier.Party{&unknown, &another}[i%2])
		f := fault.As(firstOf(err))
		if f == nil || f.Kind != fault.Invalid {
			t.Fatalf("try %d: %v", i, err)
		}
		if first == "" {
			first = f.Key
		}
		if f.Key != first || len(f.Args) > 0 {
			t.Errorf("it tells whether there is somebody: %v", err)
		}
	}
	asked := len(w.Register.Asked)
	if err := try(&another); fault.Of(err) != fault.TooMany {
		t.Errorf("after ten: %v", err)
	}
	if len(w.Register.Asked) != asked {
		t.Error("the register was asked all the same")
	}
	if d.For.Number != dossiertest.MotherNumber {
		t.Errorf("a wrong number was kept: %+v", d.For)
	}
}

// TestPrincipalChanges: what stands in the form by the one for whom is applied goes with them,
// and what the citizen at the desk confirmed is confirmed again.
func TestPrincipalChanges(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := dossiertest.New()
	d, err := w.Start(ctx, dossiertest.Desk, dossier.Starting{Procedure: "1.010041", Channel: dossier.AtDesk, For: mother()})
	if fault.As(err) == nil || fault.As(err).Field != "channel" {
		t.Fatalf("a way that the procedure has not: %v", err)
	}
	d, err = w.Start(ctx, dossiertest.Desk, dossier.Starting{Procedure: "1.004222", Channel: dossier.AtDesk, For: mother()})
	if err != nil {
		t.Fatal(err)
	}
	if got := d.Answers["subject.number"].Value.Text; got != dossiertest.MotherNumber {
		t.Fatalf("who moves: %q", got)
	}
	if _, asked := d.Answers["request.whom"]; asked {
		t.Error("for whom is asked again")
	}
	if d, err = w.Confirm(ctx, dossiertest.Desk, d.ID, d.Version, "read"); err != nil {
		t.Fatal(err)
	}
	unconfirmed := func() bool {
		list, err := w.CheckAll(ctx, dossiertest.Desk, d.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range list {
			if f.Field == "confirm" {
				return true
			}
		}
		return false
	}
	if unconfirmed() {
		t.Fatal("it is not confirmed")
	}
	father := &dossier.Party{Kind: dossier.OfCitizen, Name: dossiertest.Father.Name, Number: dossiertest.FatherNumber}
	if d, err = w.Choose(ctx, dossiertest.Desk, d.ID, d.Version, dossier.Choice{Whom: &dossier.Whom{For: father}}); err != nil {
		t.Fatal(err)
	}
	if got := d.Answers["subject.number"].Value.Text; got != dossiertest.FatherNumber || !unconfirmed() {
		t.Errorf("another person: %q", got)
	}
	d, err = w.Choose(ctx, dossiertest.Desk, d.ID, d.Version, dossier.Choice{Whom: &dossier.Whom{Kind: dossier.OfCitizen}})
	if err != nil || d.For != nil {
		t.Fatalf("for oneself: %+v, %v", d.For, err)
	}
	if _, ok := d.Answers["subject.number"]; ok {
		t.Error("the number of the other still stands there")
	}
}
