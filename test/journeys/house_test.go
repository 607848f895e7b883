// Package journeys walks through the demo as its people do, in Chromium: each
// test is one person's errand, in Vietnamese and in English, at a desk and on a
// phone. Every page on the way is looked at by axe. It holds no tests of single
// pages; those stand beside the pages.
package journeys

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"dean06/internal/app"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui/uitest"
)

func TestMain(m *testing.M) {
	// The demo would hold this whole process to the memory of one demo.
	if os.Getenv("GOMEMLIMIT") == "" {
		_ = os.Setenv("GOMEMLIMIT", "off")
	}
	if os.Getenv("GOGC") == "" { // and a node of an agency to a small heap
		_ = os.Setenv("GOGC", "100")
	}
	code := m.Run()
	if template.dir != "" {
		_ = os.RemoveAll(template.dir)
	}
	os.Exit(code)
}

// template is the folder of a demo as it is when just loaded; each test works
// on its own copy.
var template struct {
	once sync.Once
	dir  string
	err  error
}

func loaded() (string, error) {
	template.once.Do(func() {
		if template.dir, template.err = os.MkdirTemp("", "dean06-journeys-"); template.err != nil {
			return
		}
		var d *app.Demo
		if d, template.err = app.OpenDemo(context.Background(), template.dir, false); template.err == nil {
			template.err = d.Close()
		}
	})
	return template.dir, template.err
}

// house is one running demo.
type house struct {
	t       *testing.T
	dir     string // where its data lies
	url     string
	words   *i18n.Catalogue
	browser context.Context
	demo    *app.Demo
}

// open starts a demo of its own for the test, and a browser.
func open(t *testing.T) *house {
	t.Helper()
	browser := uitest.Browser(t) // first: it skips the test when there is none
	from, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	d, err := app.OpenDemo(t.Context(), dir, false)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- d.Serve(ctx, ln) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Errorf("serve the demo: %v", err)
		}
		if err := d.Close(); err != nil {
			t.Errorf("close the demo: %v", err)
		}
	})
	return &house{t: t, dir: dir, url: "http://" + ln.Addr().String(), words: d.Board.Messages, browser: browser, demo: d}
}

// mailed says that a letter was sent to an address.
func (h *house) mailed(to string) bool {
	h.t.Helper()
	files, err := filepath.Glob(filepath.Join(h.dir, "mail", "*.eml"))
	if err != nil {
		h.t.Fatal(err)
	}
	return slices.ContainsFunc(files, func(name string) bool {
		raw, err := os.ReadFile(name)
		return err == nil && strings.Contains(string(raw), to)
	})
}
