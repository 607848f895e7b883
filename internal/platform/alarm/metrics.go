package alarm

import (
	"context"
	"maps"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

var countDesc = prometheus.NewDesc("dean06_alarms", "Alarms that are open, by kind.", []string{"kind"}, nil)

// Metrics counts the open alarms each time it is asked; while the database is away it
// says what it knew last.
func (s *Service) Metrics() prometheus.Collector { return collector{s} }

type collector struct{ s *Service }

// Describe names the metric.
func (c collector) Describe(ch chan<- *prometheus.Desc) { ch <- countDesc }

// Collect reads the counts.
func (c collector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_, _ = c.s.Open(ctx) // the last count stands when it fails
	c.s.mu.Lock()
	counts := maps.Clone(c.s.last)
	c.s.mu.Unlock()
	for kind, n := range counts {
		ch <- prometheus.MustNewConstMetric(countDesc, prometheus.GaugeValue, float64(n), kind)
	}
}

// count keeps how many are open. A kind that was open before stays, as 0.
func (s *Service) count(open []Alarm) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for kind := range s.last {
		s.last[kind] = 0
	}
	for _, a := range open {
		s.last[a.Kind]++
	}
}
