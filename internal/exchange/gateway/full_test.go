package gateway_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/journal"
	"dean06/internal/platform/config"
	"dean06/internal/platform/health"
	platform "dean06/internal/platform/node"
	"dean06/internal/xroad"
)

// fullDisk is where a journal lies whose disk is full while it is set.
type fullDisk struct{ full atomic.Bool }

func (d *fullDisk) create(name string) (journal.File, error) {
	if d.full.Load() {
		return nil, &os.PathError{Op: "open", Path: name, Err: syscall.ENOSPC}
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	return fullFile{f, d}, err
}

type fullFile struct {
	*os.File
	d *fullDisk
}

func (f fullFile) WriteAt(b []byte, at int64) (int, error) {
	if f.d.full.Load() {
		n, _ := f.File.WriteAt(b[:len(b)/2], at)
		return n, &os.PathError{Op: "write", Path: f.Name(), Err: syscall.ENOSPC}
	}
	return f.File.WriteAt(b, at)
}

// TestFullDiskIsSeen: a gateway whose journal has no room refuses calls; its doctor says so,
// and the node is not ready. When there is room again, both end without anybody calling.
func TestFullDiskIsSeen(t *testing.T) {
	t.Parallel()
	var disk fullDisk
	c := newCountry(t)
	authority := c.join("G01-1", dancu, nil)
	province := c.join("H55-1", tthc, func(n *node) { n.settings.Journal = journal.Options{Create: disk.create} })
	authority.offer(t, exchange.LocalService{ID: match, Name: "match", OwnFields: true}, echo)
	authority.give(t, exchange.Right{Subject: tthc, Service: match})

	cfg, dir := config.Default(), t.TempDir()
	cfg.Node.Role, cfg.DB.URL = "agency", "sqlite:"+config.Secret(filepath.Join(dir, "node.db"))
	cfg.Blob.Dir, cfg.Mail.Dir = filepath.Join(dir, "files"), filepath.Join(dir, "mail")
	var clock watch
	asked := time.Duration(0)
	of, err := platform.Open(t.Context(), []platform.Module{{Name: "exchange", Open: func(context.Context, *platform.Base) (*platform.Part, error) {
		return &platform.Part{Doctor: province.Examine}, nil
	}}}, platform.Settings{Config: cfg, Clock: &clock, Relaxed: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer of.Close()
	ready := func() (int, string) {
		asked += 3 * time.Second
		clock.set(asked) // what was found a moment ago counts for two seconds
		w := httptest.NewRecorder()
		of.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/readyz?lang=en", nil))
		return w.Code, w.Body.String()
	}
	log := func() (f health.Finding) {
		for _, f = range province.Doctor(t.Context()) {
			if f.Check == "log" {
				return f
			}
		}
		return health.Finding{}
	}
	if code, body := ready(); code != http.StatusOK || log().Level != health.Fine {
		t.Fatalf("before: %d %q, %+v", code, body, log())
	}
	disk.full.Store(true)
	if a := province.call(t, http.MethodGet, matchPath, nil); a.code() != string(xroad.ConsumerLogFailed) {
		t.Errorf("a call with a full disk: %d %s", a.StatusCode, a.body)
	}
	if f := log(); f.Level != health.Failing || !f.Stops || !strings.Contains(fmt.Sprint(f.Args["reason"]), "no space left") {
		t.Errorf("the doctor: %+v", f)
	}
	if code, body := ready(); code != http.StatusServiceUnavailable || !strings.Contains(body, "log: ") {
		t.Errorf("/readyz: %d %q", code, body)
	}
	disk.full.Store(false)
	eventually(t, "it is ready again, and nobody called", func() bool { code, _ := ready(); return code == http.StatusOK && log().Level == health.Fine })
	province.wants(t, "")
	authority.check(t)
	province.check(t)
}
