package office_test

import (
	"encoding/csv"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossiertest"
	"dean06/internal/dossier/dossierweb/dossierwebtest"
	"dean06/internal/platform/actor"
)

var (
	// missing is a key that has no text, codes a code that was shown bare.
	missing = regexp.MustCompile(`\[[a-z_]+\.[a-z0-9_.]+\]`)
	codes   = regexp.MustCompile(`>\s*(birth_notice|notice_unreadable|H55\.C05443|desk|reviewer|leader)\s*<`)
)

var statuses = []dossier.Status{
	dossier.New, dossier.Received, dossier.RefusedIntake, dossier.InProcess, dossier.Supplement, dossier.FeeDue, dossier.Withdrawing,
	dossier.Stopped, dossier.Done, dossier.HandedOver,
}

// TestEveryPage shows each dossier in each status to each officer of its agency, and the page
// of each act that they may do, in both languages: texts are there, no code stands alone. What
// they may not do is refused.
func TestEveryPage(t *testing.T) {
	t.Parallel()
	for _, status := range statuses {
		t.Run(strconv.Itoa(int(status)), func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			d, err := s.World.To(t.Context(), status)
			if err != nil {
				t.Fatal(err)
			}
			for _, who := range []actor.Actor{dossiertest.Desk, dossiertest.Reviewer, dossiertest.Leader} {
				for _, lang := range []string{"vi", "en"} {
					s.shows(who, "/desk/dossiers/"+d.Code+"?lang="+lang, http.StatusOK)
					s.shows(who, "/desk?lang="+lang+"&view=agency", http.StatusOK)
					s.shows(who, "/desk/rates?lang="+lang, http.StatusOK)
					file := s.shows(who, "/desk/rates.csv?lang="+lang, http.StatusOK)
					if all, err := csv.NewReader(strings.NewReader(file.Body)).ReadAll(); err != nil || len(all) == 0 || len(all[0]) != 8 {
						t.Errorf("rates as a file: %v, %v", all, err)
					}
					s.shows(who, "/desk/search?purpose=ask&q="+d.Code+"&lang="+lang, http.StatusOK)
					v, err := s.World.Look(t.Context(), who, d.Code, "xem")
					if err != nil {
						t.Fatal(err)
					}
					for _, a := range v.Allowed {
						if row, _ := dossier.Permissions.Row(dossier.Deed(a.Verb)); a.Verb == dossier.Supply || slices.Contains(row.Roles, dossier.Program) {
							continue
						}
						want := http.StatusOK
						switch {
						case a.Why != "" && a.Theirs:
							want = http.StatusConflict
						case a.Why != "":
							want = http.StatusForbidden
						}
						path := "/desk/dossiers/" + d.Code + "/" + string(a.Verb) + "?lang=" + lang
						if a.Verb == dossier.Check {
							path += "&paper=birth_notice"
						}
						s.shows(who, path, want)
					}
				}
			}
			for _, who := range []actor.Actor{dossiertest.OtherReviewer, dossiertest.Administrator, dossiertest.Auditor, dossiertest.Idle} {
				if got := s.Get(who, "/desk/dossiers/"+d.Code).Code; got != http.StatusForbidden && got != http.StatusNotFound {
					t.Errorf("%s at the dossier: got %d, want 403 or 404", who.Account, got)
				}
			}
		})
	}
}

func (s *site) shows(who actor.Actor, path string, want int) dossierwebtest.Answer {
	s.T.Helper()
	a := s.Get(who, path)
	if a.Code != want {
		s.T.Errorf("%s at %s: got %d, want %d: %.300s", who.Account, path, a.Code, want, a.Body)
	}
	if m := missing.FindString(a.Body); m != "" {
		s.T.Errorf("%s: a text is missing: %s", path, m)
	}
	if m := codes.FindString(a.Body); m != "" {
		s.T.Errorf("%s: a code stands alone: %q", path, m)
	}
	return a
}

// TestDay is a dossier from reception to the desk again, with a supplement, on the pages.
func TestDay(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ctx := t.Context()
	d, err := s.World.File(ctx)
	if err != nil {
		t.Fatal(err)
	}
	act := func(who actor.Actor, verb string, values ...string) dossierwebtest.Answer {
		t.Helper()
		now, err := s.World.Store.ByCode(ctx, d.Code)
		if err != nil {
			t.Fatal(err)
		}
		a := s.post(who, "/desk/dossiers/"+d.Code+"/"+verb, append(values, "version", strconv.Itoa(now.Version))...)
		if a.Code != http.StatusSeeOther {
			t.Fatalf("%s: got %d: %s", verb, a.Code, text(a.Body))
		}
		return a
	}
	list := s.Get(dossiertest.Desk, "/desk")
	if !strings.Contains(list.Body, d.Code) {
		t.Fatal("the new dossier is not in the work list of the desk")
	}
	act(dossiertest.Desk, "receive", "original-0", "Giấy chứng sinh", "count-0", "1")
	act(dossiertest.Reviewer, "take")

	// A stale click says what happened meanwhile, and does nothing.
	stale := s.post(dossiertest.Reviewer, "/desk/dossiers/"+d.Code+"/propose", "version", "1", "proposal", "approve")
	if stale.Code != http.StatusConflict || !strings.Contains(stale.Body, "Hồ sơ đã thay đổi") {
		t.Errorf("a stale click: got %d: %s", stale.Code, text(stale.Body))
	}
	// A checklist without a reason is asked again, with what was typed.
	again := s.post(dossiertest.Reviewer, "/desk/dossiers/"+d.Code+"/ask_more", "version", version(t, s, d.Code), "note-birth_notice", "góc bị mờ")
	if again.Code != http.StatusUnprocessableEntity || !strings.Contains(again.Body, "góc bị mờ") {
		t.Errorf("an empty checklist: got %d, and what was typed is kept: %v", again.Code, strings.Contains(again.Body, "góc bị mờ"))
	}
	act(dossiertest.Reviewer, "check", "paper", "birth_notice", "file", file(t, s, d.Code), "check", "bad", "reason", "notice_unreadable")
	form := s.Get(dossiertest.Reviewer, "/desk/dossiers/"+d.Code+"/ask_more")
	if !regexp.MustCompile(`value="notice_unreadable" selected`).MatchString(form.Body) {
		t.Error("a mark does not stand in the checklist")
	}
	act(dossiertest.Reviewer, "ask_more", "reason-birth_notice", "notice_unreadable", "note-birth_notice", "góc bị mờ")
	after, err := s.World.Store.ByCode(ctx, d.Code)
	if err != nil || after.Status != dossier.Supplement || len(after.Supplements) != 1 || after.Supplements[0].Asked[0].Note != "góc bị mờ" {
		t.Fatalf("after the request: %d, %+v (%v)", after.Status, after.Supplements, err)
	}
	page := s.Get(dossiertest.Reviewer, "/desk/dossiers/"+d.Code)
	for _, want := range []string{"góc bị mờ", "Giấy chứng sinh (1 bản)", "Ai đã xem hồ sơ này"} {
		if !strings.Contains(page.Body, want) {
			t.Errorf("the page of the dossier does not say %q", want)
		}
	}
	// Another agency's officer is refused, with a reason.
	if other := s.post(dossiertest.OtherReviewer, "/desk/dossiers/"+d.Code+"/take", "version", "9"); other.Code != http.StatusForbidden {
		t.Errorf("another agency's officer: got %d, want 403", other.Code)
	}
}

func version(t *testing.T, s *site, code string) string {
	t.Helper()
	d, err := s.World.Store.ByCode(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	return strconv.Itoa(d.Version)
}

func file(t *testing.T, s *site, code string) string {
	t.Helper()
	d, err := s.World.Store.ByCode(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range d.Papers {
		if p.Requirement == "birth_notice" {
			return p.File
		}
	}
	t.Fatal("no birth notice")
	return ""
}

// text is what a page says, without its markup.
func text(body string) string {
	_, main, _ := strings.Cut(body, "<main")
	return strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(main, " ")), " ")
}

// TestPaper: a paper is shown where nothing of it runs, and each look is logged.
func TestPaper(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d, err := s.World.To(t.Context(), dossier.Received)
	if err != nil {
		t.Fatal(err)
	}
	a := s.Get(dossiertest.Reviewer, "/desk/dossiers/"+d.Code+"/papers/"+file(t, s, d.Code))
	if a.Code != http.StatusOK || !strings.Contains(a.Header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("a paper: got %d, policy %q", a.Code, a.Header.Get("Content-Security-Policy"))
	}
	v, err := s.World.Look(t.Context(), dossiertest.Leader, d.Code, "xem")
	if err != nil {
		t.Fatal(err)
	}
	seen := false
	for _, l := range v.Looks {
		seen = seen || strings.HasPrefix(l.What, "paper:") && l.Name == dossiertest.Reviewer.Name
	}
	if !seen {
		t.Errorf("the look at the paper is not among %+v", v.Looks)
	}
	got := s.Get(dossiertest.OtherReviewer, "/desk/dossiers/"+d.Code+"/papers/"+file(t, s, d.Code)).Code
	if got != http.StatusForbidden && got != http.StatusNotFound {
		t.Errorf("another agency's officer at a paper: got %d", got)
	}
}
