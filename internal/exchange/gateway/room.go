package gateway

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// room is what bodies may take while they pass: memory, and a folder in which all members
// together have so many bytes and one member a quarter of them, so that nobody fills it
// for the others.
type room struct {
	dir         string
	most, share int64 // bytes
	mu          sync.Mutex
	used        int64
	of          map[string]int64
	memory      atomic.Int64 // bytes left for bodies over smallBody
}

const (
	// smallBody is what every running call may hold in memory without asking.
	smallBody = 16 << 10
	// inRAM is what larger bodies hold in memory together; then they go to files at once.
	inRAM = 64 << 20
	// sharesOfRoom is how many members fill the room.
	sharesOfRoom = 4
	// leftFor is how old a file is that nobody can be about to unname any more.
	leftFor = time.Minute
)

// openRoom makes the folder, and empties it of what a fall left behind. One body of
// largest bytes always fits into a share.
func openRoom(dir string, most, largest int64, now time.Time) (*room, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("folder for large bodies: %w", err)
	}
	r := &room{dir: dir, most: max(most, sharesOfRoom*largest), of: map[string]int64{}}
	r.share = r.most / sharesOfRoom
	r.memory.Store(inRAM)
	list, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("folder for large bodies: %w", err)
	}
	for _, f := range list {
		info, err := f.Info()
		if err == nil && strings.HasPrefix(f.Name(), "body-") && info.Mode().IsRegular() && now.Sub(info.ModTime()) > leftFor {
			_ = os.Remove(filepath.Join(dir, f.Name())) // it is tried again at the next start
		}
	}
	return r, nil
}

// take takes disk for a member; false when it, or all, have too much.
func (r *room) take(who string, n int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.used+n > r.most || r.of[who]+n > r.share {
		return false
	}
	r.used += n
	r.of[who] += n
	return true
}

func (r *room) give(who string, n int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.used -= n
	if r.of[who] -= n; r.of[who] <= 0 {
		delete(r.of, who)
	}
}

// held is how many bytes lie on disk now.
func (r *room) held() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.used
}

// take takes disk for what is written next.
func (s *spool) take(n int64) bool {
	if s.room == nil {
		return true
	}
	if !s.room.take(s.who, n) {
		return false
	}
	s.onDisk += n
	return true
}

// fits says whether the body may stay in memory as long as it is.
func (s *spool) fits() bool {
	if s.room == nil || s.size <= smallBody || s.inRAM > 0 {
		return true
	}
	if s.room.memory.Add(-inMemory) < 0 {
		s.room.memory.Add(inMemory)
		return false
	}
	s.inRAM = inMemory
	return true
}

// newBody begins a body that a member answers for.
func (g *Gateway) newBody(member string, both bool) *spooler {
	p := newSpooler(g.spool, g.set.MaxBody, both)
	p.s.room, p.s.who = g.room, member
	return p
}

// readBody reads a body to its end that a member answers for. It fails with errTooLarge
// and errNoRoom.
func (g *Gateway) readBody(from io.Reader, member string, both bool) (*spool, error) {
	p := g.newBody(member, both)
	if from != nil {
		if err := p.readFrom(from); err != nil {
			p.s.Close()
			return nil, err
		}
	}
	return p.finish(), nil
}
