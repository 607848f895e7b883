package populationnode

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/blob"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/sqldb"
	"dean06/internal/population"
	"dean06/internal/population/populationsql"
	"dean06/internal/population/populationweb"
)

// The kinds of the jobs that take files in, and that remove what a fall left behind.
const (
	loadKind  = "population.load"
	sweepKind = "population.load.sweep"
)

// uploadTime is longer than a file takes to be kept; what is noted for longer was left
// behind.
const uploadTime = time.Hour

// loads takes files in as jobs: the file is kept as a blob until it is done, and goes
// then, as it is about people; the report, which names nobody, stays.
//
// A file is noted before it is kept, and the note goes with the transaction that makes
// the job: whatever falls between leaves a note, by which the file is found and removed.
type loads struct {
	db    *sqldb.DB
	files blob.Store
	clock clock.Clock
	// load is population.Register.Load.
	load func(ctx context.Context, file io.Reader, o population.LoadOptions) (population.LoadReport, error)
}

type loadPayload struct {
	File  blob.Ref    `json:"file"`
	Name  string      `json:"name"`
	Actor actor.Actor `json:"actor"`
}

// The notes of a job that is done: where its report is, or why there is none.
const (
	reportNote  = "people.load.report"
	refusedNote = "people.load.failed"
)

// Start keeps the file and makes the job. It fails with Denied, Invalid for an empty
// file, and TooLarge.
func (l *loads) Start(ctx context.Context, a actor.Actor, name string, file io.ReadSeeker) (string, error) {
	if err := population.Permissions.Can(a, population.Load); err != nil {
		return "", err
	}
	note, err := l.note(ctx, file)
	if err != nil {
		return "", err
	}
	ref, err := l.files.Put(ctx, file, populationweb.MaxFile)
	if err != nil {
		return "", fmt.Errorf("keep the file of persons: %w", err)
	}
	if ref.SHA256 != note.SHA256 {
		return "", errors.Join(errors.New("the file of persons changed while it was read"), l.files.Delete(ctx, ref))
	}
	id := sqldb.NewID()
	err = l.db.InTx(ctx, func(tx *sqldb.Tx) error {
		// One file after another: two at once would only wait for each other.
		if _, err := jobs.Enqueue(ctx, tx, loadKind, loadPayload{ref, name, a}, jobs.Options{ID: id, Lane: loadKind, MaxTries: 3}); err != nil {
			return err
		}
		return populationsql.EndUpload(ctx, tx, note.ID)
	})
	return id, err
}

// note reads a file once to know it, and notes that it is about to be kept.
func (l *loads) note(ctx context.Context, file io.ReadSeeker) (populationsql.Upload, error) {
	sum := sha256.New()
	size, err := io.Copy(sum, io.LimitReader(file, populationweb.MaxFile+1))
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	u := populationsql.Upload{ID: sqldb.NewID(), SHA256: hex.EncodeToString(sum.Sum(nil)), Size: size, CreatedAt: l.clock.Now()}
	switch {
	case err != nil:
		return u, fmt.Errorf("read the file of persons: %w", err)
	case size == 0:
		return u, fault.New(fault.Invalid, "people.loads.file.empty", nil).At("file")
	}
	return u, populationsql.NoteUpload(ctx, l.db, u)
}

// sweep removes files for which a fall left no job.
func (l *loads) sweep(ctx context.Context) error {
	left, err := populationsql.Uploads(ctx, l.db, l.clock.Now().Add(-uploadTime))
	if err != nil {
		return err
	}
	for _, u := range left {
		if err := l.drop(ctx, blob.Ref{SHA256: u.SHA256, Size: u.Size}, ""); err != nil {
			return err
		}
		if err := populationsql.EndUpload(ctx, l.db, u.ID); err != nil {
			return err
		}
	}
	return nil
}

// drop removes a file, unless another job than one that ends here waits for the same.
func (l *loads) drop(ctx context.Context, ref blob.Ref, ends string) error {
	for _, state := range []jobs.State{jobs.Queued, jobs.Running} {
		list, err := jobs.List(ctx, l.db, jobs.Filter{Kind: loadKind, State: state, Limit: 1000})
		if err != nil {
			return err
		}
		for _, j := range list {
			var p loadPayload
			if j.ID != ends && j.Decode(&p) == nil && p.File == ref {
				return nil
			}
		}
	}
	return l.files.Delete(ctx, ref)
}

// handle is the job. A file that is none is no failure of ours: the job is done, and says
// why nothing was loaded.
func (l *loads) handle(ctx context.Context, t *jobs.Task) error {
	var p loadPayload
	if err := t.Decode(&p); err != nil {
		return jobs.Permanent(err)
	}
	file, err := l.files.Open(ctx, p.File)
	if errors.Is(err, blob.ErrMissing) {
		return jobs.Permanent(fmt.Errorf("load %s: %w", t.ID, err))
	}
	if err != nil {
		return fmt.Errorf("load %s: %w", t.ID, err)
	}
	defer func() { _ = file.Close() }()
	report, err := l.load(ctx, file, population.LoadOptions{Actor: p.Actor, Name: p.Name, Progress: func(done, of int) {
		_ = t.Progress(ctx, done, of, jobs.Note{}) // only for the page; the job itself tells when it is lost
	}})
	if f := fault.As(err); f != nil && f.Kind != fault.Internal && f.Kind != fault.Unavailable {
		err = t.Progress(ctx, 0, 1, jobs.Note{Key: refusedNote, Args: fault.Args{"key": f.Key, "args": f.Args}})
	} else if err == nil {
		err = l.keep(ctx, t, report)
	}
	if err != nil {
		return fmt.Errorf("load %s: %w", t.ID, err)
	}
	return l.drop(ctx, p.File, t.ID)
}

// keep keeps the report.
func (l *loads) keep(ctx context.Context, t *jobs.Task, report population.LoadReport) error {
	raw, err := json.Marshal(report)
	if err != nil {
		return err
	}
	ref, err := l.files.Put(ctx, bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return err
	}
	note := jobs.Note{Key: reportNote, Args: fault.Args{"sha256": ref.SHA256, "size": ref.Size}}
	return t.Progress(ctx, report.Lines, max(report.Lines, 1), note)
}

// Get is one of the files. It fails with Denied and NotFound.
func (l *loads) Get(ctx context.Context, a actor.Actor, id string) (populationweb.Load, error) {
	if err := population.Permissions.Can(a, population.Load); err != nil {
		return populationweb.Load{}, err
	}
	j, err := jobs.Get(ctx, l.db, id)
	if err != nil {
		return populationweb.Load{}, err
	}
	if j.Kind != loadKind {
		return populationweb.Load{}, fault.New(fault.NotFound, "web.not_found", nil)
	}
	return l.loadOf(ctx, j)
}

// Recent lists the files, the youngest first. It fails with Denied.
func (l *loads) Recent(ctx context.Context, a actor.Actor) ([]populationweb.Load, error) {
	if err := population.Permissions.Can(a, population.Load); err != nil {
		return nil, err
	}
	list, err := jobs.List(ctx, l.db, jobs.Filter{Kind: loadKind, Limit: 20})
	if err != nil {
		return nil, err
	}
	out := make([]populationweb.Load, 0, len(list))
	for _, j := range list {
		one, err := l.loadOf(ctx, j)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return slices.Clip(out), nil
}

func (l *loads) loadOf(ctx context.Context, j jobs.Job) (populationweb.Load, error) {
	var p loadPayload
	if err := j.Decode(&p); err != nil {
		return populationweb.Load{}, fmt.Errorf("read load %s: %w", j.ID, err)
	}
	out := populationweb.Load{
		ID: j.ID, Name: p.Name, By: p.Actor.Name, At: j.CreatedAt, Rows: j.Done, Of: j.Total, Finished: j.Finished(), Cancelled: j.State == jobs.Cancelled,
	}
	if j.State == jobs.Dead {
		out.Failed = j.Error
	}
	switch note := j.Note.V; note.Key {
	case refusedNote:
		args, _ := note.Args["args"].(map[string]any)
		out.Refused = fault.New(fault.Invalid, fmt.Sprint(note.Args["key"]), args)
	case reportNote:
		ref := blob.Ref{SHA256: fmt.Sprint(note.Args["sha256"])}
		if size, ok := note.Args["size"].(float64); ok { // as JSON gives numbers back
			ref.Size = int64(size)
		}
		report, err := l.report(ctx, ref)
		if err != nil {
			return out, fmt.Errorf("report of load %s: %w", j.ID, err)
		}
		out.Report = report
	}
	return out, nil
}

func (l *loads) report(ctx context.Context, ref blob.Ref) (*population.LoadReport, error) {
	r, err := l.files.Open(ctx, ref)
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	raw, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return readReport(raw)
}

// readReport reads a report as it was kept, by this program or by one of before, whose
// reports had no word for what was not read: everything was.
func readReport(raw []byte) (*population.LoadReport, error) {
	var report population.LoadReport
	var before struct {
		Rows     *int                `json:"rows"`
		Loaded   int                 `json:"loaded"`
		Bad      []population.BadRow `json:"bad"`
		BadCount int                 `json:"bad_count"`
		Warnings map[string]int      `json:"warnings"`
		Took     time.Duration       `json:"took"`
	}
	if json.Unmarshal(raw, &before) != nil || before.Rows == nil {
		return &report, json.Unmarshal(raw, &report)
	}
	report = population.LoadReport{Lines: *before.Rows, Loaded: before.Loaded, Bad: before.BadCount, BadRows: before.Bad, Took: before.Took}
	for _, key := range slices.Sorted(maps.Keys(before.Warnings)) {
		report.Warnings = append(report.Warnings, population.Warning{Key: key, Count: before.Warnings[key]})
	}
	return &report, nil
}
