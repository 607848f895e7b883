package populationsql

import (
	"context"
	"time"

	"dean06/internal/platform/sqldb"
)

// Upload is a file that is being kept before there is a job for it.
type Upload struct {
	ID        string    `db:"id"`
	SHA256    string    `db:"sha256"`
	Size      int64     `db:"size"`
	CreatedAt time.Time `db:"created_at"`
}

// NoteUpload notes a file before it is kept.
func NoteUpload(ctx context.Context, q sqldb.Queryer, u Upload) error {
	u.CreatedAt = micros(u.CreatedAt)
	return sqldb.Insert(ctx, q, "population_upload", u)
}

// EndUpload forgets the note: there is a job for the file, or the file is gone.
func EndUpload(ctx context.Context, q sqldb.Queryer, id string) error {
	_, err := sqldb.Exec(ctx, q, `DELETE FROM population_upload WHERE id = $1`, id)
	return err
}

// Uploads are those that were noted before a moment and came no further.
func Uploads(ctx context.Context, q sqldb.Queryer, before time.Time) ([]Upload, error) {
	return sqldb.All[Upload](ctx, q, `SELECT id, sha256, size, created_at FROM population_upload
		WHERE created_at < $1 ORDER BY id`, micros(before))
}
