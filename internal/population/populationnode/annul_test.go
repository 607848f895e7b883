package populationnode

import (
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"dean06/internal/citizen"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/fault"
	"dean06/internal/population"
)

// TestAnnulOnThePages: one registrar records, a second asks, a third approves; neither the
// one who asks nor the one who recorded can approve; what it changes is seen by both, and
// everybody who is shown is looked up.
func TestAnnulOnThePages(t *testing.T) {
	t.Parallel()
	a := openAuthority(t, 20)
	ctx := t.Context()
	done, err := a.register.Record(ctx, a.who("canbo", population.Registrar), population.Event{
		Kind: population.Death, On: citizen.MustDay("2026-11-10"), Number: thu,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, login := range []string{"canbo", "canbo2", "canbo3"} {
		a.as(login, http.MethodPost, "/people/desk", "purpose", "card", "dossier", "HS-1")
	}
	found := a.as("canbo2", http.MethodPost, "/people", "q", thu.Reveal()).Body.String()
	page := regexp.MustCompile(`/people/person/[\w-]+`).FindString(found)
	person := a.as("canbo2", http.MethodGet, page).Body.String()
	form := html.UnescapeString(regexp.MustCompile(`/people/person/[\w-]+/annul\?event=` + done.Event.ID).FindString(person))
	w := a.as("canbo2", http.MethodGet, form)
	digest := regexp.MustCompile(`name="digest" value="(\w+)"`).FindStringSubmatch(w.Body.String())
	if w.Code != http.StatusOK || digest == nil || !strings.Contains(w.Body.String(), "Nguyễn Văn Thử") {
		t.Fatalf("the form: %d %s", w.Code, w.Body)
	}
	path, _, _ := strings.Cut(form, "?")
	const basis = "Quyết định số 12/QĐ-UBND ngày 20/11/2026"
	if w := a.as("canbo2", http.MethodPost, path, "event", done.Event.ID, "digest", digest[1]); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("without a basis: %d", w.Code)
	}
	if w := a.as("canbo2", http.MethodPost, path, "event", done.Event.ID, "digest", "x", "basis", basis); w.Code != http.StatusConflict {
		t.Errorf("something else was seen: %d", w.Code)
	}
	w = a.as("canbo2", http.MethodPost, path, "event", done.Event.ID, "digest", digest[1], "basis", basis)
	to := w.Header().Get("Location")
	id := strings.TrimPrefix(to, "/people/annulments/")
	if w.Code != http.StatusSeeOther || id == to {
		t.Fatalf("ask: %d %s", w.Code, w.Body)
	}
	if w := a.as("canbo3", http.MethodGet, to); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Nguyễn Văn Thử") ||
		!strings.Contains(w.Body.String(), "/approvals/"+id) {
		t.Errorf("the second person's page: %d %s", w.Code, w.Body)
	}
	if w := a.as("quantri", http.MethodGet, to); w.Code != http.StatusForbidden {
		t.Errorf("an administrator: %d", w.Code)
	}
	seen, err := a.register.Store.Lookups(ctx, thu, population.Period{}, "", 10)
	if err != nil || len(seen) < 3 || seen[0].Officer != a.ids["canbo3"] {
		t.Errorf("looked up = %+v, %v", seen, err)
	}
	waits, err := a.node.Approvals.Get(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	can, err := a.node.Approvals.Deciders(ctx, waits)
	if err != nil || len(can) != 1 || can[0].ID != a.ids["canbo3"] {
		t.Errorf("who can decide = %+v, %v, want the third alone", can, err)
	}
	for _, login := range []string{"canbo2", "canbo"} {
		if _, err := a.node.Approvals.Approve(ctx, a.who(login, population.Registrar), id); fault.Of(err) != fault.Denied {
			t.Errorf("approved by %s: %v, want denied", login, err)
		}
	}
	for range 2 { // and a second click
		r, err := a.node.Approvals.Approve(ctx, a.who("canbo3", population.Registrar), id)
		if err != nil || r.State != approval.Approved {
			t.Fatalf("approve: %s, %v", r.State, err)
		}
	}
	after := a.as("canbo2", http.MethodGet, page).Body.String()
	for _, want := range []string{"Đã hủy", basis, "Người giữ canbo2 đề nghị, Người giữ canbo3 phê duyệt", "Hủy việc hủy này"} {
		if !strings.Contains(after, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	in := population.Inquiry{By: a.who("canbo2", population.Registrar), Purpose: "card"}
	if v, err := a.register.View(ctx, in, thu); err != nil || v.Person.Life != population.Alive || v.Annulled[done.Event.ID].ID != id {
		t.Errorf("after: %+v, %v", v.Person.Life, err)
	}
	logged, err := audit.Find(ctx, a.node.DB, audit.Filter{Action: "population.record"})
	if err != nil || len(logged) != 2 || logged[0].Details["annuls"] != done.Event.ID || logged[0].Details["approved_by"] != a.ids["canbo3"] {
		t.Errorf("audit log = %+v, %v", logged, err)
	}
	if w := a.as("canbo3", http.MethodGet, to); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "đã được quyết định") {
		t.Errorf("the page of what was decided: %d", w.Code)
	}
	if w := a.as("canbo3", http.MethodGet, form); w.Code != http.StatusConflict {
		t.Errorf("a second annulment: %d", w.Code)
	}
}
