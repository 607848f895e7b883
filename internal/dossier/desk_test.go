package dossier_test

import (
	"testing"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossiertest"
	"dean06/internal/eform"
	"dean06/internal/platform/fault"
)

func assisted(t *testing.T, w *dossiertest.World) dossier.Draft {
	t.Helper()
	d, err := w.Start(t.Context(), dossiertest.Desk, dossier.Starting{Procedure: dossiertest.Birth, Channel: dossier.AtDesk})
	if err != nil {
		t.Fatal(err)
	}
	d, err = w.Answer(t.Context(), dossiertest.Desk, d.ID, d.Version, "applicant.relation", eform.Value{Text: "mother"})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestAnotherCard: what the register told of one person does not stand beside another's card.
func TestAnotherCard(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := dossiertest.New()
	d := assisted(t, w)
	see := func(name, number, birth string) dossier.Seen {
		t.Helper()
		seen, err := w.SeeCard(ctx, dossiertest.Desk, d.ID, d.Version, dossiertest.CardOf(name, number, birth))
		if err != nil {
			t.Fatal(err)
		}
		d = seen.Draft
		return seen
	}
	see(dossiertest.Mother.Name, dossiertest.MotherNumber, "1996-04-12")
	d, _, err := w.Prefill(ctx, dossiertest.Desk, d.ID)
	if err != nil {
		t.Fatal(err)
	}
	if n := d.Answers["applicant.name"]; n.Source != eform.Register || n.Person != dossiertest.MotherNumber {
		t.Fatalf("the applicant: %+v", n)
	}
	if d.Applicant.Number != dossiertest.MotherNumber {
		t.Fatal("the number is not there")
	}
	// The birth on this card is not hers: it is filled in, and opens nothing.
	if seen := see(dossiertest.Stranger.Name, dossiertest.StrangerNumber, "1991-01-31"); seen.Matched || seen.Away != "" || d.Applicant.Number != "" {
		t.Fatalf("a card that does not fit: %+v", seen)
	}
	for path, a := range d.Answers {
		if a.Person == dossiertest.MotherNumber || a.Source == eform.Register {
			t.Errorf("%s is still the mother's: %+v", path, a)
		}
	}
	if _, _, err := w.Prefill(ctx, dossiertest.Desk, d.ID); fault.Of(err) != fault.Denied {
		t.Errorf("prefilled without a match: %v", err)
	}
	w.Register.Away = true
	if seen := see(dossiertest.Mother.Name, dossiertest.MotherNumber, "1996-04-12"); seen.Matched || seen.Away == "" {
		t.Errorf("the register is away: %+v", seen)
	}
	w.Register.Away = false
	if seen := see(dossiertest.Mother.Name, dossiertest.MotherNumber, "1996-04-12"); !seen.Matched {
		t.Errorf("back: %+v", seen)
	}
	for field, card := range map[string]dossier.Known{
		"number": dossiertest.CardOf("A B", "123", "1996-04-12"), "name": dossiertest.CardOf(" ", dossiertest.MotherNumber, "1996-04-12"),
		"birth": dossiertest.CardOf("A B", dossiertest.MotherNumber, "hôm qua"),
	} {
		if _, err := w.SeeCard(ctx, dossiertest.Desk, d.ID, d.Version, card); fault.As(err) == nil || fault.As(err).Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	for _, who := range dossiertest.Everybody {
		if who.Account == dossiertest.Desk.Account {
			continue
		}
		if _, err := w.SeeCard(ctx, who, d.ID, d.Version, dossiertest.CardOf("A B", dossiertest.MotherNumber, "1996-04-12")); err == nil {
			t.Errorf("%s saw a card in another's draft", who.Account)
		}
	}
}

func TestOpenAccount(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := dossiertest.New()
	d := assisted(t, w)
	in := dossier.Opening{Version: d.Version, Login: "nhung96", Email: "nhung@example.vn", Seen: true}
	if _, _, err := w.OpenAccount(ctx, dossiertest.Desk, d.ID, in); fault.Of(err) != fault.Denied {
		t.Fatalf("before the card was seen: %v", err)
	}
	seen, err := w.SeeCard(ctx, dossiertest.Desk, d.ID, d.Version, dossiertest.CardOf(dossiertest.Mother.Name, dossiertest.MotherNumber, "1996-04-12"))
	if err != nil || !seen.Matched {
		t.Fatal(seen, err)
	}
	in.Version = seen.Draft.Version
	for _, who := range dossiertest.Everybody {
		if who.Account != dossiertest.Desk.Account {
			if _, _, err := w.OpenAccount(ctx, who, d.ID, in); err == nil {
				t.Errorf("%s opened an account", who.Account)
			}
		}
	}
	unseen := in
	unseen.Seen = false
	if _, _, err := w.OpenAccount(ctx, dossiertest.Desk, d.ID, unseen); fault.As(err) == nil || fault.As(err).Field != "seen" {
		t.Errorf("without saying that the card was seen: %v", err)
	}
	after, opened, err := w.OpenAccount(ctx, dossiertest.Desk, d.ID, in)
	if err != nil || opened.Password == "" || after.Applicant.Account != opened.Account || after.Applicant.Email != in.Email {
		t.Fatalf("%+v, %+v, %v", after.Applicant, opened, err)
	}
	if w.Accounts.Bound["nhung96"] != dossiertest.MotherNumber {
		t.Errorf("bound to %q", w.Accounts.Bound["nhung96"])
	}
	in.Version = after.Version
	if _, _, err := w.OpenAccount(ctx, dossiertest.Desk, d.ID, in); fault.Of(err) != fault.Conflict {
		t.Errorf("a second one: %v", err)
	}
}
