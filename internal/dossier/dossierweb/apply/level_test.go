package apply_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"dean06/internal/dossier/dossiertest"
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
