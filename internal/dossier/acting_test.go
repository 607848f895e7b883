package dossier_test

import (
	"testing"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossiertest"
	"dean06/internal/eform"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
)

const absence = "1.010041"

// actingFor is somebody in a session in which they act for another.
func actingFor(by, other actor.Actor, number, kind string, scope ...string) actor.Actor {
	by.For = &actor.Principal{Subject: "s-" + other.Account, Name: other.Name, Number: number, Kind: kind, Ground: "kin", Scope: scope}
	return by
}

// TestActingForAnother: what was begun for another by a delegation is that one's alone, and is
// gone on with only by who acts for them now, in what they may.
func TestActingForAnother(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := dossiertest.New()
	key := func(what, want string, err error) {
		t.Helper()
		if f := fault.As(err); f == nil || f.Key != want {
			t.Errorf("%s: %v, want %s", what, err, want)
		}
	}
	son := dossiertest.Father
	acting := actingFor(son, dossiertest.Stranger, dossiertest.StrangerNumber, dossier.OfCitizen, absence)
	_, err := w.Start(ctx, acting, dossier.Starting{Procedure: dossiertest.Birth, Channel: dossier.Online})
	key("another procedure", "dossier.acting.scope", err)
	company := actingFor(son, dossiertest.Stranger, "0100100079", dossier.OfOrganisation, "*")
	_, err = w.Start(ctx, company, dossier.Starting{Procedure: "1.004222", Channel: dossier.Online})
	key("an organisation in what is for persons", "dossier.draft.who", err)

	d, err := w.Start(ctx, acting, dossier.Starting{Procedure: absence, Channel: dossier.Online, For: &dossier.Party{Kind: "citizen", Name: "Ai Khác"}})
	if err != nil {
		t.Fatal(err)
	}
	if d.For == nil || d.For.Number != dossiertest.StrangerNumber || d.For.Name != dossiertest.Stranger.Name || d.For.Ground != "kin" ||
		d.Applicant.Number != dossiertest.FatherNumber || d.Applicant.Name != son.Name {
		t.Errorf("begun by %+v for %+v", d.Applicant, d.For)
	}
	_, err = w.Choose(ctx, acting, d.ID, d.Version, dossier.Choice{Whom: &dossier.Whom{Kind: dossier.OfCitizen}})
	key("chosen anew", "dossier.acting.fixed", err)
	for name, who := range map[string]actor.Actor{
		"for himself, once the right ended": son,
		"for somebody else":                 actingFor(son, dossiertest.Mother, dossiertest.MotherNumber, dossier.OfCitizen, "*"),
		"in another scope":                  actingFor(son, dossiertest.Stranger, dossiertest.StrangerNumber, dossier.OfCitizen, dossiertest.Birth),
		"another who acts":                  actingFor(dossiertest.Mother, dossiertest.Stranger, dossiertest.StrangerNumber, dossier.OfCitizen, "*"),
	} {
		_, err = w.Service.Draft(ctx, who, d.ID)
		key(name, "dossier.draft.unknown", err)
		_, err = w.Answer(ctx, who, d.ID, d.Version, "x", eform.Value{Text: "y"})
		key(name, "dossier.draft.unknown", err)
		_, err = w.Submit(ctx, who, d.ID, dossier.Filing{Version: d.Version, Notice: true})
		key(name, "dossier.draft.unknown", err)
		if list, err := w.Drafts(ctx, who); err != nil || len(list) != 0 {
			t.Errorf("%s: drafts %v, %v", name, list, err)
		}
	}
	if list, err := w.Drafts(ctx, acting); err != nil || len(list) != 1 {
		t.Errorf("%v, %v", list, err)
	}

	// His own drafts and dossiers are not there while he acts for her.
	own := start(t, w)
	_, err = w.Service.Draft(ctx, actingFor(dossiertest.Mother, dossiertest.Stranger, dossiertest.StrangerNumber, dossier.OfCitizen, "*"), own.ID)
	key("one's own while one acts for another", "dossier.draft.unknown", err)
}

// TestOwnsByDelegation: who sees and acts on a dossier that was filed by a delegation.
func TestOwnsByDelegation(t *testing.T) {
	t.Parallel()
	acts := actingFor(dossiertest.Father, dossiertest.Stranger, dossiertest.StrangerNumber, dossier.OfCitizen, absence)
	filed := dossier.Dossier{
		Procedure: absence, Applicant: dossier.Party{Number: dossiertest.FatherNumber, Account: "father"},
		For: &dossier.Party{Kind: dossier.OfCitizen, Number: dossiertest.StrangerNumber, Ground: "kin"},
	}
	hers := dossier.Dossier{Procedure: absence, Applicant: dossier.Party{Number: dossiertest.StrangerNumber}}
	other := hers
	other.Procedure = dossiertest.Birth
	his := dossier.Dossier{Procedure: absence, Applicant: dossier.Party{Number: dossiertest.FatherNumber, Account: "father"}}
	byPaper := filed
	byPaper.For = &dossier.Party{Kind: dossier.OfCitizen, Number: dossiertest.StrangerNumber}
	him := dossier.Who{Actor: dossiertest.Father, Number: dossiertest.FatherNumber}
	for name, c := range map[string]struct {
		who  dossier.Who
		d    dossier.Dossier
		owns bool
	}{
		"what he filed, acting":            {dossier.Who{Actor: acts, Number: dossiertest.FatherNumber}, filed, true},
		"hers, in his scope":               {dossier.Who{Actor: acts, Number: dossiertest.FatherNumber}, hers, true},
		"hers, not in his scope":           {dossier.Who{Actor: acts, Number: dossiertest.FatherNumber}, other, false},
		"his own, while he acts":           {dossier.Who{Actor: acts, Number: dossiertest.FatherNumber}, his, false},
		"what he filed, for himself again": {him, filed, false},
		"what he filed with papers":        {him, byPaper, true},
		"his own":                          {him, his, true},
		"she":                              {dossier.Who{Actor: dossiertest.Stranger, Number: dossiertest.StrangerNumber}, filed, true},
	} {
		if got := dossier.Owns(c.who, c.d); got != c.owns {
			t.Errorf("%s: %t", name, got)
		}
	}
}
