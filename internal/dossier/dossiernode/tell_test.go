package dossiernode

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossiersql"
	"dean06/internal/dossier/dossiertest"
	"dean06/internal/dossier/dossierweb"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/ledger/ledgersql"
	"dean06/internal/platform/mail"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/procedure"
)

var update = flag.Bool("update", false, "write testdata/*.golden anew")

// noticed keeps what officers were told.
type noticed struct{ list []string }

func (n *noticed) Tell(_ context.Context, _ sqldb.Queryer, what approval.Notice, accounts ...string) error {
	n.list = append(n.list, fmt.Sprintf("%s %s %s", what.Key, what.Href, strings.Join(accounts, ",")))
	return nil
}

func texts(t *testing.T) *i18n.Catalogue {
	t.Helper()
	c, err := i18n.Load(Messages, dossier.Messages, dossierweb.Messages)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func aTeller(t *testing.T) *teller {
	t.Helper()
	return &teller{
		clock: clock.Fixed(time.Date(2026, 12, 1, 8, 0, 0, 0, clock.Zone)), texts: texts(t), url: "https://dvc.example.vn", texting: true,
		posts: &dossiertest.Posts{}, packages: &dossiertest.Packages{List: procedure.Packages()}, notices: &noticed{},
	}
}

// filed is a dossier with its package, and an action of an officer on it.
func filed(t *testing.T) (dossier.Dossier, *procedure.Package) {
	t.Helper()
	w := dossiertest.New()
	d, err := w.To(t.Context(), dossier.FeeDue)
	if err != nil {
		t.Fatal(err)
	}
	p, err := w.Packages.Version(t.Context(), d.Procedure, d.Package)
	if err != nil {
		t.Fatal(err)
	}
	d.Code = "H55.C05443-20261201-0000001"
	return d, p
}

func acted(t *testing.T, verb dossier.Verb, said dossier.Said) dossier.Action {
	t.Helper()
	raw, err := json.Marshal(said)
	if err != nil {
		t.Fatal(err)
	}
	a := dossier.Action{
		Seq: 3, Verb: verb, At: time.Date(2026, 12, 1, 2, 15, 0, 0, time.UTC), By: "desk", Name: "Hoàng Thị Lan", Agency: dossiertest.Commune, Data: raw,
	}
	switch verb {
	case dossier.Receive, dossier.Supply, dossier.Extend, dossier.Correct, dossier.Recounted, dossier.Pay:
		a.Due = time.Date(2026, 12, 2, 17, 0, 0, 0, clock.Zone)
	}
	switch verb {
	case dossier.Submit, dossier.Supply, dossier.Withdraw:
		a.By, a.Name, a.Agency = "mother", "Nguyễn Thị Hồng Nhung", ""
	case dossier.Registered, dossier.Recounted, dossier.Answered:
		a.By, a.Name, a.Agency = "system:dean06", "dean06", ""
	}
	return a
}

func saidOf(verb dossier.Verb) dossier.Said {
	const secret = "bé Trần Minh An" // in an officer's own words somebody may be named
	said := dossier.Said{Title: "Công chức một cửa", Note: secret, Basis: secret, Receiver: secret}
	switch verb {
	case dossier.AskMore:
		said.Asked = append(dossiertest.Checklist(), dossier.Asked{Field: "child.name", Reason: "notice_missing", Note: secret})
	case dossier.RefuseIntake, dossier.Refuse:
		said.Asked = dossiertest.Refusal()
	case dossier.Pay:
		said.Fee = &dossier.FeeItem{ID: "copies", Amount: 16000}
	}
	return said
}

// Each change that citizens see is told in both languages, in words: no key, no code alone,
// nobody's name but theirs and the officer's.
func TestLetters(t *testing.T) {
	t.Parallel()
	tell := aTeller(t)
	d, p := filed(t)
	var all strings.Builder
	for _, verb := range dossier.Verbs {
		if verb.Inside() {
			continue
		}
		list := tell.letters(&d, p, acted(t, verb, saidOf(verb)))
		if len(list) != 1 {
			t.Errorf("%s: %d letters", verb, len(list))
			continue
		}
		m := list[0]
		fmt.Fprintf(&all, "==== %s ====\nTo: %s <%s>\nSubject: %s\n\n%s\n\n", verb, m.To[0].Name, m.To[0].Addr, m.Subject, m.Text)
		for _, never := range []string{"[", "{", "Trần Minh An", dossiertest.MotherNumber, "notice_", "birth_notice"} {
			if strings.Contains(m.Subject+m.Text, never) {
				t.Errorf("%s: the letter has %q:\n%s", verb, never, m.Text)
			}
		}
		if vi, en := strings.Index(m.Text, "Hồ sơ"), strings.Index(m.Text, "Dossier"); vi < 0 || en < vi {
			t.Errorf("%s: Vietnamese at %d, English at %d", verb, vi, en)
		}
		if !strings.Contains(m.Text, "https://dvc.example.vn/dossiers/"+d.Code) || !strings.Contains(m.Text, "https://dvc.example.vn/track") {
			t.Errorf("%s: no address at which it is followed", verb)
		}
	}
	golden(t, "letters", all.String())
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; run with -update and look at it:\n%s", path, got)
	}
}

// What is approved and needs nothing more is a result.
func TestAnImmediateResultIsTold(t *testing.T) {
	t.Parallel()
	tell := aTeller(t)
	a := acted(t, dossier.Approve, dossier.Said{})
	a.To = dossier.HandedOver
	if got, want := what(tell.texts.In(i18n.En), a), tell.texts.In(i18n.En).T("dossier.mail.what.registered"); got != want {
		t.Errorf("told as %q, want %q", got, want)
	}
}

func TestWhomALetterIsTo(t *testing.T) {
	t.Parallel()
	tell := aTeller(t)
	d, p := filed(t)
	a := acted(t, dossier.Receive, dossier.Said{})
	other := func(name, address string) *dossier.Party { return &dossier.Party{Name: name, Email: address} }
	for name, c := range map[string]struct {
		applicant dossier.Party
		other     *dossier.Party
		want      string // name <address>, …
	}{
		"nobody":             {dossier.Party{Name: "A"}, nil, ""},
		"one":                {dossier.Party{Name: "H’Hen Niê", Email: "a@b.vn"}, nil, "H’Hen Niê <a@b.vn>"},
		"both":               {dossier.Party{Name: "A", Email: "a@b.vn"}, other("B", "b@b.vn"), "A <a@b.vn>, B <b@b.vn>"},
		"both the same":      {dossier.Party{Name: "A", Email: "a@b.vn"}, other("B", "A@b.vn"), "A <a@b.vn>"},
		"only the other":     {dossier.Party{Name: "A"}, other("B", "b@b.vn"), "B <b@b.vn>"},
		"no address":         {dossier.Party{Name: "A", Email: "a at b"}, nil, ""},
		"header in address":  {dossier.Party{Name: "A", Email: "a@b.vn\r\nBcc: c@d.vn"}, nil, ""},
		"two addresses":      {dossier.Party{Name: "A", Email: "a@b.vn, c@d.vn"}, nil, ""},
		"header in name":     {dossier.Party{Name: "A\r\nBcc: c@d.vn", Email: "a@b.vn"}, nil, " <a@b.vn>"},
		"bait in name":       {dossier.Party{Name: "Nhận tiền tại evil.example", Email: "a@b.vn"}, nil, " <a@b.vn>"},
		"address in name":    {dossier.Party{Name: "https://evil.example/x", Email: "a@b.vn"}, nil, " <a@b.vn>"},
		"a name like a book": {dossier.Party{Name: strings.Repeat("Nguyễn ", 40), Email: "a@b.vn"}, nil, " <a@b.vn>"},
		"signs nobody sees":  {dossier.Party{Name: "Lê\u200b Thu\u202e Trang", Email: "a@b.vn"}, nil, "Lê Thu Trang <a@b.vn>"},
	} {
		d.Applicant, d.For = c.applicant, c.other
		var got []string
		for _, m := range tell.letters(&d, p, a) {
			if err := m.Check(); err != nil || len(m.To) != 1 {
				t.Errorf("%s: %v, to %v", name, err, m.To)
			}
			if strings.Contains(m.Text, "evil") || strings.Contains(m.Text, "Bcc") {
				t.Errorf("%s: %s", name, m.Text)
			}
			got = append(got, fmt.Sprintf("%s <%s>", m.To[0].Name, m.To[0].Addr))
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: to %q, want %q", name, strings.Join(got, ", "), c.want)
		}
	}
}

// A short text is one, in plain letters, and to mobiles only.
func TestShortTexts(t *testing.T) {
	t.Parallel()
	tell := aTeller(t)
	d, _ := filed(t)
	for _, verb := range dossier.Verbs {
		if verb.Inside() {
			continue
		}
		list := tell.short(&d, acted(t, verb, dossier.Said{}))
		if len(list) != 1 || list[0].To != "+84912345678" {
			t.Fatalf("%s: %v", verb, list)
		}
		text := list[0].Text
		if len(text) > smsMost || !strings.Contains(text, d.Code) || strings.ContainsFunc(text, func(r rune) bool { return r > 126 || r < 32 }) {
			t.Errorf("%s: %q", verb, text)
		}
	}
	received := tell.short(&d, acted(t, dossier.Receive, dossier.Said{}))
	if want := "Ho so H55.C05443-20261201-0000001: da duoc tiep nhan. Hen tra 02/12/2026. Xem https://dvc.example.vn/track"; received[0].Text != want {
		t.Errorf("%q, want %q", received[0].Text, want)
	}
	tell.url = "https://" + strings.Repeat("a-long-name.", 12) + "vn"
	if long := tell.short(&d, acted(t, dossier.Receive, dossier.Said{}))[0].Text; !strings.HasSuffix(long, "02/12/2026.") {
		t.Errorf("an address that is too long: %q", long)
	}
	for phone, want := range map[string]string{
		"0912 345 678": "+84912345678", "+84 912.345.678": "+84912345678", "84912345678": "+84912345678", "(0358) 123-456": "+84358123456",
		"0208 385 1234": "", "091234567": "", "09123456789": "", "": "", "0912x45678": "", "+1 912 345 678": "", "0412345678": "", "84": "", "0": "",
	} {
		if got, ok := mobile(phone); got != want || ok != (want != "") {
			t.Errorf("%q is %q, %v; want %q", phone, got, ok, want)
		}
	}
	tell.texting = false
	if list := tell.short(&d, acted(t, dossier.Receive, dossier.Said{})); list != nil {
		t.Errorf("texts though none are set: %v", list)
	}
}

func FuzzMobile(f *testing.F) {
	f.Add("0912 345 678")
	f.Add("+84(0)912345678")
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := mobile(s)
		if ok && (len(got) != 12 || strings.Trim(got[1:], "0123456789") != "") || !ok && got != "" {
			t.Errorf("%q is %q", s, got)
		}
		if again, _ := mobile(got); again != got {
			t.Errorf("%q became %q", got, again)
		}
		if list := ascii(s); strings.ContainsFunc(list, func(r rune) bool { return r >= 127 }) {
			t.Errorf("%q has accents: %q", s, list)
		}
	})
}

// TestToldOnce: an action is told once, whatever the jobs repeat; and nothing is written for
// whom nothing reaches.
func TestToldOnce(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		for _, f := range []func(context.Context, *sqldb.DB) error{audit.Migrate, jobs.Migrate, ledgersql.Migrate, dossiersql.Migrate} {
			if err := f(t.Context(), db); err != nil {
				t.Fatal(err)
			}
		}
		w := dossiertest.NewOn(dossiersql.New(db))
		d, err := w.To(t.Context(), dossier.Supplement)
		if err != nil {
			t.Fatal(err)
		}
		tell := aTeller(t)
		officers := &noticed{}
		tell.db, tell.posts, tell.notices = db, w.Posts, officers
		actions, err := w.Parts.Store.Actions(t.Context(), d.ID)
		if err != nil {
			t.Fatal(err)
		}
		all := func() {
			t.Helper()
			for _, a := range actions {
				if err := tell.Tell(t.Context(), d, a); err != nil {
					t.Fatal(err)
				}
			}
		}
		all()
		all()
		for kind, want := range map[string]int{"outbox.mail": 3, "outbox.dossier.sms": 3} { // submit, receive, ask_more; not take
			list, err := jobs.List(t.Context(), db, jobs.Filter{Kind: kind})
			if err != nil || len(list) != want {
				t.Errorf("%s: %d, %v; want %d", kind, len(list), err, want)
			}
		}
		for level, want := range map[int]string{
			1: "dossier.notice.near /desk/dossiers/" + d.Code + " reviewer", 2: "dossier.notice.late /desk/dossiers/" + d.Code + " reviewer",
			3: "dossier.notice.escalated /desk/dossiers/" + d.Code + " reviewer,leader",
		} {
			officers.list = nil
			a := acted(t, dossier.Warned, dossier.Said{Level: level})
			a.Seq = 100 + level
			for range 2 {
				if err := tell.Tell(t.Context(), d, a); err != nil {
					t.Fatal(err)
				}
			}
			if !slices.Equal(officers.list, []string{want}) {
				t.Errorf("level %d: %q, want %q", level, officers.list, want)
			}
		}
		d.Applicant.Email, d.Applicant.Phone = "", ""
		a := actions[0]
		a.Seq = 200
		if err := tell.Tell(t.Context(), d, a); err != nil {
			t.Errorf("nobody to tell: %v", err)
		}
		if list, err := jobs.List(t.Context(), db, jobs.Filter{Kind: "outbox.mail"}); err != nil || len(list) != 3 {
			t.Errorf("%d letters, %v", len(list), err)
		}
	})
}

// gateway is as much of a gateway of short texts as one needs; it answers as told.
type gateway struct {
	mu   sync.Mutex
	code int
	got  []string
}

func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	raw, _ := io.ReadAll(r.Body)
	g.got = append(g.got, r.Method+" "+r.Header.Get("Authorization")+" "+string(raw))
	if g.code == http.StatusFound {
		w.Header().Set("Location", "/elsewhere")
	}
	w.WriteHeader(g.code)
}

func TestGatewayOfShortTexts(t *testing.T) {
	t.Parallel()
	g := &gateway{}
	server := httptest.NewServer(g)
	t.Cleanup(server.Close)
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	x := newTexter(&Config{SMSURL: server.URL + "/send", SMSTokenFile: token})
	text := sms{To: "+84912345678", Text: "Ho so 1: da nop."}
	for code, want := range map[int]string{
		200: "", 202: "", 204: "", 302: "again", 400: "never", 401: "again", 403: "again", 404: "again", 410: "never", 422: "never", 429: "again", 500: "again",
	} {
		g.code, g.got = code, nil
		err := x.send(t.Context(), "id1", text)
		got := ""
		switch {
		case jobs.IsPermanent(err):
			got = "never"
		case err != nil:
			got = "again"
		}
		if got != want {
			t.Errorf("%d: %q (%v), want %q", code, got, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "912345678") {
			t.Errorf("%d: the error holds the phone: %v", code, err)
		}
		if sent := `POST Bearer secret {"to":"+84912345678","text":"Ho so 1: da nop.","id":"id1"}`; len(g.got) != 1 || g.got[0] != sent {
			t.Errorf("%d: sent %q", code, g.got)
		}
	}
	server.Close()
	if err := x.send(t.Context(), "id1", text); err == nil || jobs.IsPermanent(err) {
		t.Errorf("away: %v", err)
	}
	x.tokenFile = token + "x"
	if err := x.send(t.Context(), "id1", text); err == nil || jobs.IsPermanent(err) {
		t.Errorf("without its token: %v", err)
	}
	if err := newTexter(&Config{}).send(t.Context(), "id1", text); !jobs.IsPermanent(err) {
		t.Errorf("without a gateway: %v", err)
	}
	for address, want := range map[string]bool{
		"https://sms.example.vn/send?brand=x": true, "http://127.0.0.1:9/x": true, "http://localhost/": true, "http://[::1]:9/": true,
		"http://sms.example.vn/": false, "sms.example.vn": false, "": false, "ftp://127.0.0.1/": false, "https://u:p@sms.example.vn/": false, "https://": false,
		"http://127.0.0.1.example.vn/": false,
	} {
		if got := usableGateway(address); got != want {
			t.Errorf("%q: %v, want %v", address, got, want)
		}
	}
}

// A letter that was queued leaves as mail.
func TestALetterIsOne(t *testing.T) {
	t.Parallel()
	d, p := filed(t)
	dir := t.TempDir()
	for i, m := range aTeller(t).letters(&d, p, acted(t, dossier.AskMore, saidOf(dossier.AskMore))) {
		folder := mail.Folder{Dir: dir, From: mail.Address{Name: "Phường Phan Đình Phùng", Addr: "mot-cua@example.vn"}}
		if err := folder.Send(t.Context(), fmt.Sprint(i), m); err != nil {
			t.Error(err)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.eml"))
	if err != nil || len(files) != 1 {
		t.Errorf("%v, %v", files, err)
	}
}
