//go:build conformance

package conformance_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"dean06/internal/app"
	"dean06/internal/identity"
	"dean06/internal/identity/identitynode"
	"dean06/internal/identity/identitytest"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/config"
	"dean06/internal/platform/node"
	"dean06/internal/platform/password"
)

// house is the authority's node that listens, with one person who has a password.
type house struct {
	*identity.Service
	issuer, number, name string
}

const secret = "mat-khau-cua-nguoi-thu"

func newHouse(t *testing.T) *house {
	t.Helper()
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	c := config.Default(app.Shape().Sections...)
	c.DB.URL, c.Blob.Dir, c.Mail.Dir = config.Secret("sqlite:"+filepath.Join(dir, "authority.db")), filepath.Join(dir, "papers"), filepath.Join(dir, "mail")
	section := config.In[identitynode.Config](c)
	section.Issuer, section.Dir = "http://localhost:"+port, filepath.Join(dir, "identity")
	settings := node.Settings{Config: c, Relaxed: true, Serving: true, Log: slog.New(slog.DiscardHandler)}
	n, m, err := app.Open(t.Context(), app.Authority, settings, "identity", "population")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- n.Serve(ctx, ln) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	h := &house{Service: m.Identity.Service(), issuer: section.Issuer, number: identitytest.Mother.Number.Reveal(), name: identitytest.Mother.Name}
	a := identitytest.NewWorld(m.Identity.Store()).Give(t, identitytest.Mother, identity.Two)
	hash, err := password.NewGate(password.Cheap).Hash(t.Context(), secret)
	if err != nil {
		t.Fatal(err)
	}
	err = m.Identity.Store().InTx(t.Context(), func(tx identity.Tx) error {
		return tx.SaveSecrets(t.Context(), identity.Secrets{Account: a.ID, Password: hash, PasswordAt: time.Now()})
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// register registers a client as its owner's file says, and approves it; it gives its secret.
func (h *house) register(t *testing.T, file map[string]any) string {
	t.Helper()
	file["owner"], file["client_name"] = "H55", "Dịch vụ thử"
	file["purposes"] = []map[string]any{{
		"code": "thu", "text": map[string]string{"vi": "Thử đăng nhập", "en": "Trying a sign-in"}, "basis": "Luật Căn cước 2023, Điều 33",
		"claims": []string{"name", "birthdate", "identity_number"}, "law": true,
	}}
	raw, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	c, err := identity.ReadClient(raw, "")
	if err != nil {
		t.Fatal(err)
	}
	c, given, err := h.RegisterClient(t.Context(), actor.AtCommandLine(), c)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.ApproveClient(t.Context(), actor.AtCommandLine(), c.ID); err != nil {
		t.Fatal(err)
	}
	return given
}

// installed is a folder with the scripts and what they stand on.
func installed(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("clients")); err != nil {
		t.Fatal(err)
	}
	npm := exec.CommandContext(t.Context(), "npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
	npm.Dir = dir
	if out, err := npm.CombinedOutput(); err != nil {
		t.Fatalf("npm install (node and npm are needed): %v: %s", err, out)
	}
	return dir
}
