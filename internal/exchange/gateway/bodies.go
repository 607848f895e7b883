package gateway

import (
	"context"
	"encoding/binary"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/platform/fault"
)

// maxKept is the largest body that is kept, as X-Road has it.
const maxKept = 10 << 20

// keep seals head and body of a message for the log, when that is wished. What is
// too large, or cannot be sealed, is not kept; its commitment is.
func (g *Gateway) keep(m *message) [][]byte {
	if g.set.KeepBodies <= 0 || g.set.Sealer == nil {
		return nil
	}
	body, err := m.body.all(maxKept)
	if err != nil {
		g.set.Log.Warn("body not kept", "request_id", m.c.RequestID, "error", err)
		return nil
	}
	plain := binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(m.head)+len(body)), uint32(len(m.head)))
	plain = append(append(plain, m.head...), body...)
	leaf := m.c.Leaf()
	sealed, err := g.set.Sealer.Seal(plain, leaf[:])
	if err != nil {
		g.set.Log.Warn("body not kept", "request_id", m.c.RequestID, "error", err)
		return nil
	}
	return [][]byte{sealed}
}

// Kept gives the head and the body of a record, where they were kept. It fails with
// NotFound when they were not, or are not any more.
func (g *Gateway) Kept(ctx context.Context, r exchange.Record) (head, body []byte, err error) {
	notKept := fault.New(fault.NotFound, "exchange.body.not_kept", fault.Args{"seq": r.Seq})
	sealed, err := g.set.Store.SealedBody(ctx, r.Seq)
	if err != nil {
		return nil, nil, err
	}
	if g.set.Sealer == nil {
		return nil, nil, notKept
	}
	leaf := r.Commitment.Leaf()
	plain, err := g.set.Sealer.Open(sealed, leaf[:])
	if err != nil {
		return nil, nil, err
	}
	if len(plain) < 4 || int(binary.BigEndian.Uint32(plain)) > len(plain)-4 {
		return nil, nil, notKept
	}
	end := 4 + int(binary.BigEndian.Uint32(plain))
	return plain[4:end], plain[end:], nil
}

// runBodies forgets bodies whose time is over.
func (g *Gateway) runBodies(ctx context.Context) {
	if g.set.KeepBodies <= 0 {
		return
	}
	tick := time.NewTicker(min(time.Hour, max(g.set.KeepBodies/10, time.Second)))
	defer tick.Stop()
	for {
		if _, err := g.set.Store.DropBodies(ctx, g.now().Add(-g.set.KeepBodies)); err != nil && ctx.Err() == nil {
			g.set.Log.Error("kept bodies not dropped", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
