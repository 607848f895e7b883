package apply_test

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossiertest"
	"dean06/internal/dossier/dossierweb/dossierwebtest"
	"dean06/internal/platform/actor"
)

// missing is a key that has no text.
var missing = regexp.MustCompile(`\[[a-z_]+\.[a-z0-9_.]+\]`)

// unfilled is the name of something that a text was to be given.
var unfilled = regexp.MustCompile(`\{[a-z_]+\}`)

// text is what a page says, without its markup.
func text(body string) string {
	_, main, _ := strings.Cut(body, "<main")
	return strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(main, " ")), " ")
}

func (s *site) shows(who actor.Actor, path string, want int) dossierwebtest.Answer {
	s.T.Helper()
	a := s.Get(who, path)
	if a.Code != want {
		s.T.Errorf("%s at %s: got %d, want %d: %.400s", who.Account, path, a.Code, want, text(a.Body))
	}
	if m := missing.FindString(a.Body); m != "" {
		s.T.Errorf("%s: a text is missing: %s", path, m)
	}
	if m := unfilled.FindString(text(a.Body)); m != "" && a.Code == http.StatusOK {
		s.T.Errorf("%s: a text was not given what it names: %s", path, m)
	}
	return a
}

// TestPublicPages are open to everybody, in both languages.
func TestPublicPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, path := range []string{"/procedures", "/procedures?q=doi+bang+lai", "/procedures?q=zzzzqqq", "/procedures/1.001193", "/procedures/3.000347", "/track"} {
		for _, lang := range []string{"vi", "en"} {
			sep := "?"
			if strings.Contains(path, "?") {
				sep = "&"
			}
			s.shows(dossiertest.Nobody, path+sep+"lang="+lang, http.StatusOK)
		}
	}
	s.shows(dossiertest.Nobody, "/procedures/9.999999", http.StatusNotFound)
	s.shows(dossiertest.Nobody, "/proof/0123456789012345678901234567890123456789", http.StatusNotFound)
}

// TestOwnDossier shows one's own dossier in each status, and nobody else's.
func TestOwnDossier(t *testing.T) {
	t.Parallel()
	for status := dossier.New; status <= dossier.HandedOver; status++ {
		t.Run(strconv.Itoa(int(status)), func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			d, err := s.World.To(t.Context(), status)
			if err != nil {
				t.Fatal(err)
			}
			for _, lang := range []string{"vi", "en"} {
				s.shows(dossiertest.Mother, "/dossiers/"+d.Code+"?lang="+lang, http.StatusOK)
				s.shows(dossiertest.Mother, "/dossiers/"+d.Code+"/sent?lang="+lang, http.StatusOK)
				s.shows(dossiertest.Mother, "/applications?lang="+lang, http.StatusOK)
				for _, i := range d.Results {
					s.shows(dossiertest.Nobody, "/proof/"+i.Proof+"?lang="+lang, http.StatusOK)
					s.shows(dossiertest.Mother, "/dossiers/"+d.Code+"/issued/"+i.ID, http.StatusOK)
				}
			}
			if got := s.Get(dossiertest.Stranger, "/dossiers/"+d.Code).Code; got != http.StatusNotFound {
				t.Errorf("another citizen: got %d, want 404", got)
			}
			if got := s.Get(dossiertest.Stranger, "/dossiers/"+d.Code+"/export").Code; got != http.StatusNotFound {
				t.Errorf("another citizen's export: got %d, want 404", got)
			}
			exported(t, s.Get(dossiertest.Mother, "/dossiers/"+d.Code+"/export"), d)
			// Tracking: the code and four digits; a guess learns nothing.
			good := s.Post(dossiertest.Nobody, "/track", url.Values{"code": {d.Code}, "proof": {dossiertest.MotherNumber[8:]}})
			if good.Code != http.StatusOK || !strings.Contains(good.Body, "app-timeline") || missing.MatchString(good.Body) {
				t.Errorf("tracking: got %d: %s", good.Code, text(good.Body))
			}
			bad := s.Post(dossiertest.Nobody, "/track", url.Values{"code": {d.Code}, "proof": {"0000"}})
			none := s.Post(dossiertest.Nobody, "/track", url.Values{"code": {"H55.12-20260101-0000009"}, "proof": {"0000"}})
			if bad.Code != none.Code || strings.ReplaceAll(text(bad.Body), d.Code, "") != strings.ReplaceAll(text(none.Body), "H55.12-20260101-0000009", "") {
				t.Errorf("a wrong proof and an unknown code dossierwebtest.Answer differently: %d %d", bad.Code, none.Code)
			}
		})
	}
}

// exported holds an archive against the dossier: what is known of it, and each of its files,
// byte by byte.
func exported(t *testing.T, a dossierwebtest.Answer, d dossier.Dossier) {
	t.Helper()
	if a.Code != http.StatusOK {
		t.Fatalf("the own export: got %d", a.Code)
	}
	archive, err := zip.NewReader(strings.NewReader(a.Body), int64(len(a.Body)))
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]bool{}
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(r)
		if err = errors.Join(err, r.Close()); err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(raw)
		sums[hex.EncodeToString(sum[:])] = true
		if f.Name == d.Code+".json" && !strings.Contains(string(raw), d.Answers["child.name"].Value.Text) {
			t.Errorf("what is known of it: %s", raw)
		}
	}
	files := 0
	for _, p := range d.Papers {
		if p.File != "" {
			files++
			if !sums[p.File] {
				t.Errorf("the archive lacks %s", p.Name)
			}
		}
	}
	for _, r := range d.Results {
		if files++; !sums[r.File] {
			t.Errorf("the archive lacks paper %s", r.Kind)
		}
	}
	if len(archive.File) != files+1 {
		t.Errorf("the archive has %d files, want %d", len(archive.File), files+1)
	}
}

// TestSupplement answers what was asked, on the pages, and nothing else.
func TestSupplement(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d, err := s.World.To(t.Context(), dossier.Supplement)
	if err != nil {
		t.Fatal(err)
	}
	page := s.shows(dossiertest.Mother, "/dossiers/"+d.Code, http.StatusOK)
	if !strings.Contains(page.Body, "Ảnh mờ góc phải") {
		t.Errorf("the page does not say what is asked: %s", text(page.Body))
	}
	began := s.Post(dossiertest.Mother, "/dossiers/"+d.Code+"/supply", nil)
	if began.Code != http.StatusSeeOther {
		t.Fatalf("begin the supplement: got %d", began.Code)
	}
	b := &robot{site: s, who: dossiertest.Mother, says: map[string]string{}}
	_, path := b.walk(began.Location, "/sent")
	if !strings.HasSuffix(path, "/sent") {
		t.Fatalf("ended at %s", path)
	}
	after, err := s.World.Store.ByCode(t.Context(), d.Code)
	if err != nil || after.Status == dossier.Supplement {
		t.Errorf("after the supplement: status %d (%v)", after.Status, err)
	}
}

// TestWrong: a fact that is wrong is reported, and stays as the register has it.
func TestWrong(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	began := s.Post(dossiertest.Mother, "/procedures/1.001193", url.Values{"as": {"citizen"}})
	id := strings.TrimPrefix(began.Location, "/applications/")
	b := &robot{site: s, who: dossiertest.Mother, says: mothers()}
	b.walk(began.Location, "/q/filled")
	f, err := s.World.Draft(t.Context(), dossiertest.Mother, id)
	if err != nil {
		t.Fatal(err)
	}
	s.shows(dossiertest.Mother, "/applications/"+id+"/wrong/mother.birth", http.StatusOK)
	got := s.Post(dossiertest.Mother, "/applications/"+id+"/wrong/mother.birth", url.Values{
		"version": {strconv.Itoa(f.Draft.Version)}, "says": {"13/04/1996"}, "why": {"Giấy khai sinh bản gốc"},
	})
	if got.Code != http.StatusSeeOther {
		t.Fatalf("report: got %d: %s", got.Code, text(got.Body))
	}
	page := s.shows(dossiertest.Mother, "/applications/"+id+"/q/filled", http.StatusOK)
	if !strings.Contains(page.Body, "13/04/1996") || !strings.Contains(page.Body, "12/04/1996") {
		t.Errorf("the page shows not both what the register says and what was reported: %s", text(page.Body))
	}
}

// TestUnbound: without proof of who somebody is nothing is filled in, and the page says how.
func TestUnbound(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	began := s.Post(dossiertest.Unbound, "/procedures/1.001193", url.Values{"as": {"citizen"}})
	first := s.Get(dossiertest.Unbound, began.Location)
	page := s.shows(dossiertest.Unbound, first.Location, http.StatusOK)
	if !strings.Contains(page.Body, "chưa gắn với số định danh") {
		t.Errorf("the page does not say why nothing is filled: %s", text(page.Body))
	}
	other := s.Get(dossiertest.Stranger, began.Location)
	if other.Code != http.StatusNotFound {
		t.Errorf("another citizen at the draft: got %d, want 404", other.Code)
	}
}
