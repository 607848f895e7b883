package archive

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/pki"
)

// Checked is what a check found of one file.
type Checked struct {
	File    string        `json:"file"`
	Chain   string        `json:"chain"`
	Content Content       `json:"-"`
	SHA256  ledger.Digest `json:"sha256"`
	Bytes   int64         `json:"bytes"`
	// Error is what is wrong with it; nil when nothing is.
	Error *fault.Error `json:"-"`
}

// Reading reads the files of a log, by its name. ok is false for a log that is not known.
type Reading func(chain string) (read func(ctx context.Context, r *Reader) (Content, error), seal *pki.Sealer, ok bool)

// Files are the archive files in a folder, by name, which is by log and by place.
func Files(dir string) ([]string, error) {
	list, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range list {
		if ext := filepath.Ext(e.Name()); !e.IsDir() && safeName(e.Name()) && (ext == ".zst" || ext == ".sealed") {
			out = append(out, filepath.Join(dir, e.Name()))
		}
	}
	slices.Sort(out)
	return out, nil
}

// CheckFile reads one file and computes it anew.
func CheckFile(ctx context.Context, path string, reading Reading) (c Checked, err error) {
	c.File = filepath.Base(path)
	chain, _, _ := strings.Cut(c.File, "-")
	read, seal, ok := reading(chain)
	if !ok {
		c.Error = fault.New(fault.Invalid, "archive.file.unknown", fault.Args{"file": c.File})
		return c, nil
	}
	r, err := Open(path, seal)
	if err != nil {
		return c.wrong(err)
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	c.Chain, c.Bytes = r.Header.Chain, r.Size()
	if c.SHA256, err = r.Sum(); err != nil {
		return c, err
	}
	if c.Content, err = read(ctx, r); err != nil {
		return c.wrong(err)
	}
	if c.Chain != chain || c.File != FileName(chain, c.Content.From, c.Content.Until, seal != nil) {
		c.Error = fault.New(fault.Conflict, "archive.file.name", fault.Args{"file": c.File, "from": c.Content.From, "until": c.Content.Until - 1})
	}
	return c, nil
}

// wrong keeps what is wrong with the file; an error that is no fault is the machine's.
func (c Checked) wrong(err error) (Checked, error) {
	if c.Error = fault.As(err); c.Error != nil {
		return c, nil //nolint:nilerr // it is in what was checked
	}
	return c, err
}

// CheckRow holds files against each other: each goes on where the one before ended, with
// the same records before it, and names it by its hash. It is for the files of one log,
// in order, and gives them with what is wrong.
func CheckRow(ctx context.Context, paths []string, reading Reading) ([]Checked, error) {
	var out []Checked
	for _, path := range paths {
		c, err := CheckFile(ctx, path, reading)
		if err != nil {
			return out, err
		}
		if n := len(out); n > 0 && c.Error == nil && out[n-1].Error == nil && c.Chain == out[n-1].Chain {
			c.Error, err = follows(path, c, out[n-1], reading)
			if err != nil {
				return out, err
			}
		}
		out = append(out, c)
	}
	return out, nil
}

func follows(path string, c, before Checked, reading Reading) (*fault.Error, error) {
	args := fault.Args{"file": c.File, "before": before.File}
	a, b := before.Content, c.Content
	switch {
	case b.From > a.Until:
		return fault.New(fault.Conflict, "archive.row.missing", fault.Args{"from": a.Until, "until": b.From - 1, "file": c.File}), nil
	case b.From < a.Until || b.Before != a.Root:
		return fault.New(fault.Conflict, "archive.row.other", args), nil
	}
	_, seal, _ := reading(c.Chain)
	r, err := Open(path, seal)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if p := r.Header.Previous; p == nil || p.File != before.File || p.SHA256 != before.SHA256 {
		return fault.New(fault.Conflict, "archive.row.other", args), nil
	}
	return nil, nil
}

// CheckIndex holds what the database notes against itself and against the files: no
// stretch without a file, each file as it was noted, and what is gone was removed by its
// term, as the audit log says. here is false where the folder is not, so that nothing is
// said of its files.
func CheckIndex(ctx context.Context, x Index, begin int64, dir string) (here bool, err error) {
	list, err := x.Segments(ctx)
	if err != nil {
		return false, err
	}
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		here = true
	}
	at := int64(0)
	for _, s := range list {
		if s.From != at || s.Until <= s.From || !safeName(s.File) {
			return here, fault.New(fault.Conflict, "archive.row.missing", fault.Args{"from": at, "until": s.From - 1, "file": s.File})
		}
		at = s.Until
		if !s.DroppedAt.IsZero() {
			noted, err := x.Noted(ctx, s)
			if err != nil {
				return here, err
			}
			if !noted {
				return here, fault.New(fault.Conflict, "archive.file.not_dropped", fault.Args{"file": s.File})
			}
			continue
		}
		if here {
			if err := sameSum(dir, s); err != nil {
				return here, err
			}
		}
	}
	if at < begin {
		return here, fault.New(fault.Conflict, "archive.row.missing", fault.Args{"from": at, "until": begin - 1, "file": ""})
	}
	return here, nil
}

// sameSum says whether a file is there as it was noted.
func sameSum(dir string, s Segment) (err error) {
	f, err := os.Open(filepath.Join(dir, s.File))
	if errors.Is(err, os.ErrNotExist) {
		return fault.New(fault.NotFound, "archive.file.missing", fault.Args{"file": s.File}).Because(err)
	}
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return err
	}
	if ledger.Digest(h.Sum(nil)) != s.SHA256 {
		return damaged(s.File, "another hash than noted")
	}
	return nil
}
