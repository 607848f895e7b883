package programme_test

import (
	"context"
	"testing"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/programme"
)

// TestALinkIsWhatItLeadsTo: evidence leads to what the one who shows it may see, says to each
// who looks what that is and how it stands now, and hides what is not theirs.
func TestALinkIsWhatItLeadsTo(t *testing.T) {
	t.Parallel()
	h := newHouse(t, sqldbtest.OpenSQLite(t))
	ctx := t.Context()
	h.Parts.Linked = func(_ context.Context, who actor.Actor, path []string) (programme.Linked, error) {
		switch {
		case path[0] != "returns" || len(path) < 3:
			return programme.Linked{}, fault.New(fault.NotFound, "programme.unknown", nil)
		case who.Agency != "" && who.Agency != path[2]:
			return programme.Linked{}, fault.New(fault.Denied, "programme.denied.read", nil)
		}
		return programme.Linked{Title: programme.Words{Vi: "Báo cáo", En: "Return"}, Key: "readiness.state.accepted"}, nil
	}
	u := h.find(t, "dp-c9", "H55", "")
	other := h.find(t, "dp-c9", "H26", "")
	progress := func(link string) error {
		next, err := h.Act(ctx, thaiNguyen, u.ID, u.Version, programme.Change{
			Act: programme.Progress, Percent: 60, Evidence: []programme.Evidence{{Kind: programme.EvidenceLink, Text: link, Link: link}},
		})
		if err == nil {
			u = next
		}
		return err
	}
	for _, nothing := range []string{
		"/programme/units/" + other.ID, "/programme/units/0", "/programme/figures/tasks.central.done", "/programme/nowhere", "/programme/tasks/zz", "/returns",
		"/returns/1877/H26", "/nothing", "/", "/programme/tasks/dp-c9/edit",
	} {
		if err := progress(nothing); fault.Of(err) != fault.Invalid {
			t.Errorf("%s: %v", nothing, err)
		}
	}
	for _, link := range []string{
		"/programme/units/" + u.ID, "/programme/tasks/dp-c9?x=1", "/returns/1877/H55", "https://thainguyen.gov.vn/", "/programme/registers/law",
	} {
		if err := progress(link); err != nil {
			t.Errorf("%s: %v", link, err)
		}
	}
	h.Parts.URL = "http://localhost:8006" // as a browser shows it
	if err := progress("http://localhost:8006/returns/1877/H55?lang=vi#row-1"); err != nil {
		t.Errorf("an address of this program: %v", err)
	}
	for _, nothing := range []string{"http://localhost:8006/nothing", "http://localhost:80067/returns/1877/H55", "http://localhost:8006"} {
		if err := progress(nothing); fault.Of(err) != fault.Invalid {
			t.Errorf("%s: %v", nothing, err)
		}
	}
	shownTo := func(who actor.Actor) map[string]programme.Shown {
		looked, err := h.UnitTask(ctx, who, u.ID)
		if err != nil {
			t.Fatal(err)
		}
		list, err := h.Shown(ctx, who, &looked)
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]programme.Shown{}
		for _, x := range list {
			out[x.Link] = x
		}
		return out
	}
	seen := shownTo(reviewer)
	if x := seen["/returns/1877/H55"]; x.Key != "readiness.state.accepted" || x.Title.En != "Return" {
		t.Errorf("%+v", x)
	}
	if x := seen["/programme/units/"+u.ID]; x.Key != "programme.state.doing" || x.Hidden {
		t.Errorf("%+v", x)
	}
	if x := seen["https://thainguyen.gov.vn/"]; x.Title.Vi != "" || x.Hidden {
		t.Errorf("%+v", x)
	}
	lead := focal(leadOf(t, h))
	if x := shownTo(lead)["/returns/1877/H55"]; !x.Hidden || x.Title.Vi != "" {
		t.Errorf("%s sees %+v", lead.Agency, x)
	}
}

// leadOf is who leads the task of the test: it sees the unit tasks of all, and no returns of
// theirs.
func leadOf(t *testing.T, h house) string {
	t.Helper()
	task, _, err := h.Task(t.Context(), leader, "dp-c9")
	if err != nil || task.Lead == "" {
		t.Fatalf("%+v, %v", task, err)
	}
	return task.Lead
}
