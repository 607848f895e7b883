// Package archivecli is what the commands about archives have in common: what they print,
// and the check of files.
package archivecli

import (
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"time"

	"dean06/internal/platform/archive"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/node"
)

// segmentJSON is a file as programs read it.
type segmentJSON struct {
	File    string     `json:"file"`
	Chain   string     `json:"chain"`
	From    int64      `json:"from"`
	Until   int64      `json:"until"` // the record after the last
	FirstAt time.Time  `json:"first_at"`
	LastAt  time.Time  `json:"last_at"`
	Bytes   int64      `json:"bytes"`
	SHA256  string     `json:"sha256"`
	Dropped *time.Time `json:"dropped_at,omitempty"`
}

func segmentsJSON(list []archive.Segment) []segmentJSON {
	out := make([]segmentJSON, len(list))
	for i, s := range list {
		out[i] = segmentJSON{s.File, s.Chain, s.From, s.Until, s.FirstAt, s.LastAt, s.Bytes, hex.EncodeToString(s.SHA256[:]), nil}
		if !s.DroppedAt.IsZero() {
			out[i].Dropped = &s.DroppedAt
		}
	}
	return out
}

// SayDone prints what a run did.
func SayDone(p node.Program, pr *i18n.Printer, d archive.Done, asJSON bool) error {
	if asJSON {
		return p.PrintJSON(map[string]any{"made": segmentsJSON(d.Made), "removed": d.Removed, "dropped": segmentsJSON(d.Dropped)})
	}
	for _, s := range d.Made {
		if _, err := fmt.Fprintln(p.Out, pr.T("cli.archive.made", segmentArgs(s))); err != nil {
			return err
		}
	}
	for _, s := range d.Dropped {
		if _, err := fmt.Fprintln(p.Out, pr.T("cli.archive.dropped", segmentArgs(s))); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(p.Out, pr.T("cli.archive.done", map[string]any{"files": len(d.Made), "records": d.Removed}))
	return err
}

func segmentArgs(s archive.Segment) map[string]any {
	return map[string]any{
		"file": s.File, "from": s.From, "until": s.Until - 1, "first": s.FirstAt, "last": s.LastAt, "bytes": s.Bytes, "at": s.DroppedAt,
	}
}

// SayList prints which files there are and were.
func SayList(p node.Program, pr *i18n.Printer, list []archive.Segment, asJSON bool) error {
	if asJSON {
		return p.PrintJSON(segmentsJSON(list))
	}
	if len(list) == 0 {
		_, err := fmt.Fprintln(p.Out, pr.T("cli.archive.none", nil))
		return err
	}
	for _, s := range list {
		key := "cli.archive.file"
		if !s.DroppedAt.IsZero() {
			key = "cli.archive.gone"
		}
		if _, err := fmt.Fprintln(p.Out, pr.T(key, segmentArgs(s))); err != nil {
			return err
		}
	}
	return nil
}

// Check checks files.
type Check struct {
	Path    string // a file, or a folder of them
	Reading archive.Reading
	// Index is what the node's database notes, and Begin where the log begins there; nil
	// leaves that out.
	Index archive.Index
	Begin int64
	JSON  bool
}

// Run checks, prints what was found, and fails when anything does not fit.
func (c Check) Run(ctx context.Context, p node.Program, pr *i18n.Printer) error {
	info, err := os.Stat(c.Path)
	if err != nil {
		return fault.New(fault.NotFound, "archive.file.missing", fault.Args{"file": c.Path}).Because(err)
	}
	paths := []string{c.Path}
	if info.IsDir() {
		if paths, err = archive.Files(c.Path); err != nil {
			return err
		}
	}
	list, err := archive.CheckRow(ctx, paths, c.Reading)
	if err != nil {
		return err
	}
	var wrong *fault.Error
	if c.Index != nil && info.IsDir() {
		_, err := archive.CheckIndex(ctx, c.Index, c.Begin, c.Path)
		if wrong = fault.As(err); err != nil && wrong == nil {
			return err
		}
	}
	return c.say(p, pr, list, wrong)
}

// fileJSON is what was found of a file, as programs read it.
type fileJSON struct {
	archive.Checked
	From    int64  `json:"from"`
	Until   int64  `json:"until"` // the record after the last
	Heads   int64  `json:"heads"`
	Stamped int64  `json:"stamped"`
	OK      bool   `json:"ok"`
	Trusted bool   `json:"trusted"` // by authorities that the reader brought
	Wrong   string `json:"wrong,omitempty"`
}

func (c Check) say(p node.Program, pr *i18n.Printer, list []archive.Checked, index *fault.Error) error {
	good := index == nil
	files := make([]fileJSON, len(list))
	unknown := false
	for i, f := range list {
		x := f.Content
		files[i] = fileJSON{Checked: f, From: x.From, Until: x.Until, Heads: x.Heads, Stamped: x.Stamped, OK: f.Error == nil, Trusted: !x.Unknown}
		if f.Error != nil {
			good = false
			files[i].Wrong = pr.T(f.Error.Key, f.Error.Args)
		}
		unknown = unknown || x.Unknown && f.Error == nil
	}
	if c.JSON {
		out := map[string]any{"ok": good, "files": files}
		if index != nil {
			out["wrong"] = pr.T(index.Key, index.Args)
		}
		if err := p.PrintJSON(out); err != nil {
			return err
		}
	} else if err := printFiles(p, pr, files, index, unknown); err != nil {
		return err
	}
	if !good {
		return node.ErrNotAll
	}
	return nil
}

func printFiles(p node.Program, pr *i18n.Printer, files []fileJSON, index *fault.Error, unknown bool) error {
	var lines []string
	if len(files) == 0 {
		lines = append(lines, "! "+pr.T("cli.archive.none", nil))
	}
	for i, f := range files {
		if !f.OK {
			lines = append(lines, "✕ "+f.Wrong)
			continue
		}
		if i == 0 && f.From > 0 {
			lines = append(lines, "! "+pr.T("cli.archive.begins", map[string]any{"from": f.From}))
		}
		lines = append(lines, "✓ "+pr.T("cli.archive.checked", map[string]any{
			"file": f.File, "from": f.From, "until": f.Until - 1, "first": f.Content.FirstAt, "last": f.Content.LastAt, "heads": f.Stamped,
		}))
	}
	if index != nil {
		lines = append(lines, "✕ "+pr.T(index.Key, index.Args))
	}
	if unknown {
		lines = append(lines, "! "+pr.T("exchange.proof.own_authorities", nil))
	}
	_, err := fmt.Fprintln(p.Out, strings.Join(lines, "\n"))
	return err
}
