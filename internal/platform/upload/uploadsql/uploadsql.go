// Package uploadsql keeps uploads: their pieces in a private folder, a row each in a table,
// and what was found in order in the node's blob store. What it tells of an upload is
// what is safe on the disk, so that it goes on after a restart, a kill or a power cut.
//
// It decides nothing about who may send what; that is the module's.
package uploadsql

import (
	"context"
	"crypto/rand"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"dean06/internal/platform/blob"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/disk"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/private"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/upload"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrate makes the tables.
func Migrate(ctx context.Context, db *sqldb.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return sqldb.Migrate(ctx, db, "upload", files)
}

// Options are what a service needs. What is not set has a value that does.
type Options struct {
	DB      *sqldb.DB
	Dir     string     // of the pieces; made when the first comes
	Files   blob.Store // where what was found in order goes
	Clock   clock.Clock
	Log     *slog.Logger
	Scanner upload.Scanner // nil: none is set

	Most     int64         // bytes of the largest file; 50 MB
	MostOpen int64         // bytes of all unfinished uploads; 4 GB
	Keep     time.Duration // how long an upload is kept after its last piece; 24 hours

	OwnerOpen  int64                          // unfinished uploads of one owner; 50
	OwnerBytes int64                          // their bytes; ten of the largest files
	Free       func(dir string) (int64, bool) // disk.Free
	// Left is given each file that was taken when its upload is forgotten: a module that does not
	// own it by then may let it go. nil: every file that is taken is somebody's.
	Left func(ctx context.Context, f upload.File) error
	// Relaxed does not wait for the disk. For demos and tests.
	Relaxed bool
}

const (
	// notBegun is how long room is kept for a file of which nothing comes.
	notBegun = time.Hour
	// keepFree is room on the disk that uploads leave to others.
	keepFree = 1 << 30
)

// Service keeps uploads. It is an upload.Service.
type Service struct {
	Options
	looking chan struct{} // one file is looked at after another: pictures take memory
	mu      sync.Mutex
	place   string
}

var _ upload.Service = (*Service)(nil)

// New makes a service. It touches neither folder nor database.
func New(o Options) *Service {
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Free == nil {
		o.Free = disk.Free
	}
	set := func(v *int64, usual int64) {
		if *v <= 0 {
			*v = usual
		}
	}
	set(&o.Most, 50<<20)
	set(&o.MostOpen, 4<<30)
	set(&o.OwnerOpen, 50)
	set(&o.OwnerBytes, 10*o.Most)
	if o.Keep <= 0 {
		o.Keep = 24 * time.Hour
	}
	return &Service{Options: o, looking: make(chan struct{}, 1)}
}

// Most is the largest file that is taken at all.
func (s *Service) Most() int64 { return s.Options.Most }

// row is an upload as it is stored.
type row struct {
	ID       string                    `db:"id"`
	Owner    string                    `db:"owner"`
	Purpose  string                    `db:"purpose"`
	Name     string                    `db:"name"`
	Meta     string                    `db:"meta"`
	Policy   sqldb.JSON[upload.Policy] `db:"policy"`
	Place    string                    `db:"place"`
	Size     int64                     `db:"size"`
	Received int64                     `db:"received"`
	State    upload.State              `db:"state"`
	Result   sqldb.JSON[result]        `db:"result"`
	Created  time.Time                 `db:"created_at"`
	Expires  time.Time                 `db:"expires_at"`
}

const columns = `id, owner, purpose, name, meta, policy, place, size, received, state, result, created_at, expires_at`

// result is what a look at a whole file gave: one of the two.
type result struct {
	File    *upload.File `json:"file,omitempty"`
	Refusal *refusal     `json:"refusal,omitempty"`
}

type refusal struct {
	Kind fault.Kind `json:"kind"`
	Key  string     `json:"key"`
	Args fault.Args `json:"args,omitempty"`
}

func (r row) upload() upload.Upload {
	return upload.Upload{
		ID: r.ID, Owner: r.Owner, For: r.Purpose, Name: r.Name, Meta: r.Meta, Size: r.Size, Received: r.Received,
		State: r.State, Created: r.Created, Expires: r.Expires, Policy: r.Policy.V,
	}
}

// Begin makes room for a file.
func (s *Service) Begin(ctx context.Context, owner string, n upload.New) (upload.Upload, error) {
	if owner == "" {
		return upload.Upload{}, errors.New("begin an upload: nobody owns it")
	}
	if n.Size < 0 {
		return upload.Upload{}, errors.New("begin an upload: its size is not known")
	}
	if err := n.Check(s.Options.Most); err != nil {
		s.Log.InfoContext(ctx, "upload refused", "reason", fault.As(err).Key, "size", n.Size)
		return upload.Upload{}, err
	}
	place, err := s.placeOf(ctx)
	if err != nil {
		return upload.Upload{}, err
	}
	now := s.Clock.Now()
	r := row{
		ID: sqldb.NewID(), Owner: owner, Purpose: n.For, Name: n.Name, Meta: n.Meta, Policy: sqldb.JSON[upload.Policy]{V: n.Policy}, Place: place,
		Size: n.Size, State: upload.Open, Created: now, Expires: now.Add(min(notBegun, s.Keep)),
	}
	err = s.DB.InTx(ctx, func(tx *sqldb.Tx) error {
		if err := s.quota(ctx, tx, owner, n.Size, place, now); err != nil {
			return err
		}
		return sqldb.Insert(ctx, tx, "upload", r)
	})
	if err != nil {
		return upload.Upload{}, fmt.Errorf("begin an upload: %w", err)
	}
	return r.upload(), nil
}

// quota counts what is promised already, one after another.
func (s *Service) quota(ctx context.Context, tx *sqldb.Tx, owner string, size int64, place string, now time.Time) error {
	if _, err := sqldb.Exec(ctx, tx, `UPDATE upload_gate SET begun = begun + 1 WHERE id = 1`); err != nil {
		return err
	}
	type sums struct {
		Count  int64 `db:"count"`
		Size   int64 `db:"size"`
		ToCome int64 `db:"to_come"`
	}
	const open = `SELECT COUNT(*) AS count, CAST(COALESCE(SUM(size), 0) AS BIGINT) AS size,
		CAST(COALESCE(SUM(size - received), 0) AS BIGINT) AS to_come FROM upload WHERE state = 'open' AND expires_at > $1`
	theirs, err := sqldb.One[sums](ctx, tx, open+` AND owner = $2`, now, owner)
	if err != nil {
		return err
	}
	all, err := sqldb.One[sums](ctx, tx, open+` AND place = $2`, now, place)
	if err != nil {
		return err
	}
	free, known := s.Free(s.Dir)
	switch {
	case theirs.Count >= s.OwnerOpen, theirs.Size+size > s.OwnerBytes:
		return fault.New(fault.TooMany, "upload.quota.owner", fault.Args{"n": theirs.Count, "megabytes": s.OwnerBytes >> 20})
	case all.Size+size > s.MostOpen, known && all.ToCome+size > free-keepFree:
		return upload.ErrNoRoom
	}
	return nil
}

// placeFile names the folder, so that two machines that share a database and not a folder
// do not take each other's pieces for their own.
const placeFile = ".place"

func (s *Service) placeOf(ctx context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.place != "" {
		return s.place, nil
	}
	if err := private.Folder(s.Dir); err != nil {
		return "", fmt.Errorf("folder of uploads: %w", err)
	}
	name := filepath.Join(s.Dir, placeFile)
	raw, err := os.ReadFile(name)
	if id := strings.TrimSpace(string(raw)); err == nil && id != "" {
		s.place = id
		return id, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("folder of uploads: %w", err)
	}
	id := make([]byte, 16)
	_, _ = rand.Read(id)
	tmp := filepath.Join(s.Dir, placeFile+"-"+hex.EncodeToString(id))
	f, err := private.CreateNew(tmp)
	if err != nil {
		return "", fmt.Errorf("folder of uploads: %w", err)
	}
	_, err = f.WriteString(hex.EncodeToString(id) + "\n")
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Link(tmp, name) // whole or not at all, and only the first of two processes
	}
	_ = os.Remove(tmp)
	if errors.Is(err, fs.ErrExist) {
		if raw, err = os.ReadFile(name); err == nil && strings.TrimSpace(string(raw)) != "" {
			s.place = strings.TrimSpace(string(raw))
			return s.place, nil
		}
	}
	if err == nil {
		err = s.syncFolder()
	}
	if err != nil {
		return "", fmt.Errorf("folder of uploads: %w", err)
	}
	s.place = hex.EncodeToString(id)
	s.Log.InfoContext(ctx, "folder of uploads made", "dir", s.Dir)
	return s.place, nil
}

func (s *Service) syncFolder() error {
	if s.Relaxed {
		return nil
	}
	f, err := os.Open(s.Dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Stat tells how far an upload is.
func (s *Service) Stat(ctx context.Context, owner, id string) (upload.Upload, error) {
	r, err := s.get(ctx, owner, id)
	if err != nil {
		return upload.Upload{}, err
	}
	if r.State != upload.Open {
		return r.upload(), nil
	}
	if err := s.here(ctx, r); err != nil {
		return upload.Upload{}, err
	}
	if r.Received, err = s.onDisk(r); err != nil {
		return upload.Upload{}, fmt.Errorf("upload %s: %w", id, err)
	}
	return r.upload(), nil
}

// get reads an upload of an owner. It fails with NotFound: ErrUnknown, or ErrExpired of
// one that has been let go.
func (s *Service) get(ctx context.Context, owner, id string) (row, error) {
	r, err := sqldb.One[row](ctx, s.DB, `SELECT `+columns+` FROM upload WHERE id = $1 AND owner = $2`, id, owner)
	switch {
	case errors.Is(err, sqldb.ErrNone):
		return row{}, upload.ErrUnknown
	case err != nil:
		return row{}, fmt.Errorf("upload %s: %w", id, err)
	case !r.Expires.After(s.Clock.Now()):
		return row{}, upload.ErrExpired
	}
	return r, nil
}

// here says that the pieces of an upload are in this machine's folder.
func (s *Service) here(ctx context.Context, r row) error {
	place, err := s.placeOf(ctx)
	if err == nil && place != r.Place {
		err = upload.ErrElsewhere
	}
	return err
}

// onDisk is how much of an upload is safe: what was written to the disk and waited for,
// and is still there.
func (s *Service) onDisk(r row) (int64, error) {
	info, err := os.Stat(s.path(r.ID))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0, nil
	case err != nil:
		return 0, err
	}
	return min(r.Received, info.Size()), nil
}

func (s *Service) path(id string) string { return filepath.Join(s.Dir, id) }

// List are the owner's uploads for something, the oldest first.
func (s *Service) List(ctx context.Context, owner, purpose string) ([]upload.Upload, error) {
	rows, err := sqldb.All[row](ctx, s.DB, `SELECT `+columns+`
		FROM upload WHERE owner = $1 AND purpose = $2 AND expires_at > $3 ORDER BY id LIMIT 500`, owner, purpose, s.Clock.Now())
	if err != nil {
		return nil, fmt.Errorf("uploads for %q: %w", purpose, err)
	}
	out := make([]upload.Upload, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.upload())
	}
	return out, nil
}

// Cancel throws an upload away that was not taken.
func (s *Service) Cancel(ctx context.Context, owner, id string) error {
	return s.alone(ctx, owner, id, 0, func(r row, _ *os.File) error {
		if r.State == upload.Taken {
			return upload.ErrClosed
		}
		return s.remove(ctx, r.ID)
	})
}

// remove takes row and file; the row first, so that a file without a row is what a crash leaves.
func (s *Service) remove(ctx context.Context, id string) error {
	if _, err := sqldb.Exec(ctx, s.DB, `DELETE FROM upload WHERE id = $1`, id); err != nil {
		return fmt.Errorf("remove upload %s: %w", id, err)
	}
	if err := os.Remove(s.path(id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove upload %s: %w", id, err)
	}
	return nil
}
