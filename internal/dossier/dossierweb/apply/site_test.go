package apply_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"

	"dean06/internal/dossier/dossiertest"
	"dean06/internal/dossier/dossierweb"
	"dean06/internal/dossier/dossierweb/apply"
	"dean06/internal/dossier/dossierweb/dossierwebtest"
	"dean06/internal/platform/web"
	"dean06/internal/procedure"
)

// site is the citizen's pages of the world of invented people.
type site struct{ *dossierwebtest.Site }

func newSite(t *testing.T) *site {
	t.Helper()
	return &site{dossierwebtest.New(t, func(shell dossierweb.Shell, w *dossiertest.World) []web.Route {
		w.Units = dossierwebtest.Places{}
		return apply.New(shell, apply.Needs{
			Catalogue: func(context.Context) (*procedure.Catalogue, error) { return procedure.Builtin(), nil },
			Uploads:   &dossierwebtest.Uploads{Files: w.Files}, Address: func(r *http.Request) string { return r.RemoteAddr },
			StepUp: func(next string) string { return "/sign-in/identity?level=2&next=" + url.QueryEscape(next) },
		}).Routes()
	}, apply.Messages)}
}
