package readinesssql

import (
	"context"
	"time"

	"dean06/internal/platform/sqldb"
	"dean06/internal/readiness"
)

type attachmentRow struct {
	ID       string    `db:"id"`
	ReturnID string    `db:"return_id"`
	Field    string    `db:"field"`
	FileName string    `db:"file_name"`
	FileSHA  string    `db:"file_sha256"`
	FileSize int64     `db:"file_size"`
	Media    string    `db:"media"`
	Since    int       `db:"since"`
	Until    int       `db:"until"`
	Account  string    `db:"account"`
	At       time.Time `db:"created_at"`
}

func (r reader) attachments(ctx context.Context, returnID string) ([]readiness.Attachment, error) {
	rows, err := sqldb.All[attachmentRow](ctx, r.q, `
		SELECT id, return_id, field, file_name, file_sha256, file_size, media, since, until, account, created_at
		FROM readiness_attachment WHERE return_id = $1 ORDER BY id`, returnID)
	var out []readiness.Attachment
	for _, a := range rows {
		out = append(out, readiness.Attachment{
			ID: a.ID, Field: a.Field, File: readiness.FileRef{Name: a.FileName, SHA256: a.FileSHA, Size: a.FileSize}, Type: a.Media,
			By: a.Account, At: a.At, Since: a.Since, Until: a.Until,
		})
	}
	return out, err
}

// saveAttachments writes what now has beyond was, and what it leaves out.
func (w *writer) saveAttachments(ctx context.Context, returnID string, was, now []readiness.Attachment) error {
	for i, a := range now {
		var err error
		if i < len(was) {
			if a.Until != was[i].Until {
				_, err = sqldb.Exec(ctx, w.q, `UPDATE readiness_attachment SET until = $1 WHERE id = $2`, a.Until, a.ID)
			}
		} else {
			err = sqldb.Insert(ctx, w.q, "readiness_attachment", attachmentRow{
				ID: a.ID, ReturnID: returnID, Field: a.Field, FileName: a.File.Name, FileSHA: a.File.SHA256, FileSize: a.File.Size,
				Media: a.Type, Since: a.Since, Until: a.Until, Account: a.By, At: a.At.UTC(),
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}
