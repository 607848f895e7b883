// Package journeys walks through the demo as its people do, in Chromium: each
// test is one person's errand, in Vietnamese and in English, at a desk and on a
// phone. Every page on the way is looked at by axe. It holds no tests of single
// pages; those stand beside the pages.
package journeys

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"dean06/internal/app"
	"dean06/internal/demo"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/mail"
	"dean06/internal/platform/node"
	"dean06/internal/platform/ui/uitest"
)

func TestMain(m *testing.M) {
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
		var b *node.Node
		if b, _, template.err = board(context.Background(), template.dir); template.err == nil {
			template.err = b.Close()
		}
	})
	return template.dir, template.err
}

// board opens the board of the demo by itself.
func board(ctx context.Context, dir string) (*node.Node, *app.Modules, error) {
	n, modules, err := app.Open(ctx, app.Board, node.Settings{
		Config: demo.Config(dir, "board"), Relaxed: true, Demo: demo.BoardAccounts(), Log: slog.New(slog.DiscardHandler),
		Files: node.Folder(filepath.Join(dir, "papers"), true),
		Mail:  mail.Folder{Dir: filepath.Join(dir, "mail"), From: mail.Address{Name: "dean06", Addr: "dean06@dean06.example.vn"}},
	})
	if err != nil {
		return nil, nil, err
	}
	for _, p := range n.Parts() {
		if p.Demo == nil {
			continue
		}
		if err := p.Demo(ctx, node.Demo{Dir: dir, Rounds: true}); err != nil {
			return nil, nil, errors.Join(err, n.Close())
		}
	}
	if err := n.Sessions.Seed(ctx, demo.BoardAccounts()...); err != nil {
		return nil, nil, errors.Join(err, n.Close())
	}
	return n, modules, nil
}

// house is one running demo.
type house struct {
	t       *testing.T
	dir     string // where its data lies
	url     string
	words   *i18n.Catalogue
	browser context.Context
	modules *app.Modules
	node    *node.Node
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
	b, modules, err := board(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- b.Serve(ctx, ln) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Errorf("serve the demo: %v", err)
		}
		if err := b.Close(); err != nil {
			t.Errorf("close the demo: %v", err)
		}
	})
	return &house{t: t, dir: dir, url: "http://" + ln.Addr().String(), words: b.Messages, browser: browser, modules: modules, node: b}
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
