package readinesssql

import (
	"context"

	"dean06/internal/platform/sqldb"
	"dean06/internal/readiness"
)

type waitsRow struct {
	Campaign string `db:"campaign"`
	Files    int    `db:"files"`
	Unsure   int    `db:"unsure"`
	Ready    int    `db:"ready"`
}

// Waits counts what waits for the office, by campaign.
func (r reader) Waits(ctx context.Context) ([]readiness.Waits, error) {
	rows, err := sqldb.All[waitsRow](ctx, r.q, `
		SELECT campaign, CAST(SUM(files) AS BIGINT) AS files, CAST(SUM(unsure) AS BIGINT) AS unsure, CAST(SUM(ready) AS BIGINT) AS ready FROM (
			SELECT campaign, COUNT(*) AS files, 0 AS unsure, 0 AS ready FROM readiness_batch_item
			WHERE resolution = '' AND (status = $1 AND held IS NOT NULL OR status = $3 AND file_sha256 <> '') GROUP BY campaign
			UNION ALL
			SELECT campaign, 0 AS files, SUM(CASE WHEN problems > 0 THEN 1 ELSE 0 END) AS unsure,
				SUM(CASE WHEN problems > 0 THEN 0 ELSE 1 END) AS ready FROM readiness_return
			WHERE state = $2 GROUP BY campaign
		) w GROUP BY campaign ORDER BY campaign`, string(readiness.ItemNeedsReview), string(readiness.Submitted),
		string(readiness.ItemRejected))
	out := make([]readiness.Waits, len(rows))
	for i, row := range rows {
		out[i] = readiness.Waits(row)
	}
	return out, err
}
