package apply_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossiertest"
)

// draftOf is the draft of an address such as "/applications/ID/whom".
func (s *site) draftOf(path string) dossier.Draft {
	s.T.Helper()
	id, _, _ := strings.Cut(strings.TrimPrefix(path, "/applications/"), "/")
	f, err := s.World.Draft(s.T.Context(), dossiertest.Stranger, id)
	if err != nil {
		s.T.Fatal(err)
	}
	return f.Draft
}

// attachAll attaches what is still asked for.
func (s *site) attachAll(path string) {
	s.T.Helper()
	d := s.draftOf(path)
	needs, err := s.World.Requirements(s.T.Context(), dossiertest.Stranger, d.ID)
	if err != nil {
		s.T.Fatal(err)
	}
	for _, n := range needs {
		if !n.Asked {
			continue
		}
		if d, err = s.World.AttachPaper(s.T.Context(), dossiertest.Stranger, d.ID, d.Version, s.World.Upload(n.Paper.ID, dossier.ByUpload)); err != nil {
			s.T.Fatal(err)
		}
	}
}

// TestKindsAreThePackages: the start page offers the kinds of the package and another person,
// and nothing begins without a choice.
func TestKindsAreThePackages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for code, kinds := range map[string][]string{
		"1.001193": {"citizen", "foreigner", "organisation", "other"}, "1.010041": {"citizen", "other"},
	} {
		page := s.shows(dossiertest.Stranger, "/procedures/"+code, http.StatusOK)
		for _, k := range []string{"citizen", "foreigner", "household_business", "organisation", "other"} {
			want := false
			for _, has := range kinds {
				want = want || has == k
			}
			if got := strings.Contains(page.Body, `name="as" type="radio" value="`+k+`"`) || strings.Contains(page.Body, `value="`+k+`"`); got != want {
				t.Errorf("%s offers %s: got %v, want %v", code, k, got, want)
			}
		}
	}
	for _, form := range []url.Values{nil, {"as": {"king"}}} {
		a := s.Post(dossiertest.Stranger, "/procedures/1.001193", form)
		if a.Code != http.StatusUnprocessableEntity || !strings.Contains(a.Body, `id="as-error"`) {
			t.Errorf("%v: got %d: %s", form, a.Code, text(a.Body))
		}
	}
	if all, err := s.World.Drafts(t.Context(), dossiertest.Stranger); err != nil || len(all) != 0 {
		t.Errorf("a form began: %d, %v", len(all), err)
	}
}

// TestByAuthorisation walks from the start page to a dossier for another person: each question
// on its page, what is wrong at its field, nothing told but that it fits; then both see it.
func TestByAuthorisation(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	who := dossiertest.Stranger
	began := s.Post(who, "/procedures/1.001193", url.Values{"as": {"other"}})
	first := s.Get(who, began.Location)
	if first.Code != http.StatusSeeOther || !strings.HasSuffix(first.Location, "/whom") {
		t.Fatalf("after the start: got %d to %q", first.Code, first.Location)
	}
	at := first.Location
	for _, lang := range []string{"vi", "en"} {
		s.shows(who, at+"?lang="+lang, http.StatusOK)
		s.shows(who, at+"?step=as&lang="+lang, http.StatusOK)
		s.shows(who, at+"?as=organisation&lang="+lang, http.StatusOK)
		for _, kind := range []string{"citizen", "foreigner", "organisation"} {
			s.shows(who, at+"?as=other&kind="+kind+"&lang="+lang, http.StatusOK)
		}
	}
	step := func(want int, values ...string) (location, body string) {
		t.Helper()
		form := url.Values{"version": {strconv.Itoa(s.draftOf(at).Version)}}
		for i := 0; i+1 < len(values); i += 2 {
			form.Set(values[i], values[i+1])
		}
		a := s.Post(who, at, form)
		if a.Code != want {
			t.Fatalf("%v: got %d, want %d: %s", values, a.Code, want, text(a.Body))
		}
		return a.Location, a.Body
	}
	if _, body := step(http.StatusUnprocessableEntity, "step", "kind", "as", "other"); !strings.Contains(body, `id="for.kind-error"`) {
		t.Errorf("no kind: %s", text(body))
	}
	if to, _ := step(http.StatusSeeOther, "step", "kind", "as", "other", "for.kind", "citizen"); !strings.Contains(to, "kind=citizen") {
		t.Errorf("with a kind it goes to %q", to)
	}
	details := []string{"step", "details", "as", "other", "for.kind", "citizen", "for.name", "Nguyễn Thị An", "for.number", dossiertest.MotherNumber}
	_, body := step(http.StatusUnprocessableEntity, details...)
	if !strings.Contains(body, `id="for.number-error"`) || !strings.Contains(body, "Nguyễn Thị An") || strings.Contains(body, dossiertest.Mother.Name) {
		t.Errorf("another's name: %s", text(body))
	}
	// The draft does not go on as if it were for oneself.
	if on := s.Get(who, began.Location); on.Location != at {
		t.Errorf("it goes on at %q", on.Location)
	}
	details[7] = dossiertest.Mother.Name
	step(http.StatusSeeOther, details...)

	says := mothers()
	says["applicant.relation"] = "for_mother"
	for field, v := range map[string]string{
		"mother.birth-day": "12", "mother.birth-month": "4", "mother.birth-year": "1996", "mother.ethnicity": "01", "mother.nationality": "VN",
		"mother.residence": "Phan Đình Phùng", "mother.residence-province": "19", "mother.residence-detail": "Tổ 12",
		"father.number": dossiertest.FatherNumber, "father.name": dossiertest.Father.Name, "father.birth-day": "3", "father.birth-month": "9",
		"father.birth-year": "1994", "father.ethnicity": "01", "father.nationality": "VN", "father.residence": "Phan Đình Phùng",
		"father.residence-province": "19", "father.residence-detail": "Tổ 12", "child.ethnicity": "01", "child.nationality": "VN",
		"child.origin": "Quyết Thắng", "child.origin-province": "19", "child.origin-detail": "Tổ 1",
	} {
		says[field] = v
	}
	b := &robot{site: s, who: who, says: says}
	b.walk(began.Location, "/papers")
	s.attachAll(at)
	page, path := b.walk(began.Location, "/check")
	for _, want := range []string{dossiertest.Mother.Name, dossiertest.MotherNumber, dossiertest.Stranger.Name, "/whom?step=as", "Văn bản ủy quyền"} {
		if !strings.Contains(page.Body, want) {
			t.Errorf("the check page does not say %q", want)
		}
	}
	for _, typed := range b.typed {
		if typed == "mother.name" || typed == "mother.number" {
			t.Errorf("%s was asked again", typed)
		}
	}
	last, end := b.walk(path, "/sent")
	if !strings.HasSuffix(end, "/sent") {
		t.Fatalf("ended at %s: %s", end, text(last.Body))
	}
	own := strings.TrimSuffix(end, "/sent")
	for _, reader := range []string{dossiertest.Stranger.Account, dossiertest.Mother.Account} {
		for _, a := range dossiertest.Everybody {
			if a.Account != reader {
				continue
			}
			page := s.shows(a, own, http.StatusOK)
			if !strings.Contains(page.Body, dossiertest.Stranger.Name) || !strings.Contains(page.Body, dossiertest.Mother.Name) ||
				!strings.Contains(page.Body, own+"/withdraw") {
				t.Errorf("%s reads %s", a.Account, text(page.Body))
			}
			mine := s.shows(a, "/applications", http.StatusOK)
			if !strings.Contains(text(mine.Body), dossiertest.Stranger.Name+", thay cho "+dossiertest.Mother.Name) {
				t.Errorf("%s has %s", a.Account, text(mine.Body))
			}
		}
	}
	if got := s.Get(dossiertest.Father, own).Code; got != http.StatusNotFound {
		t.Errorf("another citizen: got %d, want 404", got)
	}
}
