package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"dean06/internal/platform/blob"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/sqldb"
	"dean06/internal/population"
	"dean06/internal/population/populationweb"
)

// loadKind is the kind of the jobs that take files in.
const loadKind = "population.load"

// fileLoads takes files in as jobs: the file is kept as a blob until it is done, and
// goes then, as it is about people; the report, which names nobody, stays.
type fileLoads struct {
	DB    *sqldb.DB
	Blobs blob.Store
	// Load is population.Register.Load.
	Load func(ctx context.Context, file io.Reader, o population.LoadOptions) (population.LoadReport, error)
}

type loadPayload struct {
	File  blob.Ref         `json:"file"`
	Name  string           `json:"name"`
	Actor population.Actor `json:"actor"`
}

// reportNote marks the note of a job that tells where its report is.
const reportNote = "people.load.report"

// Start keeps the file and makes the job.
func (l *fileLoads) Start(ctx context.Context, a population.Actor, name string, file io.Reader) (string, error) {
	if err := a.Can(population.Bulk); err != nil {
		return "", err
	}
	ref, err := l.Blobs.Put(ctx, file, populationweb.MaxFile)
	if err != nil {
		return "", fmt.Errorf("keep the file of persons: %w", err)
	}
	if ref.Size == 0 {
		return "", fault.New(fault.Invalid, "people.loads.file.empty", nil).At("file")
	}
	// One file after another: two at once would only wait for each other.
	return jobs.Enqueue(ctx, l.DB, loadKind, loadPayload{ref, name, a}, jobs.Options{Lane: loadKind, MaxTries: 3})
}

// Handle is the job.
func (l *fileLoads) Handle(ctx context.Context, t *jobs.Task) error {
	var p loadPayload
	if err := t.Decode(&p); err != nil {
		return jobs.Permanent(err)
	}
	file, err := l.Blobs.Open(ctx, p.File)
	if errors.Is(err, blob.ErrMissing) {
		return jobs.Permanent(fmt.Errorf("load %s: %w", t.ID, err))
	}
	if err != nil {
		return fmt.Errorf("load %s: %w", t.ID, err)
	}
	defer func() { _ = file.Close() }()
	report, err := l.Load(ctx, file, population.LoadOptions{Actor: p.Actor, Name: p.Name, Progress: func(rows int) {
		_ = t.Progress(ctx, rows, 0, jobs.Note{}) // only for the page; the job itself tells when it is lost
	}})
	if f := fault.As(err); f != nil && f.Kind != fault.Internal && f.Kind != fault.Unavailable {
		return errors.Join(jobs.Permanent(err), l.Blobs.Delete(ctx, p.File))
	}
	if err != nil {
		return fmt.Errorf("load %s: %w", t.ID, err)
	}
	raw, err := json.Marshal(report)
	if err != nil {
		return fmt.Errorf("load %s: %w", t.ID, err)
	}
	ref, err := l.Blobs.Put(ctx, bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return fmt.Errorf("load %s: %w", t.ID, err)
	}
	if err := t.Progress(ctx, report.Rows, max(report.Rows, 1), jobs.Note{Key: reportNote, Args: fault.Args{"sha256": ref.SHA256, "size": ref.Size}}); err != nil {
		return fmt.Errorf("load %s: %w", t.ID, err)
	}
	return l.Blobs.Delete(ctx, p.File)
}

// Get is one of the files. It fails with NotFound.
func (l *fileLoads) Get(ctx context.Context, id string) (populationweb.Load, error) {
	j, err := jobs.Get(ctx, l.DB, id)
	if err != nil {
		return populationweb.Load{}, err
	}
	if j.Kind != loadKind {
		return populationweb.Load{}, fault.New(fault.NotFound, "web.not_found", nil)
	}
	out, err := loadOf(j)
	note := j.Note.V
	if err != nil || note.Key != reportNote {
		return out, err
	}
	ref := blob.Ref{SHA256: fmt.Sprint(note.Args["sha256"])}
	if size, ok := note.Args["size"].(float64); ok { // as JSON gives numbers back
		ref.Size = int64(size)
	}
	r, err := l.Blobs.Open(ctx, ref)
	if err != nil {
		return out, fmt.Errorf("report of load %s: %w", id, err)
	}
	defer func() { _ = r.Close() }()
	raw, err := io.ReadAll(r)
	if err == nil {
		out.Report = &population.LoadReport{}
		err = json.Unmarshal(raw, out.Report)
	}
	if err != nil {
		return out, fmt.Errorf("report of load %s: %w", id, err)
	}
	return out, nil
}

// Recent lists the files, the youngest first.
func (l *fileLoads) Recent(ctx context.Context) ([]populationweb.Load, error) {
	list, err := jobs.List(ctx, l.DB, jobs.Filter{Kind: loadKind, Limit: 20})
	if err != nil {
		return nil, err
	}
	out := make([]populationweb.Load, 0, len(list))
	for _, j := range list {
		one, err := l.Get(ctx, j.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return slices.Clip(out), nil
}

func loadOf(j jobs.Job) (populationweb.Load, error) {
	var p loadPayload
	if err := j.Decode(&p); err != nil {
		return populationweb.Load{}, fmt.Errorf("read load %s: %w", j.ID, err)
	}
	out := populationweb.Load{ID: j.ID, Name: p.Name, By: p.Actor.Name, At: j.CreatedAt, Rows: j.Done, Finished: j.Finished() || j.State == jobs.Dead}
	if j.State == jobs.Dead {
		out.Failed = j.Error
	}
	return out, nil
}
