package dossier_test

import (
	"testing"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossiertest"
	"dean06/internal/eform"
	"dean06/internal/platform/fault"
)

// TestLevelOfProcedures: what a package asks for holds for each thing that is done online with its
// draft, whoever calls; not at a desk, where an officer sees the card.
func TestLevelOfProcedures(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := dossiertest.New()
	low := dossiertest.Mother
	low.Level = 1
	refused := func(what string, err error) {
		t.Helper()
		if f := fault.As(err); f == nil || f.Key != dossier.ErrLevel.Key {
			t.Errorf("%s at level 1: %v", what, err)
		}
	}
	birth := dossier.Starting{Procedure: dossiertest.Birth, Channel: dossier.Online}
	_, err := w.Start(ctx, low, birth)
	refused("begun", err)
	d := start(t, w)
	_, err = w.Service.Draft(ctx, low, d.ID)
	refused("read", err)
	_, err = w.Answer(ctx, low, d.ID, d.Version, "applicant.relation", eform.Value{Text: "relative"})
	refused("answered", err)
	_, _, err = w.Prefill(ctx, low, d.ID)
	refused("filled in", err)
	_, err = w.Submit(ctx, low, d.ID, dossier.Filing{Version: d.Version, Notice: true})
	refused("sent", err)
	if f, err := w.Service.Draft(ctx, dossiertest.Mother, d.ID); err != nil || !f.Sure || f.Draft.Version != d.Version {
		t.Errorf("nothing was lost: %+v, %v", f.Draft, err)
	}
	none := dossiertest.Unbound
	none.Level = 0
	if _, err := w.Start(ctx, none, birth); fault.As(err).Key != dossier.ErrLevel.Key {
		t.Errorf("who is known to nobody: %v", err)
	}
	at := birth
	at.Channel = dossier.AtDesk
	if _, err := w.Start(ctx, dossiertest.Desk, at); err != nil {
		t.Errorf("at the desk: %v", err)
	}
}

// TestPrefillRestsOnLevelTwo, also where the procedure itself asks for less.
func TestPrefillRestsOnLevelTwo(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := dossiertest.New()
	low := dossiertest.Mother
	low.Level = 1
	d, err := w.Start(ctx, low, dossier.Starting{Procedure: "1.010041", Channel: dossier.Online})
	if err != nil {
		t.Fatal(err)
	}
	asked := len(w.Register.Asked)
	if _, _, err := w.Prefill(ctx, low, d.ID); fault.As(err) == nil || fault.As(err).Key != "dossier.prefill.level" {
		t.Errorf("filled in at level 1: %v", err)
	}
	f, err := w.Service.Draft(ctx, low, d.ID)
	if err != nil || f.Sure || !f.Bound || len(w.Register.Asked) != asked {
		t.Errorf("%+v, %v: the register was asked %d times", f.Sure, err, len(w.Register.Asked)-asked)
	}
	if _, out, err := w.Prefill(ctx, dossiertest.Mother, d.ID); err != nil || out.Filled == 0 {
		t.Errorf("at level 2: %+v, %v", out, err)
	}
}
