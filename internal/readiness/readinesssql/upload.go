package readinesssql

import (
	"context"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/sqldb"
	"dean06/internal/readiness"
)

type uploadRow struct {
	Batch    string    `db:"batch_id"`
	N        int       `db:"n"`
	FileName string    `db:"file_name"`
	FileSHA  string    `db:"file_sha256"`
	FileSize int64     `db:"file_size"`
	Campaign string    `db:"campaign"`
	Account  string    `db:"account"`
	At       time.Time `db:"created_at"`
}

func (w *writer) SaveUpload(ctx context.Context, u readiness.Upload, at time.Time) error {
	rows := make([]uploadRow, len(u.Files))
	for i, f := range u.Files {
		rows[i] = uploadRow{
			Batch: u.Batch, N: i + 1, FileName: f.Name, FileSHA: f.SHA256, FileSize: f.Size,
			Campaign: u.Campaign, Account: u.Actor.Account, At: at.UTC(),
		}
	}
	return sqldb.Insert(ctx, w.q, "readiness_upload_file", rows...)
}

func (w *writer) RemoveUpload(ctx context.Context, batch string) error {
	_, err := sqldb.Exec(ctx, w.q, `DELETE FROM readiness_upload_file WHERE batch_id = $1`, batch)
	return err
}

// Uploads lists the uploads that came before a moment and have no batch.
func (r reader) Uploads(ctx context.Context, before time.Time) ([]readiness.Upload, error) {
	rows, err := sqldb.All[uploadRow](ctx, r.q, `
		SELECT batch_id, file_name, file_sha256, file_size, campaign, account FROM readiness_upload_file u
		WHERE created_at < $1 AND NOT EXISTS (SELECT 1 FROM readiness_batch b WHERE b.id = u.batch_id)
		ORDER BY batch_id, n`, before.UTC())
	var out []readiness.Upload
	for _, row := range rows {
		if len(out) == 0 || out[len(out)-1].Batch != row.Batch {
			out = append(out, readiness.Upload{Batch: row.Batch, Campaign: row.Campaign, Actor: actor.Actor{Account: row.Account}})
		}
		u := &out[len(out)-1]
		u.Files = append(u.Files, readiness.FileRef{Name: row.FileName, SHA256: row.FileSHA, Size: row.FileSize})
	}
	return out, err
}

// Needs says that a version, an attachment, a file of a batch or another upload than the one named
// needs a paper.
func (r reader) Needs(ctx context.Context, sha256, upload string) (bool, error) {
	n, err := sqldb.One[int](ctx, r.q, `
		SELECT (SELECT COUNT(*) FROM readiness_version WHERE file_sha256 = $1)
			+ (SELECT COUNT(*) FROM readiness_batch_item WHERE file_sha256 = $1)
			+ (SELECT COUNT(*) FROM readiness_attachment WHERE file_sha256 = $1)
			+ (SELECT COUNT(*) FROM readiness_upload_file WHERE file_sha256 = $1 AND batch_id <> $2)`, sha256, upload)
	return n > 0, err
}
