package cleaningnode

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dean06/internal/cleaning"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/node"
)

func TestAResultComesWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	words, err := i18n.Load(Messages, cleaning.Messages)
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	p := node.Program{Out: io.Discard, Err: &said}
	dir := t.TempDir()
	name := filepath.Join(dir, "ket-qua.csv")
	begin := func() *result {
		r, err := beginResult(p, words.In(i18n.En), name)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	writes := func(text string, fails error) func(io.Writer) error {
		return func(w io.Writer) error { _, err := io.WriteString(w, text); return errors.Join(err, fails) }
	}
	full := func(text string) string {
		said.Reset()
		r := begin()
		defer r.end()
		if err := errors.Join(r.write(p, writes(text, nil)), r.done()); err != nil {
			t.Fatal(err)
		}
		return said.String()
	}
	if got := full("một"); got != "" {
		t.Errorf("the first: %q", got)
	}
	if got := full("một"); !strings.Contains(got, "says the same") {
		t.Errorf("the same: %q", got)
	}
	if got := full("hai"); !strings.Contains(got, "is replaced") {
		t.Errorf("another: %q", got)
	}
	r := begin()
	if _, err := beginResult(p, words.In(i18n.En), name); fault.As(err) == nil || fault.As(err).Key != "cli.clean.busy" {
		t.Errorf("two at once: %v", err)
	}
	if err := r.write(p, writes("nửa", errors.New("the disk is full"))); err == nil {
		t.Error("a write that failed is none")
	}
	r.end()
	list, _ := os.ReadDir(dir)
	if raw, _ := os.ReadFile(name); string(raw) != "hai" || len(list) != 1 {
		t.Errorf("after a failure there is %q, and %d files", raw, len(list))
	}
	r = begin() // as a run that was killed leaves it
	if err := errors.Join(r.write(p, writes("nửa", nil)), r.lock.Close()); err != nil {
		t.Fatal(err)
	}
	if raw, _ := os.ReadFile(name); string(raw) != "hai" {
		t.Errorf("a killed run left %q", raw)
	}
	if info, err := os.Stat(r.path()); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("what it left: %v, %v", info, err)
	}
	full("ba")
	if list, _ = os.ReadDir(dir); len(list) != 1 {
		t.Errorf("%d files stay", len(list))
	}
	if err := os.Symlink(name, filepath.Join(dir, "link.csv")); err != nil {
		t.Fatal(err)
	}
	to := name
	name = filepath.Join(dir, "link.csv")
	full("bốn")
	info, _ := os.Lstat(name)
	if raw, _ := os.ReadFile(to); string(raw) != "bốn" || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("through a link: %q, %v", raw, info.Mode())
	}
}
