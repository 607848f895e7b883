package cleaningnode

import (
	"context"
	"io"
	"time"

	"dean06/internal/cleaning"
	"dean06/internal/cleaning/cleaningapi"
	"dean06/internal/platform/blob"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/node"
	"dean06/internal/platform/upload"
)

// keepRefused is how long an agency reads why a file was refused.
const keepRefused = 30 * 24 * time.Hour

// openCounter is where agencies hand files in through the exchange.
func (n *Node) openCounter(b *node.Base) {
	n.pieces = b.Bulk("cleaning", cleaning.MaxHanded)
	n.pieces.Left = func(ctx context.Context, f upload.File) error { // sent on the page, and never handed in
		return n.desk.Left(ctx, cleaning.File{SHA256: f.SHA256, Size: f.Size})
	}
	n.counter = &cleaning.Counter{
		Desk: n.desk, Kept: n.store, Pieces: n.pieces,
		Part: func(ctx context.Context, f cleaning.File, offset int64) (io.ReadCloser, error) {
			return b.Files.OpenAt(ctx, blob.Ref(f), offset)
		},
	}
}

func (n *Node) services() []node.Service {
	api := &cleaningapi.API{Counter: n.counter, Texts: n.base.Messages, Log: n.base.Log}
	return []node.Service{{
		Subsystem: n.needs.Subsystem, Code: cleaningapi.Code, NameKey: "cleaningapi.service." + cleaningapi.Code, Type: "OPENAPI",
		OpenAPI: cleaningapi.OpenAPI, Handler: api.Handler(),
	}}
}

func (n *Node) take(ctx context.Context, t *jobs.Task) error {
	id, err := batchOf(t)
	if err != nil {
		return err
	}
	return n.counter.Take(ctx, id)
}

// forget lets go of what agencies began and left.
func (n *Node) forget(ctx context.Context) error {
	if _, err := n.pieces.Forget(ctx); err != nil {
		return err
	}
	return n.store.ForgetIncoming(ctx, n.base.Clock.Now().Add(-keepRefused))
}
