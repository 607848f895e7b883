package uploadsql

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/health"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/upload"
)

// forgetJob is the kind of the job that lets go of uploads that nobody finished.
const forgetJob = "upload.forget"

// Jobs are the service's work in the background.
func (s *Service) Jobs() (map[string]jobs.Handler, []jobs.Periodic) {
	return map[string]jobs.Handler{
		forgetJob: func(ctx context.Context, _ *jobs.Task) error {
			_, err := s.Forget(ctx)
			return err
		},
	}, []jobs.Periodic{{Kind: forgetJob, Slot: jobs.Every(time.Hour)}}
}

const (
	forgetAtOnce = 200
	// strayAfter is how old a file without a row is before it goes: its row may be on its way.
	strayAfter = 24 * time.Hour
)

// Forget removes the uploads of this folder that have expired, with their pieces, and
// pieces that nobody knows. It says how many uploads it removed.
func (s *Service) Forget(ctx context.Context) (int, error) {
	if _, err := os.Stat(s.Dir); errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	place, err := s.placeOf(ctx)
	if err != nil {
		return 0, err
	}
	n, after := 0, ""
	for {
		ids, err := sqldb.All[string](ctx, s.DB, `SELECT id FROM upload
			WHERE place = $1 AND expires_at <= $2 AND id > $3 ORDER BY id LIMIT $4`, place, s.Clock.Now(), after, forgetAtOnce)
		if err != nil {
			return n, fmt.Errorf("forget uploads: %w", err)
		}
		for _, id := range ids {
			after = id
			gone, err := s.forget(ctx, id)
			if err != nil {
				return n, err
			}
			n += gone
		}
		if len(ids) < forgetAtOnce {
			break
		}
	}
	return n, s.strays(ctx)
}

// forget removes one, unless a piece of it is coming just now.
func (s *Service) forget(ctx context.Context, id string) (int, error) {
	f, err := os.OpenFile(s.path(id), os.O_RDWR, 0)
	if err == nil {
		defer f.Close()
		if err := lock(ctx, f, 0); err != nil {
			return 0, nil // busy: another time
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("forget upload %s: %w", id, err)
	}
	if err := s.leave(ctx, id); err != nil {
		return 0, err
	}
	gone, err := sqldb.Exec(ctx, s.DB, `DELETE FROM upload WHERE id = $1 AND expires_at <= $2`, id, s.Clock.Now())
	if err != nil || gone == 0 {
		return 0, err
	}
	if err := os.Remove(s.path(id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("forget upload %s: %w", id, err)
	}
	return 1, nil
}

// leave tells of a file that was taken.
func (s *Service) leave(ctx context.Context, id string) error {
	if s.Left == nil {
		return nil
	}
	r, err := sqldb.One[row](ctx, s.DB, `SELECT `+columns+` FROM upload WHERE id = $1`, id)
	if errors.Is(err, sqldb.ErrNone) || err == nil && (r.State != upload.Taken || r.Result.V.File == nil) {
		return nil
	}
	if err == nil {
		err = s.Left(ctx, *r.Result.V.File)
	}
	if err != nil {
		return fmt.Errorf("forget upload %s: %w", id, err)
	}
	return nil
}

// strays removes files that no open upload has: what a crash left between row and file.
func (s *Service) strays(ctx context.Context) error {
	entries, err := os.ReadDir(s.Dir)
	if err != nil {
		return fmt.Errorf("forget uploads: %w", err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || e.Name() == placeFile || s.Clock.Now().Sub(info.ModTime()) < strayAfter {
			continue
		}
		id := strings.TrimSuffix(e.Name(), cleanSuffix)
		n, err := sqldb.One[int](ctx, s.DB, `SELECT COUNT(*) FROM upload WHERE id = $1 AND state = 'open'`, id)
		if err != nil {
			return fmt.Errorf("forget uploads: %w", err)
		}
		if n > 0 {
			continue
		}
		if err := os.Remove(s.path(e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("forget uploads: %w", err)
		}
		s.Log.InfoContext(ctx, "pieces without an upload removed", "file", e.Name())
	}
	return nil
}

// pingFor is how long the scanner may take to say that it is there.
const pingFor = 5 * time.Second

// Examine asks the scanner; for a node whose modules take files.
func (s *Service) Examine(ctx context.Context, depth health.Depth) []health.Finding {
	found := func(level health.Level, key string, args fault.Args) []health.Finding {
		return []health.Finding{{Check: "upload", Subject: "scanner", Level: level, Key: "upload.doctor." + key, Args: args}}
	}
	switch {
	case depth < health.Regular, s.Scanner == nil && depth < health.Full:
		return nil
	case s.Scanner == nil:
		return found(health.Warning, "none", nil)
	}
	ctx, cancel := context.WithTimeout(ctx, pingFor)
	defer cancel()
	if err := s.Scanner.Ping(ctx); err != nil {
		return found(health.Failing, "away", fault.Args{"reason": err.Error()})
	}
	if depth < health.Full {
		return found(health.Fine, "fine", nil)
	}
	// What every scanner is to find (EICAR's test file), in two halves so that this program is not found.
	test := io.MultiReader(strings.NewReader(`X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-`), strings.NewReader(`ANTIVIRUS-TEST-FILE!$H+H*`))
	virus, err := s.Scanner.Scan(ctx, test)
	switch {
	case err != nil:
		return found(health.Failing, "away", fault.Args{"reason": err.Error()})
	case virus == "":
		return found(health.Failing, "blind", nil)
	}
	return found(health.Fine, "fine", nil)
}
