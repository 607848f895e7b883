package apply_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossiertest"
	"dean06/internal/platform/actor"
)

// TestStepUp: who signed in at level 1 is led to sign in more surely, and back to the page.
func TestStepUp(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	low := dossiertest.Mother
	low.Level = 1
	leads := func(path string, form url.Values, next string) {
		t.Helper()
		a := s.Get(low, path)
		if form != nil {
			a = s.Post(low, path, form)
		}
		if want := "/sign-in/identity?level=2&next=" + url.QueryEscape(next); a.Code != http.StatusSeeOther || a.Location != want {
			t.Errorf("%s: %d %s, want %s", path, a.Code, a.Location, want)
		}
	}
	as := url.Values{"as": {"citizen"}}
	leads("/procedures/1.001193", as, "/procedures/1.001193")
	begun := s.Post(dossiertest.Mother, "/procedures/1.001193", as)
	question := s.Get(dossiertest.Mother, begun.Location).Location
	leads(question, nil, question)
	leads(question, url.Values{"version": {"1"}}, begun.Location)
	if a := s.Get(dossiertest.Mother, question); a.Code != http.StatusOK {
		t.Errorf("back at %s: %d", question, a.Code)
	}

	// Where the procedure asks for less, the form says that it is not filled in, and offers it.
	absent := s.Post(low, "/procedures/1.010041", as)
	first := s.shows(low, s.Get(low, absent.Location).Location, http.StatusOK)
	fill := absent.Location + "/fill"
	if want := "level=2&amp;next=" + url.QueryEscape(fill); !strings.Contains(first.Body, want) || !strings.Contains(first.Body, "mức độ 1") {
		t.Errorf("the form does not offer %s:\n%s", want, text(first.Body))
	}
	if a := s.Get(dossiertest.Mother, fill); a.Code != http.StatusSeeOther || a.Location != absent.Location {
		t.Errorf("filled in after the step up: %d %s", a.Code, a.Location)
	}
	if page := s.Get(dossiertest.Mother, s.Get(dossiertest.Mother, absent.Location).Location); strings.Contains(page.Body, "mức độ 1") {
		t.Error("it still says that nothing is filled in")
	}
}

// TestActingPages: who signed in for another begins for that one, and is not asked for whom.
func TestActingPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	son := dossiertest.Father
	son.For = &actor.Principal{
		Subject: "s", Name: dossiertest.Stranger.Name, Number: dossiertest.StrangerNumber, Kind: dossier.OfCitizen, Ground: "kin", Scope: []string{"1.010041"},
	}
	s.shows(son, "/procedures/1.010041", http.StatusOK)
	if page := s.Get(son, "/procedures/1.010041"); !strings.Contains(page.Body, "Thay mặt "+dossiertest.Stranger.Name) {
		t.Error("the page does not say for whom")
	}
	as := url.Values{"as": {"other"}}
	begun := s.Post(son, "/procedures/1.010041", as)
	if begun.Code != http.StatusSeeOther {
		t.Fatalf("%d: %s", begun.Code, text(begun.Body))
	}
	if next := s.Get(son, begun.Location).Location; !strings.Contains(next, "/q/") {
		t.Errorf("it asks for whom: %s", next)
	}
	if a := s.Post(son, "/procedures/1.004222", as); a.Code != http.StatusForbidden {
		t.Errorf("a procedure outside of the scope: %d", a.Code)
	}
	if a := s.Get(dossiertest.Father, begun.Location); a.Code != http.StatusNotFound {
		t.Errorf("in his own session: %d", a.Code)
	}
}
