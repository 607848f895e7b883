package gateway

import (
	"dean06/internal/exchange"
	"dean06/internal/platform/health"
)

// askHub says what the last answer of the centre showed of the centre itself: that it is
// behind what is here, as after a restore, and that its clock is another.
func (g *Gateway) askHub() (list []health.Finding) {
	g.refresh.stateMu.Lock()
	behind := g.refresh.behind
	g.refresh.stateMu.Unlock()
	if v := g.view.Load(); v != nil && behind > 0 {
		list = append(list, found("configuration", health.Failing, "configuration.ahead", map[string]any{"centre": behind, "serial": v.cfg.Serial}))
	}
	switch off := g.hubAhead(); {
	case off.Abs() > exchange.MaxSkew:
		list = append(list, found("clock", health.Failing, "clock.hub", map[string]any{"seconds": int64(off.Abs().Seconds())}))
	case off.Abs() > clockTolerance:
		list = append(list, found("clock", health.Warning, "clock.hub", map[string]any{"seconds": int64(off.Abs().Seconds())}))
	}
	return list
}
