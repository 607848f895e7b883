package readinessnode_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/readiness"
)

// Each return of both rounds, exported and taken in again, says the same.
func (o *opened) exportedAndTakenInAgain(t *testing.T) {
	ctx := t.Context()
	back := openOn(t, sqldbtest.OpenSQLite(t), clock.System{})
	same := cmp.Options{
		cmpopts.EquateEmpty(), cmp.Comparer(func(a, b clock.Date) bool { return a == b }),
		cmpopts.IgnoreFields(readiness.Answer{}, "Readings"), cmpopts.IgnoreFields(readiness.Return{}, "Extra"),
	}
	for r, campaign := range []string{"488", "1877"} {
		heads, err := o.store.Heads(ctx, campaign)
		if err != nil {
			t.Fatal(err)
		}
		files := func(yield func(readiness.File) bool) {
			for i, h := range heads {
				format, lang := []string{"docx", "xlsx"}[(i+r)%2], []string{"vi", "en"}[i/2%2]
				f, err := o.ExportReturn(ctx, shell, campaign, h.Agency.Code, format, lang, false)
				if err != nil {
					t.Errorf("export %s as %s: %v", h.Agency.Code, format, err)
					continue
				}
				if !yield(readiness.File{Name: f.Name, Size: int64(len(f.Content)), Content: f.Content}) {
					return
				}
			}
		}
		accepted := 0
		_, err = back.Register().Import(ctx, shell, readiness.Batch{Campaign: campaign}, files, func(i readiness.BatchItem) {
			if i.Status != readiness.ItemAccepted {
				t.Errorf("%s: %s: %+v", i.File.Name, i.Status, i.Problems)
				return
			}
			accepted++
			want, err := o.store.Record(ctx, campaign, i.Agency)
			if err != nil {
				t.Fatal(err)
			}
			got, err := back.store.Record(ctx, campaign, i.Agency)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want.Versions[0].Return, got.Versions[0].Return, same); diff != "" {
				t.Errorf("letter %s, %s (-want +got):\n%s", campaign, i.File.Name, diff)
			}
		})
		if err != nil || accepted < 82 || accepted != len(heads) {
			t.Errorf("letter %s: %d of %d taken in, %v", campaign, accepted, len(heads), err)
		}
	}
}
