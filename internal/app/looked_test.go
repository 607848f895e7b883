package app

import (
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dean06/internal/exchange/exchangenode"
	"dean06/internal/identity/identitynode"
	"dean06/internal/platform/config"
	"dean06/internal/platform/health"
	"dean06/internal/platform/node"
	"dean06/internal/population/populationnode"
)

// TestLookedAtFromOutside: a node that is opened for looking says which of its keys are gone
// or are others, tries its folders, and makes no file.
func TestLookedAtFromOutside(t *testing.T) {
	t.Parallel()
	for role, keys := range map[string][]string{
		Hub:       {"own/ca.key", "own/configuration.key", "own/timestamp.key"},
		Authority: {"own/register.key"},
		Agency:    {"gateway/contract.key"},
	} {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			c := config.Default(Shape().Sections...)
			c.Node.Role, c.DB.URL = role, "sqlite:"+config.Secret(filepath.Join(dir, "node.db"))
			c.Blob.Dir, c.Mail.Dir = filepath.Join(dir, "files"), filepath.Join(dir, "mail")
			config.In[exchangenode.GatewayConfig](c).Dir = filepath.Join(dir, "gateway")
			config.In[exchangenode.HubConfig](c).Dir = filepath.Join(dir, "own")
			config.In[exchangenode.HubConfig](c).Member = "G06"
			config.In[populationnode.Config](c).Dir = filepath.Join(dir, "own")
			config.In[identitynode.Config](c).Dir = filepath.Join(dir, "own", "identity")
			begun, _, err := Open(t.Context(), role, node.Settings{Config: c, Relaxed: true, Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			if got := begun.Examine(t.Context(), health.Full); !tried(got, filepath.Dir(filepath.Join(dir, keys[0]))) {
				t.Errorf("the folder of the keys was not tried: %+v", got)
			}
			if err := begun.Close(); err != nil {
				t.Fatal(err)
			}
			looked := func() []health.Finding {
				t.Helper()
				n, _, err := Open(t.Context(), role, node.Settings{Config: c, ReadOnly: true, Log: slog.New(slog.DiscardHandler)})
				if err != nil {
					t.Fatal(err)
				}
				defer n.Close()
				return n.Examine(t.Context(), health.Full)
			}
			says := func(list []health.Finding, key, file string) bool {
				return slices.ContainsFunc(list, func(f health.Finding) bool { return f.Key == key && strings.HasSuffix(f.Subject, file) })
			}
			got := looked()
			if !says(got, "node.doctor.key.fine", "") {
				t.Errorf("all is there: %+v", got)
			}
			if role == Hub {
				for _, key := range []string{"hub.doctor.ca.fine", "hub.doctor.configuration.fine", "hub.doctor.timestamp.fine"} {
					if !says(got, key, "") {
						t.Errorf("no %s in %+v", key, got)
					}
				}
				// The keys are there, and are others.
				for _, key := range keys[:2] {
					swap(t, filepath.Join(dir, key), filepath.Join(dir, keys[2]), func() { got = looked() })
					if want := map[string]string{keys[0]: "hub.doctor.ca.other", keys[1]: "hub.doctor.configuration.none"}[key]; !says(got, want, "") {
						t.Errorf("%s is another: no %s in %+v", key, want, got)
					}
				}
			}
			for _, key := range keys {
				path := filepath.Join(dir, key)
				if err := os.Rename(path, path+".away"); err != nil {
					t.Fatal(err)
				}
				if got := looked(); !says(got, "node.doctor.key.missing", key) {
					t.Errorf("%s is gone: %+v", key, got)
				}
				if _, err := os.Lstat(path); err == nil {
					t.Errorf("%s was made anew by looking", key)
				}
				if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
					t.Fatal(err)
				}
				if got := looked(); !says(got, "node.doctor.key.unreadable", key) {
					t.Errorf("%s holds no key: %+v", key, got)
				}
				if err := os.Rename(path+".away", path); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// tried says that a folder was written to, or is said not to be writable.
func tried(list []health.Finding, dir string) bool {
	return slices.ContainsFunc(list, func(f health.Finding) bool { return f.Check == "disk" && f.Subject == dir })
}

// swap puts one file in another's place while f runs.
func swap(t *testing.T, path, other string, f func()) {
	t.Helper()
	was, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(other)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	f()
	if err := os.WriteFile(path, was, 0o600); err != nil {
		t.Fatal(err)
	}
}
