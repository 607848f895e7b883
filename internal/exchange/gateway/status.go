package gateway

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"dean06/internal/exchange"
	"dean06/internal/xroad"
)

const maxDebtCounted = 1000

// Status says how the gateway is.
func (g *Gateway) Status(ctx context.Context) (exchange.Status, error) {
	id := g.identity.Load()
	s := exchange.Status{
		Gateway: g.set.ID, Member: g.set.Member, Version: g.set.Version, At: g.now(), CertificateUntil: id.cert.NotAfter, CertificateSince: id.usedSince,
		LogSize: g.log.size.Load(), Queue: len(g.log.queue), QueueLimit: queueLimit, CallsRunning: len(g.calls) + len(g.serves),
	}
	s.Certificate = id.cert.Raw
	if next := g.next.Load(); next != nil {
		s.NextCertificate = next.cert.Raw
	}
	if own := g.set.Door.Certificate; own != nil {
		if c, err := own(); err == nil && len(c.Certificate) > 0 {
			s.PortCertificate = c.Certificate[0]
		}
	}
	s.Limits = exchange.Limits{Body: g.set.MaxBody, Spool: g.set.MaxSpool, Calls: g.set.MaxCalls, Call: g.set.CallTimeout}
	g.refresh.stateMu.Lock()
	s.FetchFault, s.HubSerial = g.refresh.fault, g.refresh.behind
	g.refresh.stateMu.Unlock()
	s.HubAhead = g.hubAhead()
	s.LogOpened = g.log.opened.Load()
	s.LogFault, s.LastHead = g.log.state()
	m := &g.log.mover
	s.LogWaiting, s.WaitingFault = max(0, s.LogSize-m.moved.Load()), m.reason()
	s.LogRestored, s.LogLost = m.restored.Load(), m.lost.Load()
	s.StampFault, s.LastStamp = g.stamps.state()
	if v := g.view.Load(); v != nil {
		s.Serial, s.IssuedAt, s.FetchedAt = v.cfg.Serial, v.cfg.IssuedAt, v.fetchedAt
		s.StaleAfter, s.ValidUntil = v.cfg.StaleAfter, v.cfg.ValidUntil
		s.Freshness = v.cfg.FreshAt(s.At)
		_, err := v.Counts(id.fingerprint, s.At)
		s.Revoked, s.Unknown = errors.Is(err, exchange.ErrRevoked), errors.Is(err, exchange.ErrUnknownKey)
		if self, ok := v.Gateway(g.set.ID); ok {
			s.Address, s.Suspended = self.Address, self.Suspended
		}
		for _, gw := range v.cfg.Gateways {
			if gw.ID == g.set.ID {
				continue
			}
			p := g.peers.get(gw.ID)
			p.mu.Lock()
			s.Peers = append(
				s.Peers, exchange.Peer{Gateway: gw.ID, Member: gw.Member, Address: gw.Address, LastOK: p.lastOK, LastTry: p.lastTry, Fault: p.fault},
			)
			p.mu.Unlock()
		}
	}
	owed, err := g.set.Store.Unstamped(ctx, maxDebtCounted)
	s.Unstamped = len(owed)
	if len(owed) > 0 {
		s.OldestDebt = owed[0].At
	}
	return s, err
}

// metrics are the gateway's figures.
type metrics struct {
	calls   *prometheus.CounterVec
	seconds *prometheus.HistogramVec
	gauges  []prometheus.Collector
	served  map[exchange.Side]served
}

// served spares the search by label for calls that went well.
type served struct {
	ok      prometheus.Counter
	seconds prometheus.Observer
}

func newMetrics(g *Gateway) metrics {
	m := metrics{
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "dean06_exchange_calls_total",
			Help: "Calls through this gateway, by side and by code of the refusal (empty when the service answered).",
		}, []string{"side", "fault"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "dean06_exchange_call_seconds", Help: "Time of calls through this gateway.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 60},
		}, []string{"side"}),
		served: map[exchange.Side]served{},
	}
	for _, side := range []exchange.Side{exchange.Consumer, exchange.Provider} {
		m.served[side] = served{m.calls.WithLabelValues(string(side), ""), m.seconds.WithLabelValues(string(side))}
	}
	gauge := func(name, help string, f func() float64) {
		m.gauges = append(m.gauges, prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "dean06_exchange_" + name, Help: help}, f))
	}
	gauge("log_records", "Records in the message log.", func() float64 { return float64(g.log.size.Load()) })
	gauge("log_queue", "Entries that wait to be written to the message log.", func() float64 { return float64(len(g.log.queue)) })
	moves := &g.log.mover
	gauge("log_waiting", "Records that are in the journal and not in the table yet.", func() float64 {
		return float64(max(0, g.log.size.Load()-moves.moved.Load()))
	})
	gauge("log_restored", "Records that the database had lost and got again from the journal, since the start.", func() float64 {
		return float64(moves.restored.Load())
	})
	gauge("log_lost", "Records that the database had lost and that the journal did not have either, since the start.", func() float64 {
		return float64(moves.lost.Load())
	})
	gauge("calls_running", "Calls under way, on both sides.", func() float64 { return float64(len(g.calls) + len(g.serves)) })
	gauge("configuration_serial", "Number of the configuration in use.", func() float64 {
		if v := g.view.Load(); v != nil {
			return float64(v.cfg.Serial)
		}
		return 0
	})
	gauge("configuration_ahead", "How far this gateway's configuration is ahead of the hub's, which must be 0.", func() float64 {
		g.refresh.stateMu.Lock()
		defer g.refresh.stateMu.Unlock()
		if v := g.view.Load(); v != nil && g.refresh.behind > 0 {
			return float64(max(v.cfg.Serial-g.refresh.behind, 1)) // another of the same number is no better
		}
		return 0
	})
	gauge("configuration_valid_seconds", "How long the configuration is valid still.", func() float64 {
		if v := g.view.Load(); v != nil {
			return v.cfg.ValidUntil.Sub(g.now()).Seconds()
		}
		return 0
	})
	gauge(
		"certificate_valid_seconds", "How long the certificate is valid still.",
		func() float64 { return g.identity.Load().cert.NotAfter.Sub(g.now()).Seconds() },
	)
	gauge("stamps_failing", "1 while time stamps cannot be had.", func() float64 {
		if g.stamps.failing() {
			return 1
		}
		return 0
	})
	return m
}

// Metrics are the collectors of this gateway.
func (g *Gateway) Metrics() []prometheus.Collector {
	return append([]prometheus.Collector{g.metrics.calls, g.metrics.seconds}, g.metrics.gauges...)
}

func (m *metrics) count(side exchange.Side, e *xroad.Error) {
	if e == nil {
		m.served[side].ok.Inc()
		return
	}
	code := e.Code
	if !known(code) {
		code = "other" // a peer chooses its words; labels are bounded
	}
	m.calls.WithLabelValues(string(side), string(code)).Inc()
}

func (m *metrics) observe(side exchange.Side, e *xroad.Error, d time.Duration) {
	m.count(side, e)
	m.served[side].seconds.Observe(d.Seconds())
}

// known says that a code is one of ours: those are written the same way in both styles of the table.
func known(c xroad.Code) bool { return xroad.ParseCode(c.In(xroad.StyleNew)) == c }
