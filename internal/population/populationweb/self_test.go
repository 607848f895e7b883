package populationweb

import (
	"context"
	"testing"
	"time"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/population"
)

// called names every account alike.
type called struct{ Names }

func (called) NameOf(_ context.Context, account string, _ time.Time) string {
	return "Cán bộ " + account
}

// Where a system says that the citizen themselves asked, the page says so; an account of
// the register's own desk that happens to be called the same is an account.
func TestOwnLookIsSaidInWords(t *testing.T) {
	t.Parallel()
	cat, err := i18n.Load(Messages)
	if err != nil {
		t.Fatal(err)
	}
	const client = "VN/GOV/H55/MOTCUA"
	for _, lang := range i18n.Langs {
		p := cat.In(lang)
		w := words{p, t.Context(), &Pages{Shell: Shell{Names: called{}, Clock: clock.System{}}}}
		self := p.T("people.officer.self")
		for _, tt := range []struct{ client, officer, want string }{
			{client, CitizenSelf, self},
			{client, "canbo.moc", "canbo.moc"},
			{"", CitizenSelf, "Cán bộ " + CitizenSelf},
		} {
			if got := w.officer(tt.client, tt.officer); got != tt.want {
				t.Errorf("%s: the auditor reads %q for %q of %q, want %q", lang, got, tt.officer, tt.client, tt.want)
			}
			if got := w.byOfficer(population.Lookup{Client: tt.client, Officer: tt.officer}); got != tt.want {
				t.Errorf("%s: the citizen reads %q for %q of %q, want %q", lang, got, tt.officer, tt.client, tt.want)
			}
		}
	}
}
