package uploadsql

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"dean06/internal/platform/blob"
	"dean06/internal/platform/disk"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/private"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/upload"
)

// waitFor is how long a second click waits for the first.
const waitFor = 30 * time.Second

// Finish looks at a complete file and stores it: what is refused is thrown away at once,
// and the answer kept. While the scanner is away nothing is decided, and the file waits.
func (s *Service) Finish(ctx context.Context, owner, id string) (upload.File, error) {
	var out upload.File
	err := s.alone(ctx, owner, id, waitFor, func(r row, f *os.File) error {
		if done, err := r.Result.V.answer(r.State); done {
			if err == nil {
				out = *r.Result.V.File
			}
			return err
		}
		told, err := s.onDisk(r)
		if err != nil {
			return err
		}
		if told != r.Size {
			return fault.New(fault.Conflict, upload.ErrPartial.Key, fault.Args{
				"name": upload.CleanName(r.Name, ""), "received": told, "size": r.Size,
			})
		}
		file, err := s.look(ctx, r, f)
		switch why := fault.As(err); {
		case err == nil:
			out = file
			return s.decide(ctx, r, upload.Taken, result{File: &file})
		case why != nil && strings.HasPrefix(why.Key, "upload.refused."):
			s.Log.InfoContext(ctx, "upload refused", "upload", r.ID, "reason", why.Key, "size", r.Size)
			return errors.Join(why, s.decide(ctx, r, upload.Refused, result{Refusal: &refusal{why.Kind, why.Key, why.Args}}))
		default:
			return err
		}
	})
	if err != nil && fault.As(err) == nil {
		err = fmt.Errorf("finish upload %s: %w", id, err)
	}
	return out, err
}

// answer is what was decided before, if it was.
func (r result) answer(state upload.State) (bool, error) {
	switch {
	case state == upload.Open:
		return false, nil
	case state == upload.Taken && r.File != nil:
		return true, nil
	case state == upload.Refused && r.Refusal != nil:
		return true, fault.New(r.Refusal.Kind, r.Refusal.Key, r.Refusal.Args)
	}
	return true, fmt.Errorf("an upload is %s and does not say what it is", state)
}

// decide writes down what was found and lets go of the pieces. A crash in between leaves
// the pieces to Forget.
func (s *Service) decide(ctx context.Context, r row, state upload.State, what result) error {
	ctx = context.WithoutCancel(ctx)
	_, err := sqldb.Exec(ctx, s.DB,
		`UPDATE upload SET state = $1, result = $2, expires_at = $3 WHERE id = $4`,
		state, sqldb.JSON[result]{V: what}, s.Clock.Now().Add(s.Keep), r.ID)
	if err != nil {
		return err
	}
	return os.Remove(s.path(r.ID))
}

// look inspects a file, has it scanned, and puts it among the blobs.
func (s *Service) look(ctx context.Context, r row, f *os.File) (upload.File, error) {
	found, err := s.inspect(ctx, r, f)
	if err != nil {
		return upload.File{}, err
	}
	if s.Scanner != nil {
		virus, err := s.Scanner.Scan(ctx, io.NewSectionReader(f, 0, r.Size))
		if err != nil {
			return upload.File{}, err
		}
		if virus != "" {
			return upload.File{}, fault.New(fault.Invalid, "upload.refused.virus", fault.Args{"name": upload.CleanName(r.Name, ""), "virus": plain(virus)})
		}
	}
	sent := sha256.New()
	if _, err := io.Copy(sent, io.NewSectionReader(f, 0, r.Size)); err != nil {
		return upload.File{}, err
	}
	ref, err := s.store(ctx, r, f, found)
	if err != nil {
		return upload.File{}, err
	}
	return upload.File{
		Upload: r.ID, For: r.Purpose, Name: upload.CleanName(r.Name, found.Type), Type: found.Type,
		SHA256: ref.SHA256, Size: ref.Size, Sent: hex.EncodeToString(sent.Sum(nil)),
		Width: found.Width, Height: found.Height, Warnings: found.Warnings, Scanned: s.Scanner != nil, At: s.Clock.Now(),
	}, nil
}

// inspect waits until no other file is looked at.
func (s *Service) inspect(ctx context.Context, r row, f *os.File) (upload.Found, error) {
	select {
	case s.looking <- struct{}{}:
		defer func() { <-s.looking }()
	case <-ctx.Done():
		return upload.Found{}, ctx.Err()
	}
	return upload.Inspect(ctx, f, r.Size, r.Name, r.Policy.V)
}

// plain is the name of a virus without signs that a log or a page takes for its own.
func plain(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || strings.ContainsRune("{}<>", r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	return name[:min(len(name), 100)]
}

// store puts the file, a picture without its metadata, among the blobs.
func (s *Service) store(ctx context.Context, r row, f *os.File, found upload.Found) (blob.Ref, error) {
	if !found.Clean {
		return s.Files.Put(ctx, io.NewSectionReader(f, 0, r.Size), r.Size)
	}
	name := s.path(r.ID) + cleanSuffix
	tmp, err := private.Create(name)
	if err != nil {
		return blob.Ref{}, err
	}
	defer os.Remove(name)
	err = errors.Join(upload.WriteClean(ctx, found.Type, f, r.Size, tmp), tmp.Close())
	if disk.IsFull(err) {
		err = upload.ErrNoRoom.Because(err)
	}
	if err != nil {
		return blob.Ref{}, err
	}
	clean, err := os.Open(name)
	if err != nil {
		return blob.Ref{}, err
	}
	defer clean.Close()
	return s.Files.Put(ctx, clean, r.Size+spare)
}

const (
	cleanSuffix = ".clean"
	spare       = 1 << 10 // for the part that says which way up a picture is
)

// Take is Begin, Append and Finish of a file that comes at once. When its size is not
// known, room is kept for the largest.
func (s *Service) Take(ctx context.Context, owner string, n upload.New, body io.Reader) (upload.File, error) {
	open := n.Size < 0
	if open {
		n.Size = s.Options.Most
		if n.Policy.Max > 0 {
			n.Size = min(n.Size, n.Policy.Max)
		}
	}
	most := n.Size
	u, err := s.Begin(ctx, owner, n)
	if err != nil {
		return upload.File{}, err
	}
	u, err = s.Append(ctx, owner, u.ID, 0, nil, body)
	switch {
	case upload.Is(err, upload.ErrBeyond):
		err = upload.TooLarge(n.Name, most)
	case err == nil && open && u.Received == 0:
		empty := n
		empty.Size = 0
		err = empty.Check(s.Options.Most)
	case err == nil && open:
		_, err = sqldb.Exec(ctx, s.DB, `UPDATE upload SET size = received WHERE id = $1 AND state = 'open'`, u.ID)
	}
	var file upload.File
	if err == nil {
		file, err = s.Finish(ctx, owner, u.ID)
	}
	if err != nil { // nobody knows its number, so nobody goes on with it
		return upload.File{}, errors.Join(err, s.Cancel(context.WithoutCancel(ctx), owner, u.ID))
	}
	return file, nil
}
