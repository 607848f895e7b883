package readinesssql

import (
	"context"
	"errors"
	"time"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/readiness"
)

type batchRow struct {
	ID       string     `db:"id"`
	Campaign string     `db:"campaign"`
	Account  string     `db:"account"`
	Total    int        `db:"total"`
	Done     int        `db:"done"`
	At       time.Time  `db:"created_at"`
	Finished *time.Time `db:"finished_at"`
}

func (b batchRow) batch() readiness.Batch {
	out := readiness.Batch{ID: b.ID, Campaign: b.Campaign, By: b.Account, Total: b.Total, Done: b.Done, At: b.At}
	if b.Finished != nil {
		out.Finished = *b.Finished
	}
	return out
}

const batchColumns = `id, campaign, account, total, done, created_at, finished_at`

func (r reader) Batch(ctx context.Context, id string) (readiness.Batch, error) {
	b, err := sqldb.One[batchRow](ctx, r.q, `SELECT `+batchColumns+` FROM readiness_batch WHERE id = $1`, id)
	if errors.Is(err, sqldb.ErrNone) {
		return readiness.Batch{}, fault.New(fault.NotFound, "readiness.batch.not_found", nil)
	}
	return b.batch(), err
}

func (r reader) Batches(ctx context.Context, campaign string) ([]readiness.Batch, error) {
	rows, err := sqldb.All[batchRow](ctx, r.q,
		`SELECT `+batchColumns+` FROM readiness_batch WHERE campaign = $1 ORDER BY created_at DESC LIMIT 100`, campaign)
	out := make([]readiness.Batch, len(rows))
	for i, b := range rows {
		out[i] = b.batch()
	}
	return out, err
}

func (w *writer) SaveBatch(ctx context.Context, b readiness.Batch) error {
	var finished *time.Time
	if !b.Finished.IsZero() {
		t := b.Finished.UTC()
		finished = &t
	}
	_, err := sqldb.Exec(ctx, w.q, `
		INSERT INTO readiness_batch (id, campaign, account, total, done, created_at, finished_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (id) DO UPDATE SET total = excluded.total, done = excluded.done, finished_at = excluded.finished_at`,
		b.ID, b.Campaign, b.By, b.Total, b.Done, b.At.UTC(), finished)
	if err != nil || finished == nil {
		return err
	}
	return w.RemoveUpload(ctx, b.ID)
}

func (w *writer) RemoveBatch(ctx context.Context, id string) error {
	if err := w.RemoveUpload(ctx, id); err != nil {
		return err
	}
	_, err := sqldb.Exec(ctx, w.q, `DELETE FROM readiness_batch WHERE id = $1`, id)
	return err
}

func (r reader) Unfinished(ctx context.Context, before time.Time) ([]readiness.Batch, error) {
	rows, err := sqldb.All[batchRow](ctx, r.q,
		`SELECT `+batchColumns+` FROM readiness_batch WHERE finished_at IS NULL AND created_at < $1 ORDER BY created_at, id`, before.UTC())
	out := make([]readiness.Batch, len(rows))
	for i, b := range rows {
		out[i] = b.batch()
	}
	return out, err
}

type itemRow struct {
	ID         string                          `db:"id"`
	Batch      string                          `db:"batch_id"`
	Campaign   string                          `db:"campaign"`
	FileName   string                          `db:"file_name"`
	FileSHA    string                          `db:"file_sha256"`
	FileSize   int64                           `db:"file_size"`
	Agency     string                          `db:"agency"`
	Status     string                          `db:"status"`
	Problems   sqldb.JSON[[]readiness.Problem] `db:"problems"`
	Held       sqldb.JSON[*readiness.Return]   `db:"held"`
	IsHeld     bool                            `db:"is_held"`
	Version    int                             `db:"version"`
	Resolution string                          `db:"resolution"`
	ResolvedBy string                          `db:"resolved_by"`
	Suggests   sqldb.JSON[[]string]            `db:"suggests"`
	Entry      int                             `db:"entry"`
	EnteredBy  string                          `db:"entered_by"`
	Reason     string                          `db:"reason"`
	Arrival    int                             `db:"arrival"`
	At         time.Time                       `db:"created_at"`
}

const itemColumns = `id, batch_id, campaign, file_name, file_sha256, file_size, agency, status, problems, held,
	version, resolution, resolved_by, created_at, suggests, entry, entered_by, reason, arrival`

func (i itemRow) item() readiness.BatchItem {
	return readiness.BatchItem{
		ID: i.ID, Batch: i.Batch, Campaign: i.Campaign,
		File:   readiness.FileRef{Name: i.FileName, SHA256: i.FileSHA, Size: i.FileSize},
		Agency: i.Agency, Status: readiness.ItemStatus(i.Status), Problems: i.Problems.V, Held: i.Held.V, IsHeld: i.IsHeld,
		Version: i.Version, Resolution: i.Resolution, ResolvedBy: i.ResolvedBy, At: i.At,
		Suggests: i.Suggests.V, Entry: i.Entry, EnteredBy: i.EnteredBy, Reason: i.Reason, Arrival: i.Arrival,
	}
}

// items lists items; held is the column, or NULL where the returns themselves
// are not needed: a batch may hold thousands.
func (r reader) items(ctx context.Context, held, where string, args ...any) ([]readiness.BatchItem, error) {
	rows, err := sqldb.All[itemRow](ctx, r.q, `
		SELECT id, batch_id, campaign, file_name, file_sha256, file_size, agency, status, problems, `+held+` AS held,
			held IS NOT NULL AS is_held, version, resolution, resolved_by, created_at, suggests, entry, entered_by, reason, arrival
		FROM readiness_batch_item WHERE `+where, args...)
	out := make([]readiness.BatchItem, len(rows))
	for i, row := range rows {
		out[i] = row.item()
	}
	return out, err
}

func (r reader) BatchItems(ctx context.Context, batch string) ([]readiness.BatchItem, error) {
	return r.items(ctx, `NULL`, `batch_id = $1 ORDER BY created_at, id`, batch)
}

func (r reader) OpenItems(ctx context.Context, campaign string) ([]readiness.BatchItem, error) {
	const where = `campaign = $1 AND resolution = '' AND (status = $2 AND held IS NOT NULL OR status = $3 AND file_sha256 <> '')
		ORDER BY created_at, id`
	return r.items(ctx, `NULL`, where, campaign, string(readiness.ItemNeedsReview), string(readiness.ItemRejected))
}

// ItemsOf lists the items of a campaign that are of an agency.
func (r reader) ItemsOf(ctx context.Context, campaign, agency string) ([]readiness.BatchItem, error) {
	return r.items(ctx, `NULL`, `campaign = $1 AND agency = $2 ORDER BY created_at, id`, campaign, agency)
}

func (r reader) BatchItem(ctx context.Context, id string) (readiness.BatchItem, error) {
	items, err := r.items(ctx, `held`, `id = $1`, id)
	if err != nil {
		return readiness.BatchItem{}, err
	}
	if len(items) == 0 {
		return readiness.BatchItem{}, fault.New(fault.NotFound, "readiness.batch.not_found", nil)
	}
	return items[0], nil
}

func (r reader) OpenItemOf(ctx context.Context, campaign, sha256 string) (readiness.BatchItem, bool, error) {
	items, err := r.items(ctx, `NULL`, `campaign = $1 AND file_sha256 = $2 AND resolution = '' ORDER BY created_at, id`, campaign, sha256)
	for _, i := range items {
		if i.Open() {
			return i, true, err
		}
	}
	return readiness.BatchItem{}, false, err
}

func (w *writer) SaveBatchItem(ctx context.Context, i readiness.BatchItem, act readiness.Act) error {
	problems, err := toJSON(i.Problems)
	if err != nil {
		return err
	}
	var held *string
	if i.Held != nil {
		doc, err := toJSON(i.Held)
		if err != nil {
			return err
		}
		held = &doc
	}
	suggests, err := toJSON(i.Suggests)
	if err != nil {
		return err
	}
	// What came stays; a list does not load what is held, so nothing held is no change.
	if _, err := sqldb.Exec(ctx, w.q, `
		INSERT INTO readiness_batch_item (`+itemColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
		ON CONFLICT (id) DO UPDATE SET agency = excluded.agency, status = excluded.status, version = excluded.version,
			resolution = excluded.resolution, resolved_by = excluded.resolved_by, entry = excluded.entry,
			entered_by = excluded.entered_by, reason = excluded.reason, held = COALESCE(excluded.held, readiness_batch_item.held)`,
		i.ID, i.Batch, i.Campaign, i.File.Name, i.File.SHA256, i.File.Size, i.Agency, string(i.Status), problems, held,
		i.Version, i.Resolution, i.ResolvedBy, i.At.UTC(), suggests, i.Entry, i.EnteredBy, i.Reason, i.Arrival); err != nil {
		return err
	}
	return w.audit(ctx, act, "batch_item", i.ID, map[string]string{"agency": i.Agency, "status": string(i.Status), "resolution": i.Resolution})
}

type reminderRow struct {
	ID       string    `db:"id"`
	Campaign string    `db:"campaign"`
	Agency   string    `db:"agency"`
	Step     string    `db:"step"`
	Channel  string    `db:"channel"`
	Account  string    `db:"account"`
	At       time.Time `db:"created_at"`
}

func (r reader) Reminders(ctx context.Context, campaign string) ([]readiness.Reminder, error) {
	rows, err := sqldb.All[reminderRow](ctx, r.q, `
		SELECT id, campaign, agency, step, channel, account, created_at
		FROM readiness_reminder WHERE campaign = $1 ORDER BY created_at, id`, campaign)
	out := make([]readiness.Reminder, len(rows))
	for i, m := range rows {
		out[i] = readiness.Reminder{ID: m.ID, Campaign: m.Campaign, Agency: m.Agency, Step: m.Step, Channel: m.Channel, By: m.Account, At: m.At}
	}
	return out, err
}

func (w *writer) SaveReminder(ctx context.Context, m readiness.Reminder, act readiness.Act) (bool, error) {
	n, err := sqldb.Exec(ctx, w.q, `
		INSERT INTO readiness_reminder (id, campaign, agency, step, channel, account, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (campaign, agency, step, channel) DO NOTHING`,
		m.ID, m.Campaign, m.Agency, m.Step, m.Channel, m.By, m.At.UTC())
	if err != nil || n == 0 {
		return false, err
	}
	return true, w.audit(ctx, act, "reminder", m.Campaign+"/"+m.Agency, map[string]string{"step": m.Step, "channel": m.Channel})
}
