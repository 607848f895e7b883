package contractweb_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"dean06/internal/contract"
	"dean06/internal/contract/contractsql"
	"dean06/internal/contract/contractweb"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/ui/uitest"
	"dean06/internal/platform/web"
)

const province = "VN/GOV/H55/TTHC"

var now = time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)

// plain seals nothing.
type plain struct{}

func (plain) Seal(text, _ []byte) ([]byte, error)   { return bytes.Clone(text), nil }
func (plain) Open(sealed, _ []byte) ([]byte, error) { return sealed, nil }

type site struct {
	t       *testing.T
	store   *contractsql.Store
	rules   *contract.Service
	asked   []contract.Waiting
	handler http.Handler
}

// Ask and Waiting are the second person's desk.
func (s *site) Ask(_ context.Context, by actor.Actor, w contract.Wish) error {
	for _, other := range s.asked {
		if other.Subject() == w.Subject() {
			return contract.ErrAsked
		}
	}
	s.asked = append(s.asked, contract.Waiting{Wish: w, By: by, At: now, Until: now.Add(time.Hour), Href: "/approvals/1"})
	return nil
}

func (s *site) Waiting(context.Context) ([]contract.Waiting, error) { return s.asked, nil }

// approve approves the one wish that waits.
func (s *site) approve() {
	s.t.Helper()
	if len(s.asked) != 1 {
		s.t.Fatalf("waits: %+v", s.asked)
	}
	w := s.asked[0]
	s.asked = nil
	if err := s.rules.Fulfil(s.t.Context(), s.store, w.By, actor.Actor{Account: "0191"}, w.Wish); err != nil {
		s.t.Fatal(err)
	}
}

func newSite(t *testing.T, db *sqldb.DB) *site {
	t.Helper()
	for _, migrate := range []func(context.Context, *sqldb.DB) error{audit.Migrate, contractsql.Migrate} {
		if err := migrate(t.Context(), db); err != nil {
			t.Fatal(err)
		}
	}
	texts, err := i18n.Load(ui.Messages, web.Messages, contract.Messages, contractweb.Messages)
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, store: contractsql.New(db, plain{})}
	frame := func(r *http.Request) ui.Frame {
		return ui.Frame{Node: ui.Node{Name: "Cổng kết nối", Accent: ui.Agency}, Here: r.URL.RequestURI(), Flash: web.FlashOf(r)}
	}
	within := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if role := r.Header.Get("X-Role"); role != "" {
				r = r.WithContext(actor.With(r.Context(), actor.Actor{Account: "0190", Login: role, Name: role, Roles: []string{role}}))
			}
			next.ServeHTTP(w, r)
		})
	}
	rt := web.NewRouter(web.Config{Log: slog.New(slog.DiscardHandler), Messages: texts, Frame: frame, Within: []web.Middleware{within}})
	s.rules = contract.New(contract.Parts{
		Store: s.store, Second: s, Clock: clock.Fixed(now), Subsystems: func() []string { return []string{province} },
	})
	rt.Mount(contractweb.New(contractweb.Shell{
		Rules: s.rules, Clock: clock.Fixed(now), Frame: frame,
		Subsystems: func() []ui.Option { return []ui.Option{{Value: province, Label: "Một cửa"}} },
		Agency:     func(_ context.Context, code string) string { return code },
		Procedure:  func(context.Context, string) string { return "" },
	}).Routes()...)
	s.handler = rt.Handler()
	return s
}

// do asks as somebody, and gives the page or where it leads.
func (s *site) do(role, path string, status int, pairs ...string) string {
	s.t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	if len(pairs) > 0 {
		form := url.Values{}
		for i := 0; i+1 < len(pairs); i += 2 {
			form.Add(pairs[i], pairs[i+1])
		}
		r = httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("X-Role", role)
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	if w.Code != status {
		s.t.Errorf("%s %s answered %d, want %d", r.Method, path, w.Code, status)
	}
	body := w.Body.String()
	if strings.Contains(body, "[contract") {
		s.t.Errorf("%s: a message is missing", path)
	}
	if w.Code != http.StatusSeeOther {
		for _, f := range uitest.Markup(body) {
			s.t.Errorf("%s %s: %s", r.Method, path, f)
		}
	}
	return body
}

var secretIn = regexp.MustCompile(`[A-Z2-7]{26}`)

func TestPages(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		s := newSite(t, db)
		const admin, auditor, clerk = "administrator", "auditor", "registrar"
		newOfficer := "/contract/officers/-?subsystem=" + url.QueryEscape(province)

		s.do(admin, "/contract", http.StatusOK)
		for _, role := range []string{auditor, clerk} {
			s.do(role, "/contract/systems/-", http.StatusForbidden)
			s.do(role, newOfficer, http.StatusForbidden, "do", "save", "code", "x", "name", "X", "office", "H55", "operations", "*")
		}
		s.do(clerk, "/contract", http.StatusForbidden)
		s.do(clerk, "/contract/log", http.StatusForbidden)

		good := []string{
			"do", "save", "user", "motcua.h55", "name", "Một cửa", "subsystem", province, "codes", "037, 033", "procedures", "1.001193",
			"reason", "công văn 1",
		}
		page := s.do(admin, "/contract/systems/-", http.StatusOK, good...)
		secret := secretIn.FindString(page)
		s.do(admin, "/contract/systems/motcua.h55", http.StatusNotFound) // alone
		for _, role := range []string{admin, auditor} {
			page = s.do(role, "/contract", http.StatusOK)
			if !strings.Contains(page, "Chờ người thứ hai duyệt") || strings.Contains(page, secret) {
				t.Error("what waits is not shown, or its secret is")
			}
		}
		s.do(admin, "/contract/systems/-", http.StatusConflict, good...) // a second click asks for no second secret
		s.approve()
		got, err := s.store.System(t.Context(), "motcua.h55")
		if err != nil || secret == "" || got.Secret != secret || len(got.Codes) != 2 || got.Subsystem != province {
			t.Fatalf("stored %+v, %v; shown secret %q", got, err, secret)
		}
		s.do(admin, "/contract/systems/-", http.StatusConflict, good...) // the second click takes no secret away
		if got, _ := s.store.System(t.Context(), "motcua.h55"); got.Secret != secret {
			t.Error("the second click changed the secret")
		}
		for _, bad := range [][]string{
			{"user", "a b"},
			{"user", "-"},
			{"user", "ngoài"},
			{"name", ""},
			{"subsystem", "VN/GOV/G01/DANCU"},
			{"codes", "<x>"},
			{"procedures", strings.Repeat("1", 65)},
			{"reason", ""},
		} {
			form := append([]string{}, good...)
			for i := 0; i < len(form); i += 2 {
				if form[i] == "user" {
					form[i+1] = "other"
				}
			}
			for i := 0; i < len(form); i += 2 {
				if form[i] == bad[0] {
					form[i+1] = bad[1]
				}
			}
			s.do(admin, "/contract/systems/-", http.StatusUnprocessableEntity, form...)
		}
		s.do(admin, "/contract/systems/nobody", http.StatusNotFound)
		s.do(admin, "/contract/systems/motcua.h55", http.StatusNotFound, "do", "burn")
		if page = s.do(admin, "/contract/systems/motcua.h55", http.StatusOK); strings.Contains(page, secret) {
			t.Error("the secret is shown again")
		}
		s.do(admin, "/contract/systems/motcua.h55", http.StatusSeeOther,
			"do", "save", "name", "Một cửa mới", "subsystem", province, "codes", "037", "procedures", "1.001193")
		s.do(admin, "/contract/systems/motcua.h55", http.StatusSeeOther, "do", "off")
		got, _ = s.store.System(t.Context(), "motcua.h55")
		if got.Secret != secret || !got.Off || got.Name != "Một cửa mới" || len(got.Codes) != 1 {
			t.Errorf("changed to %+v, want the secret kept, off, one code", got)
		}
		for _, do := range []string{"on", "secret"} {
			path := "/contract/systems/motcua.h55?do=" + do
			s.do(admin, path, http.StatusOK)
			s.do(admin, path, http.StatusUnprocessableEntity, "do", do, "reason", "")
		}
		s.do(admin, "/contract/systems/motcua.h55", http.StatusSeeOther, "do", "on", "reason", "xong")
		if got, _ = s.store.System(t.Context(), "motcua.h55"); !got.Off {
			t.Error("turned on alone")
		}
		s.approve()
		s.do(admin, "/contract/systems/motcua.h55", http.StatusUnprocessableEntity, "do", "save", "name", "Một cửa", "subsystem", province)
		s.do(admin, "/contract/systems/motcua.h55", http.StatusSeeOther,
			"do", "save", "name", "Một cửa", "subsystem", province, "reason", "mọi mã")
		s.approve()
		if got, _ = s.store.System(t.Context(), "motcua.h55"); got.Off || len(got.Codes) != 0 {
			t.Errorf("approved, and is %+v", got)
		}
		page = s.do(admin, "/contract/systems/motcua.h55", http.StatusOK, "do", "secret", "reason", "lộ khóa")
		s.approve()
		if got, _ = s.store.System(t.Context(), "motcua.h55"); got.Secret == secret || !strings.Contains(page, got.Secret) {
			t.Error("no new secret")
		}

		s.do(admin, newOfficer, http.StatusSeeOther,
			"do", "save", "code", "canbo.01", "name", "Lê Thị Mẫu", "office", "H55.16", "operations", "TraCuuThongTinCongDan",
			"reason", "quyết định 2")
		s.approve()
		for _, bad := range [][]string{
			{"code", "canbo.01", "name", "Lê Thị Mẫu", "office", "H55.16", "operations", "*"},
			{"code", "canbo.02", "name", "Lê Thị Mẫu", "office", "H55.16"},
			{"code", "canbo.02", "name", "Lê Thị Mẫu", "office", "H55.16", "operations", "XoaTatCa"},
			{"code", "canbo.02", "name", "", "office", "", "operations", "*"},
		} {
			status := http.StatusUnprocessableEntity
			if bad[1] == "canbo.01" {
				status = http.StatusConflict
			}
			s.do(admin, newOfficer, status, append([]string{"do", "save"}, bad...)...)
		}
		one := strings.Replace(newOfficer, "-", "canbo.01", 1)
		s.do(admin, one, http.StatusOK)
		s.do(admin, one+"&do=secret", http.StatusOK)
		s.do(admin, one, http.StatusUnprocessableEntity, "do", "secret")
		page = s.do(admin, one, http.StatusOK, "do", "secret", "reason", "LGSP")
		s.approve()
		o, err := s.store.Officer(t.Context(), province, "canbo.01")
		if err != nil || o.KeyPass == "" || !strings.Contains(page, o.KeyPass) {
			t.Errorf("officer %+v, %v", o, err)
		}
		s.do(admin, one, http.StatusSeeOther, "do", "off")
		if o, _ = s.store.Officer(t.Context(), province, "canbo.01"); !o.Off || o.KeyPass == "" {
			t.Errorf("officer %+v, want off with the key kept", o)
		}
		s.do(admin, strings.Replace(one, "H55", "G24", 1), http.StatusNotFound)

		for i, outcome := range []string{"answered", "005", "password", "xml"} {
			if err := s.store.Log(t.Context(), contract.Call{
				ID: "c" + string(rune('0'+i)), At: now.Add(-time.Hour), System: "motcua.h55", Officer: "canbo.01", Office: "H55.16",
				Operation: "<script>", Purpose: "1.001193", Outcome: outcome,
			}); err != nil {
				t.Fatal(err)
			}
		}
		for _, words := range []string{"Đã trả lời", "Cán bộ chưa có quyền", "Sai tài khoản hoặc khóa", "Bản tin sai mẫu", "&lt;script&gt;"} {
			if page = s.do(auditor, "/contract/log?officer=canbo.01", http.StatusOK); !strings.Contains(page, words) {
				t.Errorf("the log does not say %q", words)
			}
		}
		page = s.do(auditor, "/contract", http.StatusOK)
		if !strings.Contains(page, "4 lời gọi") || strings.Contains(page, "/contract/systems/") {
			t.Error("the auditor's page lacks the count, or leads to changes")
		}
	})
}

// Every operation of the contract is named in words.
func TestOperationsHaveNames(t *testing.T) {
	t.Parallel()
	texts, err := i18n.Load(contractweb.Messages)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range contract.Operations() {
		if !texts.Has("contractweb.op." + name) {
			t.Errorf("%s has no name", name)
		}
	}
}
