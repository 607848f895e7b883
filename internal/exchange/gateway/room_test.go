package gateway

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestRoom: one member fills its own share and no more, the memory of large bodies is
// bounded, what was taken is given back, and what a fall left is gone.
func TestRoom(t *testing.T) {
	t.Parallel()
	dir, now := t.TempDir(), time.Now().Add(time.Hour)
	if err := os.WriteFile(filepath.Join(dir, "body-left"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	const size = 1 << 20
	r, err := openRoom(dir, 8*size, size, now) // a member has 2
	if err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("a fall left %v, %v", left, err)
	}
	g := &Gateway{spool: dir, room: r, set: Settings{MaxBody: 4 * size}}
	read := func(who string, n int) (*spool, error) {
		return g.readBody(bytes.NewReader(make([]byte, n)), who, true)
	}
	var held []*spool
	for range 2 {
		s, err := read("a", size)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, s)
	}
	if _, err := read("a", size); !errors.Is(err, errNoRoom) || !errors.Is(err, errShare) {
		t.Errorf("a third body of one member: %v", err)
	}
	if s, err := read("a", 100); err != nil {
		t.Errorf("a small body of that member: %v", err)
	} else {
		s.Close()
	}
	s, err := read("b", size)
	if err != nil {
		t.Fatalf("a body of another member: %v", err)
	}
	held = append(held, s)
	if got := r.held(); got != 3*size {
		t.Errorf("%d bytes held, want %d", got, 3*size)
	}
	for _, s := range held {
		s.Close()
	}
	if got := r.held(); got != 0 || len(r.of) != 0 {
		t.Errorf("%d bytes held of %v after all are closed", got, r.of)
	}

	held = nil
	for range inRAM / inMemory { // all the memory there is
		s, err := read("a", smallBody+1)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, s)
	}
	if got := r.held(); got != 0 {
		t.Errorf("%d bytes on disk while there is memory", got)
	}
	s, err = read("a", smallBody+1)
	if err != nil || s.file == nil || r.held() == 0 {
		t.Errorf("beyond the memory: %v, in a file %v", err, s != nil && s.file != nil)
	}
	if got, err := io.ReadAll(s.open()); err != nil || len(got) != smallBody+1 {
		t.Errorf("%d bytes of it, %v", len(got), err)
	}
	p := g.newBody("a", false) // as a service of this process writes
	if _, err := p.Write(make([]byte, smallBody+1)); err != nil || p.s.file == nil {
		t.Errorf("an answer beyond the memory: %v", err)
	}
	p.finish().Close()
	for _, s := range held {
		s.Close()
	}
	if got := r.memory.Load(); got != inRAM {
		t.Errorf("%d bytes of memory left, want all %d", got, inRAM)
	}
}
