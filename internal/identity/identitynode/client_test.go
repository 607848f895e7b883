package identitynode

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dean06/internal/identity"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/node"
	"dean06/internal/platform/opaque"
)

const registration = `{
  "client_id": "thu-nghiem",
  "client_name": "Dịch vụ thử nghiệm",
  "client_name#en": "A trial service",
  "owner": "H55",
  "redirect_uris": ["https://localhost.emobix.co.uk:8443/test/a/dean06/callback"],
  "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
  "response_types": ["code"],
  "token_endpoint_auth_method": "client_secret_post",
  "userinfo_signed_response_alg": "ES256",
  "purposes": [
    {"code": "dang-nhap", "text": {"vi": "Đăng nhập", "en": "Sign in"}, "basis": "Nghị định 69/2024/NĐ-CP", "claims": ["name"], "days": 1}
  ]
}`

func fileOf(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "client.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestClientCommands: what is added at the authority's machine works at once, beside the node
// that runs; its secret is told once and kept as a hash.
func TestClientCommands(t *testing.T) {
	t.Parallel()
	n, opened, w, address := opened(t)
	db := database{DB: address, Dir: n.config.Dir, JSON: true, Lang: node.Lang{Lang: "en"}}
	run := func(c interface {
		Run(context.Context, node.Program) error
	},
	) (string, error) {
		t.Helper()
		var out bytes.Buffer
		err := c.Run(t.Context(), program(t, w, &out))
		return out.String(), err
	}
	must := func(text string, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err, text)
		}
		return text
	}
	answer := struct {
		ID       string   `json:"client_id"`
		Name     string   `json:"client_name"`
		Secret   string   `json:"client_secret"`
		Ends     *int     `json:"client_secret_expires_at"`
		Issued   int64    `json:"client_id_issued_at"`
		Redirect []string `json:"redirect_uris"`
		State    string   `json:"state"`
	}{}
	text := must(run(clientAdd{database: db, File: fileOf(t, registration)}))
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		t.Fatal(err)
	}
	if answer.ID != "thu-nghiem" || answer.Name != "Dịch vụ thử nghiệm" || answer.State != "approved" || len(answer.Redirect) != 1 ||
		answer.Ends == nil || *answer.Ends != 0 || answer.Issued != w.Clock.Now().Unix() || strings.Contains(text, "registered_by") {
		t.Errorf("%s", text)
	}
	kept, err := n.store.Client(t.Context(), answer.ID)
	if err != nil || kept.State != identity.ClientApproved || kept.Secret != opaque.Hash(answer.Secret) || len(answer.Secret) < 43 {
		t.Errorf("%+v, %v", kept, err)
	}

	// The node that runs takes it.
	pages := opened.Handler()
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {answer.ID}, "client_secret": {answer.Secret}}
	token := func() int {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/oauth/token", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		res := httptest.NewRecorder()
		pages.ServeHTTP(res, r)
		return res.Code
	}
	if got := token(); got != http.StatusOK {
		t.Errorf("its first token: %d", got)
	}

	if _, err := run(clientAdd{database: db, File: fileOf(t, registration)}); fault.Of(err) != fault.Conflict {
		t.Errorf("twice: %v", err)
	}
	text = must(run(clientList{database: db}))
	if strings.Contains(text, answer.Secret) || strings.Contains(text, "client_secret\"") || !strings.Contains(text, "thu-nghiem") {
		t.Errorf("%s", text)
	}
	if text = must(run(clientStop{db, answer.ID, "Hết thử nghiệm"})); !strings.Contains(text, `"state":"stopped"`) {
		t.Errorf("%s", text)
	}
	w.Clock.Pass(4 * time.Second)
	if got := token(); got != http.StatusUnauthorized && got != http.StatusBadRequest {
		t.Errorf("a stopped one: %d", got)
	}
	if text = must(run(clientApprove{db, answer.ID})); !strings.Contains(text, `"state":"approved"`) {
		t.Errorf("%s", text)
	}
	if _, err := run(clientApprove{db, answer.ID}); fault.Of(err) != fault.Conflict {
		t.Errorf("approved twice: %v", err)
	}
	if _, err := run(clientApprove{db, "nobody"}); fault.Of(err) != fault.NotFound {
		t.Errorf("nobody: %v", err)
	}
	var usage node.UsageError
	if _, err := run(clientStop{db, answer.ID, " "}); !errors.As(err, &usage) {
		t.Errorf("no reason: %v", err)
	}

	// One that is left to an operator.
	db.JSON = false
	other := strings.Replace(registration, "thu-nghiem", "thu-hai", 1)
	text = must(run(clientAdd{database: db, File: fileOf(t, other), Wait: true}))
	if !strings.Contains(text, "dean06 identity client approve thu-hai") {
		t.Errorf("%s", text)
	}
	if text = must(run(clientList{database: db, Owner: "H55"})); !strings.Contains(text, "thu-hai\tH55\t") || strings.Contains(text, "identity.client") {
		t.Errorf("%s", text)
	}
	if text = must(run(clientList{database: db, Owner: "G24"})); text != "" {
		t.Errorf("another's: %s", text)
	}
}

// TestClientFileFaults: what is wrong in the file is told with its line, all at once and in
// words, and nothing is registered.
func TestClientFileFaults(t *testing.T) {
	t.Parallel()
	n, _, w, address := opened(t)
	missing := clientAdd{database: database{DB: address, Dir: n.config.Dir}, File: filepath.Join(t.TempDir(), "none.json")}
	if err := missing.Run(t.Context(), program(t, w, &bytes.Buffer{})); fault.Of(err) != fault.Invalid {
		t.Errorf("no file: %v", err)
	}
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"rules": {
			strings.NewReplacer("https://localhost.emobix", "http://localhost.emobix", `"claims": ["name"]`, `"claims": ["salary"]`).Replace(registration),
			[]string{"Dòng 6: ", "Dòng 11: ", "salary"},
		},
		"unknown": {strings.Replace(registration, `"owner"`, `"owned_by"`, 1), []string{"Dòng 5", "owned_by"}},
		"broken":  {registration[:200], []string{"Dòng "}},
	} {
		var out bytes.Buffer
		p := program(t, w, &out)
		db := database{DB: address, Dir: n.config.Dir, Lang: node.Lang{Lang: "vi"}}
		err := clientAdd{database: db, File: fileOf(t, c.text)}.Run(t.Context(), p)
		said := out.String()
		if err != nil && !errors.Is(err, node.ErrNotAll) {
			said += node.Describe(db.Printer(p), err)
		}
		for _, want := range c.want {
			if err == nil || !strings.Contains(said, want) {
				t.Errorf("%s: %v, %s", name, err, said)
			}
		}
	}
	if list, err := n.store.Clients(t.Context(), ""); err != nil || len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
}

// TestKeysTurnByThemselves: the job that looks daily after the keys which sign.
func TestKeysTurnByThemselves(t *testing.T) {
	t.Parallel()
	_, opened, w, _ := opened(t)
	var part *node.Part
	for _, p := range opened.Parts() {
		if p.Jobs[keysKind] != nil {
			part = p
		}
	}
	if part == nil {
		t.Fatal("no such job")
	}
	daily := false
	for _, p := range part.Periodic {
		daily = daily || p.Kind == keysKind && p.Slot(w.Clock.Now().AddDate(0, 0, 1)).Sub(p.Slot(w.Clock.Now())) == 24*time.Hour
	}
	if !daily {
		t.Error("it is not called each day")
	}
	pages := opened.Handler()
	published := func() int {
		res := httptest.NewRecorder()
		pages.ServeHTTP(res, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/oauth/jwks", nil))
		var set struct {
			Keys []json.RawMessage `json:"keys"`
		}
		if err := json.Unmarshal(res.Body.Bytes(), &set); err != nil {
			t.Fatal(err, res.Body)
		}
		return len(set.Keys)
	}
	before := published()
	w.Clock.Pass(84 * 24 * time.Hour) // within the last week of ninety days
	if err := part.Jobs[keysKind](t.Context(), &jobs.Task{}); err != nil {
		t.Fatal(err)
	}
	if now := published(); now != 2*before || before == 0 {
		t.Errorf("%d keys, then %d", before, now)
	}
}
