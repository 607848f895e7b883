package app

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/readiness"
)

// A batch that goes on after a crash takes every file once, also where two have one name.
func TestABatchGoesOnWithWhatHasNoResult(t *testing.T) {
	t.Parallel()
	var files []readiness.File
	for _, name := range []string{"a.docx", "b.docx", "a.docx", "c.docx", "a.docx"} {
		files = append(files, readiness.File{Name: name, Size: int64(len(files))})
	}
	for stored := range len(files) + 1 {
		var results []readiness.BatchItem
		for _, f := range files[:stored] {
			results = append(results, readiness.BatchItem{File: readiness.FileRef{Name: f.Name}})
		}
		got := slices.Collect(withoutResult(slices.Values(files), results))
		if diff := cmp.Diff(append([]readiness.File(nil), files[stored:]...), got); diff != "" {
			t.Errorf("after %d (-want +got):\n%s", stored, diff)
		}
	}
}

// away is a store of papers that does not answer.
type away struct{ readiness.Papers }

var errAway = errors.New("away")

func (away) Get(context.Context, readiness.FileRef) ([]byte, error) { return nil, errAway }

func TestAPaperThatCannotBeHadFailsTheBatch(t *testing.T) {
	t.Parallel()
	var failed error
	for f := range uploads(context.Background(), away{}, []readiness.FileRef{{Name: "a.docx"}}, func(err error) { failed = err }) {
		t.Errorf("got %s", f.Name)
	}
	if !errors.Is(failed, errAway) {
		t.Errorf("failed with %v", failed)
	}
}
