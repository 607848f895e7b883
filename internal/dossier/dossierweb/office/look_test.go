package office_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossiertest"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/ui/assets"
	"dean06/internal/platform/ui/uitest"
)

// TestLooks looks at each page of the office in a browser: none is too wide, none has a control
// too small for a finger, and axe finds nothing. With KEEP_PAGES it keeps pictures.
func TestLooks(t *testing.T) {
	t.Parallel()
	ctx := uitest.Browser(t)
	s := newSite(t)
	var mu sync.Mutex
	who := dossiertest.Desk
	mux := http.NewServeMux()
	mux.Handle(assets.Prefix, assets.Handler())
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		r.Header.Set("X-Who", who.Account)
		mu.Unlock()
		s.Handler.ServeHTTP(w, r)
	})
	srv := httptest.NewServer(mux)
	defer srv.Close()
	n := 0
	looks := func(as actor.Actor, name, path string) {
		t.Helper()
		mu.Lock()
		who = as
		mu.Unlock()
		n++
		sep := "?"
		if strings.Contains(path, "?") {
			sep = "&"
		}
		for _, fault := range uitest.Markup(s.Get(as, path+sep+"lang=en").Body) {
			t.Errorf("%s: %s", path, fault)
		}
		for i, way := range []struct {
			lang  string
			width int64
		}{{"vi", uitest.Phone}, {"en", uitest.Desktop}, {"vi", uitest.Desktop}, {"en", uitest.Phone}} {
			if i > 1 && os.Getenv("KEEP_PAGES") == "" {
				break
			}
			uitest.Open(t, ctx, srv.URL+path+sep+"lang="+way.lang, way.width)
			uitest.Check(t, ctx)
			if dir := os.Getenv("KEEP_PAGES"); dir != "" {
				uitest.Screenshot(t, ctx, filepath.Join(dir, fmt.Sprintf("%02d-%s-%s-%d.png", n, name, way.lang, way.width)))
			}
		}
		if t.Failed() {
			t.Logf("up to %s", path)
		}
	}
	looks(dossiertest.Desk, "receive", "/desk/receive")
	d := s.begin(dossiertest.Desk)
	looks(dossiertest.Desk, "empty", d.path)
	d.fill(
		http.StatusSeeOther, "card", card(dossiertest.Mother.Name, dossiertest.MotherNumber, "12041996"),
		"applicant.relation", "mother", "applicant.relation-shown", "1",
	)
	d.fill(http.StatusSeeOther, "request.situation", "married", "request.situation-shown", "1", "child.name", "Trần Minh An")
	looks(dossiertest.Desk, "filled", d.path)
	looks(dossiertest.Desk, "account", d.path+"/account")
	looks(dossiertest.Desk, "read", d.path+"/read")
	for _, status := range []dossier.Status{dossier.New, dossier.InProcess, dossier.Supplement, dossier.FeeDue, dossier.Done} {
		one, err := s.World.To(t.Context(), status)
		if err != nil {
			t.Fatal(err)
		}
		at := "/desk/dossiers/" + one.Code
		switch status {
		case dossier.New:
			looks(dossiertest.Desk, "new", at)
			looks(dossiertest.Desk, "receive-act", at+"/receive")
			looks(dossiertest.Desk, "refuse", at+"/refuse_intake")
			looks(dossiertest.Desk, "withdraw", at+"/withdraw")
			looks(dossiertest.Desk, "check", at+"/check?paper=birth_notice")
			looks(dossiertest.Leader, "not-now", at+"/extend")
		case dossier.InProcess:
			looks(dossiertest.Reviewer, "in-process", at)
			looks(dossiertest.Reviewer, "ask-more", at+"/ask_more")
			looks(dossiertest.Reviewer, "propose", at+"/propose")
			looks(dossiertest.Leader, "leader", at)
			looks(dossiertest.Leader, "extend", at+"/extend")
			looks(dossiertest.Leader, "stop", at+"/stop")
			looks(dossiertest.Leader, "refuse-late", at+"/refuse")
			looks(dossiertest.Leader, "assign", at+"/assign")
			looks(dossiertest.Reviewer, "note", at+"/note")
			looks(dossiertest.Desk, "correct", at+"/correct")
		case dossier.Supplement:
			looks(dossiertest.Desk, "supplement", at)
		case dossier.FeeDue:
			looks(dossiertest.Desk, "pay", at+"/pay")
		default:
			looks(dossiertest.Desk, "done", at)
			looks(dossiertest.Desk, "hand-over", at+"/hand_over")
			looks(dossiertest.Leader, "replace", at+"/replace")
			looks(dossiertest.Leader, "revoke", at+"/revoke")
		}
	}
	looks(dossiertest.Desk, "list", "/desk?view=agency")
	looks(dossiertest.Reviewer, "list-none", "/desk?view=mine")
	looks(dossiertest.Reviewer, "list-late", "/desk?view=agency&late=1")
	looks(dossiertest.Reviewer, "search", "/desk/search?q=nhung&purpose=ask")
	looks(dossiertest.Reviewer, "search-why", "/desk/search?q=nhung")
	looks(dossiertest.Leader, "rates", "/desk/rates")
	looks(dossiertest.Leader, "rates-wrong", "/desk/rates?from-day=31&from-month=2&from-year=2026")
	looks(dossiertest.Leader, "behind", "/desk/rates/behind")
	looks(dossiertest.Leader, "behind-late", "/desk/rates/behind?late=yes")
}
