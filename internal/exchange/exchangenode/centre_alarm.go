package exchangenode

import (
	"context"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"dean06/internal/exchange"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/alarm"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/health"
	"dean06/internal/xroad"
)

const (
	// kindGatewayLog is the hub's alarm that a log of a gateway's node does not fit what
	// was seen of it. Its subject is the gateway and the chain.
	kindGatewayLog = "gateway.log"
	// kindGatewayRestore tells the operator of a restore that two people of another node
	// acknowledged. Only a person ends it: the hub believes the gateway's key that they did.
	kindGatewayRestore = "gateway.restore"
)

// ring lets the alarms be looked at now.
func (h *Centre) ring() {
	select {
	case h.bell <- struct{}{}:
	default:
	}
}

// raise lets the node's alarms be those of the register.
func (h *Centre) raise(ctx context.Context) {
	if err := h.sync(ctx); err != nil && ctx.Err() == nil {
		h.base.Log.Error("alarms of the gateways' logs", "error", err)
	}
}

func (h *Centre) sync(ctx context.Context) error {
	reg, err := h.centre.Register(ctx, actor.OfSystem(exchange.Operator))
	if err != nil {
		return err
	}
	open := map[string]bool{}
	for _, w := range reg.Alarms {
		subject := w.Gateway + " " + w.Head.Chain
		if open[subject] {
			continue // the newest says it
		}
		open[subject] = true
		if err := h.base.Alarms.Raise(ctx, alarm.Alarm{
			Kind: kindGatewayLog, Subject: subject, Level: health.Warning, Owner: exchange.Operator, Key: "exchange.gateway.alarm", Args: fault.Args{
				"gateway": w.Gateway, "chain": approval.Word(chainKey(w.Head.Chain)), "why": approval.Word(w.Alarm), "shown": w.Head.Size, "at": w.SeenAt,
			},
		}); err != nil {
			return err
		}
	}
	list, err := h.base.Alarms.Open(ctx)
	if err != nil {
		return err
	}
	for _, a := range list {
		if a.Kind == kindGatewayLog && !open[a.Subject] {
			if err := h.base.Alarms.Clear(ctx, a.Kind, a.Subject); err != nil {
				return err
			}
		}
	}
	return nil
}

// restored tells the operator of a restore.
func (h *Centre) restored(ctx context.Context, r exchange.Restore) {
	var chains []string
	for _, c := range r.Chains {
		chains = append(chains, approval.Word(chainKey(c.Chain)))
	}
	err := h.base.Alarms.Raise(ctx, alarm.Alarm{
		Kind: kindGatewayRestore, Subject: r.Gateway + " " + r.ID, Level: health.Warning, Owner: exchange.Operator, Sticky: true,
		Key: "exchange.gateway.restored", Args: fault.Args{
			"gateway": r.Gateway, "chains": chains, "day": r.Backup, "asked": plain(r.Asked.Name), "decided": plain(r.Decided.Name),
		},
	})
	if err != nil {
		h.base.Log.Error("tell of a restore", "gateway", r.Gateway, "request", r.ID, "error", err)
	}
}

// plain keeps what another node wrote from being taken for a message of ours.
func plain(s string) string {
	if strings.HasPrefix(s, "@") {
		return "“" + s + "”"
	}
	return s
}

// logMetrics are the figures of the logs that the hub witnesses.
type logMetrics struct{ of *Centre }

var gatewayAlarms = prometheus.NewDesc("dean06_exchange_gateway_log_alarms",
	"Open alarms of the logs of gateways' nodes, by gateway.", []string{"gateway"}, nil)

// Describe gives the one description.
func (m logMetrics) Describe(out chan<- *prometheus.Desc) { out <- gatewayAlarms }

// Collect counts the alarms of each gateway; 0 where there is none.
func (m logMetrics) Collect(out chan<- prometheus.Metric) {
	reg, err := m.of.centre.Register(context.Background(), actor.OfSystem(exchange.Operator))
	if err != nil {
		return // the database's own figures say so
	}
	for _, e := range reg.Of(exchange.GatewayEntry, xroad.ID{}) {
		n := 0
		for _, w := range reg.Alarms {
			if w.Gateway == e.Key {
				n++
			}
		}
		out <- prometheus.MustNewConstMetric(gatewayAlarms, prometheus.GaugeValue, float64(n), e.Key)
	}
}
