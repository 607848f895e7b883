package board

import (
	"container/list"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/a-h/templ"

	"dean06/internal/readiness"
)

// bodyFunc makes the body of a page.
type bodyFunc func(ctx context.Context) (templ.Component, error)

// shelf keeps the bodies of pages that were read last, as they were written.
// A body is found only as long as the register says the same.
type shelf struct {
	mu     sync.Mutex
	bodies map[string]*list.Element
	order  list.List // the last read first
	size   int
}

type keptBody struct{ key, html string }

// shelfSize is how much is kept, in bytes: some hundred and fifty pages.
const shelfSize = 16 << 20

func (s *shelf) get(key string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.bodies[key]
	if !ok {
		return "", false
	}
	s.order.MoveToFront(e)
	return e.Value.(keptBody).html, true
}

func (s *shelf) put(key, html string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.bodies[key]; ok || len(html) > shelfSize/8 {
		return
	}
	if s.bodies == nil {
		s.bodies = map[string]*list.Element{}
	}
	s.bodies[key] = s.order.PushFront(keptBody{key, html})
	s.size += len(html)
	for s.size > shelfSize {
		last := s.order.Back()
		old := s.order.Remove(last).(keptBody)
		delete(s.bodies, old.key)
		s.size -= len(old.html)
	}
}

// body is the body of a page, from the shelf when it is there. What the reader
// may see beyond the board itself is part of the key.
func (p *Pages) body(v *view, path string, make bodyFunc) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		key := strings.Join([]string{path, v.lang(), v.State, v.ask.canonical(), v.today().String()}, "\x00")
		for _, right := range []readiness.Action{readiness.ReadContact, readiness.ReadIntake} {
			key += "\x00" + fmt.Sprint(readiness.Can(v.reader, right, "") == nil)
		}
		html, ok := p.kept.get(key)
		if !ok {
			c, err := make(ctx)
			if err != nil {
				return err
			}
			var b strings.Builder
			if err := c.Render(ctx, &b); err != nil {
				return err
			}
			html = b.String()
			p.kept.put(key, html)
		}
		_, err := io.WriteString(w, html)
		return err
	})
}
