package jobs

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"dean06/internal/platform/sqldb"
)

var countDesc = prometheus.NewDesc("dean06_jobs", "Background jobs that are not done, by kind and state.", []string{"kind", "state"}, nil)

// Metrics counts the unfinished and dead jobs each time it is asked.
func Metrics(db *sqldb.DB) prometheus.Collector { return collector{db} }

type collector struct{ db *sqldb.DB }

// Describe names the metric.
func (c collector) Describe(ch chan<- *prometheus.Desc) { ch <- countDesc }

// Collect reads the counts.
func (c collector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	counts, err := Counts(ctx, c.db)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(countDesc, err)
		return
	}
	for _, n := range counts {
		ch <- prometheus.MustNewConstMetric(countDesc, prometheus.GaugeValue, float64(n.N), n.Kind, string(n.State))
	}
}
