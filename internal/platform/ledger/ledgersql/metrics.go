package ledgersql

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"dean06/internal/platform/ledger"
	"dean06/internal/platform/sqldb"
)

// Metrics are what the last checks of the node's logs found.
func Metrics(db *sqldb.DB) prometheus.Collector { return metrics{New(db)} }

type metrics struct{ store *Store }

var (
	wholeDesc = prometheus.NewDesc("dean06_log_whole", "1 when the last check found the log whole, 0 when it was cut, changed or went back.",
		[]string{"chain"}, nil)
	rowsDesc    = prometheus.NewDesc("dean06_log_rows", "Rows that were in order at the last check of the log.", []string{"chain"}, nil)
	checkedDesc = prometheus.NewDesc("dean06_log_checked_timestamp_seconds", "When the log was last checked.", []string{"chain"}, nil)
)

// Describe names the figures.
func (metrics) Describe(out chan<- *prometheus.Desc) {
	out <- wholeDesc
	out <- rowsDesc
	out <- checkedDesc
}

// Collect gives the figures.
func (m metrics) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	list, err := m.store.LastChecks(ctx)
	if err != nil {
		out <- prometheus.NewInvalidMetric(wholeDesc, err)
		return
	}
	for _, c := range list {
		whole := 0.0
		if c.Found.State == ledger.Whole {
			whole = 1
		}
		out <- prometheus.MustNewConstMetric(wholeDesc, prometheus.GaugeValue, whole, c.Found.Chain)
		out <- prometheus.MustNewConstMetric(rowsDesc, prometheus.GaugeValue, float64(c.Found.Rows), c.Found.Chain)
		out <- prometheus.MustNewConstMetric(checkedDesc, prometheus.GaugeValue, float64(c.At.Unix()), c.Found.Chain)
	}
}
