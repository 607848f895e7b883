package exchangenode

import (
	"context"
	"crypto"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/centre"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/health"
)

// ownEnds is how long before its end a certificate of the hub itself is spoken of: it should
// have been renewed long before.
const ownEnds = 30 * 24 * time.Hour

// examine looks at the hub's own certificates: that they are those of its keys, and how long
// they count.
func (h *Centre) examine(ctx context.Context, depth health.Depth) []health.Finding {
	if depth < health.Regular {
		return nil
	}
	find := func(level health.Level, key string, args fault.Args) health.Finding {
		return health.Finding{Check: "hub", Level: level, Key: "hub.doctor." + key, Args: args}
	}
	public := map[string]crypto.PublicKey{}
	for use, key := range h.keys {
		if key != nil {
			public[use] = key.Public()
		}
	}
	list, err := h.centre.Own(ctx, actor.OfSystem(exchange.Operator), public)
	if err != nil {
		return []health.Finding{find(health.Failing, "unread", fault.Args{"reason": err.Error()})}
	}
	now := h.base.Clock.Now()
	var out []health.Finding
	for _, s := range list {
		if public[s.Use] == nil {
			continue // that its key is not there is said with the keys
		}
		args := fault.Args{"until": s.Until}
		ca := s.Use == centre.UseCA
		switch {
		case s.Until.IsZero() && ca:
			out = append(out, find(health.Warning, "ca.none", nil))
		case ca && !s.Fits:
			out = append(out, find(health.Failing, "ca.other", nil))
		case ca && now.After(s.Until):
			out = append(out, find(health.Failing, "ca.ended", args))
		case s.Until.IsZero():
			out = append(out, find(health.Failing, s.Use+".none", nil))
		case s.Until.Sub(now) < ownEnds:
			out = append(out, find(health.Warning, s.Use+".soon", args))
		default:
			out = append(out, find(health.Fine, s.Use+".fine", args))
		}
	}
	return out
}
