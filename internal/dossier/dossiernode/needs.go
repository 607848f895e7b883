package dossiernode

import (
	"context"
	"io"
	"log/slog"
	"sync/atomic"

	"dean06/internal/calendar"
	"dean06/internal/platform/blob"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/session"
)

// days has the calendar of working time. While it cannot be read, the one that was read last
// holds, and before that the one that the program brings.
type days struct {
	ask  func(ctx context.Context) (*calendar.Calendar, error)
	log  *slog.Logger
	last atomic.Pointer[calendar.Calendar]
}

func (d *days) now() *calendar.Calendar {
	var c *calendar.Calendar
	var err error
	if d.ask != nil {
		c, err = d.ask(context.Background())
	}
	if c == nil || err != nil {
		if err != nil {
			d.log.Warn("the calendar of working time cannot be read; the one before holds", "error", err)
		}
		if c = d.last.Load(); c != nil {
			return c
		}
		if c, err = calendar.BuiltIn(); err != nil {
			panic(err) // it is part of the program, and tested
		}
	}
	d.last.Store(c)
	return c
}

// files keeps papers where the node keeps its files.
type files struct{ store blob.Store }

// Open reads a file by its SHA-256.
func (f files) Open(ctx context.Context, hash string) (io.ReadCloser, error) {
	return f.store.Open(ctx, blob.Ref{SHA256: hash})
}

// mostMade bounds what the program itself keeps: papers that it made.
const mostMade = 64 << 20

// Put keeps a file.
func (f files) Put(ctx context.Context, r io.Reader) (string, int64, error) {
	ref, err := f.store.Put(ctx, r, mostMade)
	return ref.SHA256, ref.Size, err
}

// bindings are those of the node's accounts.
type bindings struct{ sessions *session.Service }

// Bound is the number to which an account is bound.
func (b bindings) Bound(ctx context.Context, account string) (string, bool, error) {
	bound, err := b.sessions.BoundTo(ctx, account)
	if fault.Of(err) == fault.NotFound {
		return "", false, nil
	}
	return bound.Number, err == nil, err
}
