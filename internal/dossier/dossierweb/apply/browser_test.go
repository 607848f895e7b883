package apply_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossiertest"
	"dean06/internal/dossier/dossierweb/dossierwebtest"
	"dean06/internal/eform"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/ui/assets"
	"dean06/internal/platform/ui/uitest"
)

// looker looks at pages in a browser, each in both languages, one on a phone and one at a
// desk.
type looker struct {
	*site
	ctx  context.Context
	url  string
	mu   sync.Mutex
	who  actor.Actor
	last string // a page that was the answer to a form
	n    int
}

// newLooker opens a browser on the pages, with the style and the scripts of the real ones.
func newLooker(t *testing.T) *looker {
	t.Helper()
	l := &looker{ctx: uitest.Browser(t), site: newSite(t)}
	mux := http.NewServeMux()
	mux.Handle(assets.Prefix, assets.Handler())
	mux.HandleFunc("GET /last", func(w http.ResponseWriter, _ *http.Request) {
		l.mu.Lock()
		defer l.mu.Unlock()
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, l.last)
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		l.mu.Lock()
		defer l.mu.Unlock()
		r.Header.Set("X-Who", l.who.Account)
		l.Handler.ServeHTTP(w, r)
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	l.url = srv.URL
	return l
}

// as is who looks from now on.
func (l *looker) as(who actor.Actor) *looker {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.who = who
	return l
}

// looks opens an address on a phone in Vietnamese, and reads it in English; with KEEP_PAGES it
// opens it in all four ways, of which it keeps pictures.
func (l *looker) looks(name, path string) {
	l.T.Helper()
	ways := []struct {
		lang  string
		width int64
	}{{"vi", uitest.Phone}, {"en", uitest.Desktop}, {"vi", uitest.Desktop}, {"en", uitest.Phone}}
	dir := os.Getenv("KEEP_PAGES")
	if dir == "" {
		ways = ways[:1]
	}
	l.n++
	sep := "?"
	if strings.Contains(path, "?") {
		sep = "&"
	}
	for _, fault := range uitest.Markup(l.Get(l.who, path+sep+"lang=en").Body) {
		l.T.Errorf("%s: %s", path, fault)
	}
	for _, w := range ways {
		uitest.Open(l.T, l.ctx, l.url+path+sep+"lang="+w.lang, w.width)
		uitest.Check(l.T, l.ctx)
		if dir != "" {
			uitest.Screenshot(l.T, l.ctx, filepath.Join(dir, fmt.Sprintf("%03d-%s-%s-%d.png", l.n, name, w.lang, w.width)))
		}
		if l.T.Failed() {
			l.T.Logf("up to %s (%s, %d px)", path, w.lang, w.width)
		}
	}
}

// answered posts a form and looks at the page that comes back.
func (l *looker) answered(name, path string, form url.Values) {
	l.T.Helper()
	for _, lang := range []string{"vi", "en"} {
		if lang == "en" && os.Getenv("KEEP_PAGES") == "" {
			return
		}
		a := l.Post(l.who, path+"?lang="+lang, form)
		if a.Code == http.StatusSeeOther { // nothing to refuse: the question may stay open
			return
		}
		l.shown(name+"-"+lang, a, lang)
	}
}

func (l *looker) shown(name string, a dossierwebtest.Answer, lang string) {
	l.T.Helper()
	for _, fault := range uitest.Markup(a.Body) {
		l.T.Errorf("%s: %s", name, fault)
	}
	l.mu.Lock()
	l.last = a.Body
	l.mu.Unlock()
	l.n++
	width := int64(uitest.Phone)
	if lang == "en" {
		width = uitest.Desktop
	}
	uitest.Open(l.T, l.ctx, l.url+"/last", width)
	uitest.Check(l.T, l.ctx)
	if dir := os.Getenv("KEEP_PAGES"); dir != "" {
		uitest.Screenshot(l.T, l.ctx, filepath.Join(dir, fmt.Sprintf("%03d-%s-%d.png", l.n, name, width)))
	}
	if l.T.Failed() {
		l.T.Logf("up to %s: %s", name, text(a.Body))
	}
}

// TestLooks looks at each page of the citizen in a browser: none is too wide, none has a
// control too small for a finger, and axe finds nothing.
func TestLooks(t *testing.T) {
	t.Parallel()
	l := newLooker(t)
	l.looks("find", "/procedures")
	l.looks("found", "/procedures?q=lam+khai+sinh+cho+con")
	l.looks("none", "/procedures?q=zzzzqqq")
	l.looks("start-out", "/procedures/1.001193")
	l.looks("elsewhere", "/procedures/3.000347")
	l.looks("track", "/track")
	l.answered("track-wrong", "/track", url.Values{"code": {"H55.12-20260101-0000009"}, "proof": {"12"}})
	l.as(dossiertest.Mother)
	l.looks("mine-empty", "/applications")
	l.looks("start", "/procedures/1.001193")

	// The form, page by page, and what a page says that cannot be taken.
	b := &robot{site: l.site, who: dossiertest.Mother, says: mothers()}
	seen := map[string]bool{}
	b.seen = func(path string) {
		name := strings.NewReplacer("/applications/", "", "/q/", "-", "/", "-").Replace(path)
		if seen[name] || path == "/procedures/1.001193" {
			return
		}
		seen[name] = true
		l.looks(name, path)
		rest := strings.TrimPrefix(path, "/applications/")
		draft, _, _ := strings.Cut(rest, "/")
		if !strings.Contains(path, "/q/filled") && !strings.HasSuffix(path, "/contact") && strings.HasPrefix(path, "/applications/") {
			f, err := l.World.Draft(t.Context(), dossiertest.Mother, draft)
			if err != nil {
				t.Fatal(err)
			}
			bad := url.Values{"version": {fmt.Sprint(f.Draft.Version)}}
			switch {
			case strings.HasSuffix(path, "child.birth"):
				bad.Set("child.birth-day", "31")
				bad.Set("child.birth-month", "2")
				bad.Set("child.birth-year", "2026")
			case strings.HasSuffix(path, "child.birthplace"):
				bad.Set("child.birthplace", "Quyet Thắn")
				bad.Set("child.birthplace-province", "19")
			}
			l.answered(name+"-refused", path, bad)
		}
	}
	last, at := b.walk("/procedures/1.001193", "/sent")
	if !strings.HasSuffix(at, "/sent") {
		t.Fatalf("ended at %s: %s", at, text(last.Body))
	}
	l.looks("mine", "/applications")
}

// TestLooksAtDossiers looks at a dossier in each status, as its applicant does, and at what
// those see who only have its code or its paper.
func TestLooksAtDossiers(t *testing.T) {
	t.Parallel()
	l := newLooker(t)
	for status := dossier.New; status <= dossier.HandedOver; status++ {
		l.as(dossiertest.Mother)
		d, err := l.World.To(t.Context(), status)
		if err != nil {
			t.Fatal(err)
		}
		name := fmt.Sprintf("status-%d", int(status))
		l.looks(name, "/dossiers/"+d.Code)
		l.as(dossiertest.Nobody).answered(name+"-track", "/track", url.Values{"code": {d.Code}, "proof": {dossiertest.MotherNumber[8:]}})
		for _, r := range d.Results {
			l.looks(name+"-proof-"+r.Kind, "/proof/"+r.Proof)
		}
		l.World.Clock.Pass(24 * time.Hour)
	}
	l.as(dossiertest.Mother).looks("mine", "/applications")
}

// TestLooksAtWhom looks at the questions of who applies and for whom, and at a dossier that was
// filed by authorisation.
func TestLooksAtWhom(t *testing.T) {
	t.Parallel()
	l := newLooker(t)
	who := dossiertest.Stranger
	l.as(who).looks("start", "/procedures/1.001193")
	l.answered("start-refused", "/procedures/1.001193", url.Values{})
	began := l.Post(who, "/procedures/1.001193", url.Values{"as": {"other"}})
	at := began.Location + "/whom"
	l.looks("kind", at)
	l.looks("as", at+"?step=as")
	l.looks("organisation", at+"?as=organisation")
	l.looks("details", at+"?as=other&kind=citizen")
	d := l.draftOf(began.Location)
	l.answered("details-refused", at, url.Values{
		"version": {fmt.Sprint(d.Version)}, "step": {"details"}, "as": {"other"},
		"for.kind": {"citizen"}, "for.name": {"Nguyễn Thị An"}, "for.number": {dossiertest.MotherNumber},
	})
	other := &dossier.Party{Kind: dossier.OfCitizen, Name: dossiertest.Mother.Name, Number: dossiertest.MotherNumber}
	d, err := l.World.Choose(t.Context(), who, d.ID, d.Version, dossier.Choice{Whom: &dossier.Whom{For: other}})
	if err != nil {
		t.Fatal(err)
	}
	given := dossiertest.BirthAnswers()
	given["applicant.relation"] = eform.Value{Text: "for_mother"}
	l.looks("relation", began.Location+"/q/applicant.relation")
	if d, err = l.World.Complete(t.Context(), who, d, given); err != nil {
		t.Fatal(err)
	}
	l.looks("check", began.Location+"/check")
	sent, err := l.World.Submit(t.Context(), who, d.ID, dossier.Filing{Version: d.Version, Notice: true})
	if err != nil {
		t.Fatal(err)
	}
	l.looks("dossier", "/dossiers/"+sent.Code)
	l.as(dossiertest.Mother).looks("mine", "/applications")
}
