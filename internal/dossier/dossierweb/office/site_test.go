package office_test

import (
	"net/url"
	"testing"

	"dean06/internal/dossier/dossiertest"
	"dean06/internal/dossier/dossierweb"
	"dean06/internal/dossier/dossierweb/dossierwebtest"
	"dean06/internal/dossier/dossierweb/office"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/web"
)

// site is the office of the world of invented people.
type site struct {
	*dossierwebtest.Site
	uploads *dossierwebtest.Uploads
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{}
	s.Site = dossierwebtest.New(t, func(shell dossierweb.Shell, w *dossiertest.World) []web.Route {
		w.Units = dossierwebtest.Places{}
		s.uploads = &dossierwebtest.Uploads{Files: w.Files}
		return office.New(shell, office.Needs{Uploads: s.uploads}).Routes()
	}, office.Messages)
	return s
}

// post sends a form of names and values.
func (s *site) post(who actor.Actor, path string, values ...string) dossierwebtest.Answer {
	s.T.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(values); i += 2 {
		form.Add(values[i], values[i+1])
	}
	return s.Post(who, path, form)
}
