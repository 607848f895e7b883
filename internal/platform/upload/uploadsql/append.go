package uploadsql

import (
	"context"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"syscall"
	"time"

	"dean06/internal/platform/disk"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/private"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/upload"
)

// checkpoint is after how many bytes of a long piece the disk is waited for: so much is
// sent again at most after a kill.
const checkpoint = 4 << 20

// lockEvery is how often a file is tried that another has locked.
const lockEvery = 25 * time.Millisecond

// alone does something with an upload and its file while nobody else does, in this
// process or another: the lock is on the file, and a process that dies lets go of it. It
// waits at most so long, then fails with ErrBusy.
func (s *Service) alone(ctx context.Context, owner, id string, wait time.Duration, f func(row, *os.File) error) error {
	r, err := s.get(ctx, owner, id)
	if err != nil {
		return err
	}
	if err := s.here(ctx, r); err != nil {
		return err
	}
	file, err := os.OpenFile(s.path(id), os.O_RDWR|os.O_CREATE, private.FileMode)
	if err != nil {
		return fmt.Errorf("upload %s: %w", id, err)
	}
	defer file.Close()
	if err := lock(ctx, file, wait); err != nil {
		return err
	}
	// It may have gone, or been finished, while we waited.
	r, err = s.get(ctx, owner, id)
	if upload.Is(err, upload.ErrUnknown) {
		_ = os.Remove(s.path(id)) // made by us just now
	}
	if err != nil {
		return err
	}
	if r.State != upload.Open {
		if info, err := file.Stat(); err == nil && info.Size() == 0 {
			_ = os.Remove(s.path(id))
		}
	}
	return f(r, file)
}

func lock(ctx context.Context, f *os.File, wait time.Duration) error {
	for waited := time.Duration(0); ; waited += lockEvery {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case err == nil:
			return nil
		case !errors.Is(err, syscall.EWOULDBLOCK):
			return fmt.Errorf("lock an upload: %w", err)
		case waited >= wait:
			return upload.ErrBusy
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(lockEvery):
		}
	}
}

// Append adds a piece.
func (s *Service) Append(ctx context.Context, owner, id string, offset int64, sum *upload.Sum, body io.Reader) (upload.Upload, error) {
	var out upload.Upload
	err := s.alone(ctx, owner, id, 0, func(r row, f *os.File) error {
		if r.State != upload.Open && offset != r.Received {
			return upload.ErrClosed
		}
		if r.State != upload.Open { // nothing more may come, and nothing is lost when nothing does
			out = r.upload()
			return noMore(body)
		}
		told, err := s.onDisk(r)
		if err != nil {
			return err
		}
		if offset != told {
			return fault.New(fault.Conflict, upload.ErrOffset.Key, fault.Args{"offset": told, "given": offset})
		}
		p := &piece{s: s, r: &r, f: f, at: told, from: told, sum: sum}
		err = p.take(ctx, body)
		out = r.upload()
		return err
	})
	if err != nil && fault.As(err) == nil {
		err = fmt.Errorf("append to upload %s: %w", id, err)
	}
	return out, err
}

// noMore fails when there is another byte.
func noMore(body io.Reader) error {
	switch n, err := io.ReadFull(body, make([]byte, 1)); {
	case n > 0:
		return upload.ErrBeyond
	case errors.Is(err, io.EOF):
		return nil
	default:
		return errors.Join(upload.ErrCut, err)
	}
}

// piece is a piece while it comes.
type piece struct {
	s        *Service
	r        *row
	f        *os.File
	from, at int64
	sum      *upload.Sum
	hash     hash.Hash
}

// take writes a piece. What came before the line was lost is kept, unless it has a sum,
// which only the whole piece has.
func (p *piece) take(ctx context.Context, body io.Reader) error {
	if err := p.f.Truncate(p.at); err != nil { // what was written and not waited for
		return err
	}
	if _, err := p.f.Seek(p.at, io.SeekStart); err != nil {
		return err
	}
	if p.sum != nil {
		p.hash = p.sum.Hash()
	}
	err := p.copy(ctx, io.LimitReader(body, p.r.Size-p.from))
	if err == nil && p.at == p.r.Size {
		err = noMore(body)
	}
	keep := context.WithoutCancel(ctx) // who has left is to find what came
	switch {
	case upload.Is(err, upload.ErrBeyond), err != nil && p.sum != nil, p.sum != nil && !p.sum.Holds(p.hash):
		if err == nil {
			err = upload.ErrSum
		}
		return errors.Join(err, p.back(keep, p.from))
	case disk.IsFull(err):
		return errors.Join(upload.ErrNoRoom.Because(err), p.back(keep, p.r.Received))
	}
	if saved := p.save(keep); saved != nil {
		return errors.Join(saved, err)
	}
	return err
}

// copy writes until the body ends, and waits for the disk now and then.
func (p *piece) copy(ctx context.Context, body io.Reader) error {
	buf := make([]byte, 64<<10)
	since := int64(0)
	for {
		n, err := body.Read(buf)
		if n > 0 {
			if _, werr := p.f.Write(buf[:n]); werr != nil {
				return werr
			}
			if p.hash != nil {
				_, _ = p.hash.Write(buf[:n])
			}
			p.at += int64(n)
			since += int64(n)
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return upload.ErrCut.Because(err)
		case since >= checkpoint && p.sum == nil:
			since = 0
			if err := p.save(ctx); err != nil {
				return err
			}
		}
	}
}

// save waits for the disk and then says how far it is.
func (p *piece) save(ctx context.Context) error {
	if p.at == p.r.Received && p.at == p.from {
		return nil // an empty piece
	}
	if !p.s.Relaxed {
		if err := p.f.Sync(); err != nil {
			return err
		}
		if p.from == 0 { // the file is new
			if err := p.s.syncFolder(); err != nil {
				return err
			}
		}
	}
	return p.tell(ctx, p.at)
}

// back throws away what came after a place.
func (p *piece) back(ctx context.Context, to int64) error {
	if err := p.f.Truncate(to); err != nil {
		return err
	}
	p.at = to
	return p.tell(ctx, to)
}

func (p *piece) tell(ctx context.Context, at int64) error {
	expires := p.s.Clock.Now().Add(p.s.Keep)
	n, err := sqldb.Exec(ctx, p.s.DB,
		`UPDATE upload SET received = $1, expires_at = $2 WHERE id = $3 AND state = 'open'`, at, expires, p.r.ID)
	if err != nil {
		return err
	}
	if n == 0 {
		return upload.ErrUnknown
	}
	p.r.Received, p.r.Expires = at, expires
	return nil
}
