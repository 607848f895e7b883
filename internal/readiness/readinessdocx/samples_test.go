package readinessdocx_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessdocx"

	"github.com/google/go-cmp/cmp"
)

const root = "../../../data/"

func appendix488(t testing.TB) *readiness.Template {
	t.Helper()
	raw, err := os.ReadFile(root + "readiness/template-488.v1.json")
	if err != nil {
		t.Fatal(err)
	}
	tpl, err := readiness.LoadTemplate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return tpl
}

func readFile(t testing.TB, tpl *readiness.Template, path string) (readiness.Return, []readiness.Problem) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	ret, problems, err := readinessdocx.Read(tpl, filepath.Base(path), bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return ret, problems
}

// components says which components a return meets: every answer of the
// component met, in the simplest words.
func components(tpl *readiness.Template, ret readiness.Return) map[string]bool {
	met := map[string]bool{}
	for _, a := range ret.Answers {
		row, _ := tpl.Row(a.Key)
		o, ok := tpl.Option(row.Options, a.Compliance)
		sure := a.Readings[readiness.ColCompliance].IsSure()
		if before, given := met[row.Component]; given && !before {
			continue
		}
		met[row.Component] = ok && o.Met && sure
	}
	return met
}

// TestBothRounds reads all returns of both rounds and holds each agency against
// what is expected of it.
func TestBothRounds(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	raw, err := os.ReadFile(root + "demo/appendix-488/expected.json")
	if err != nil {
		t.Fatal(err)
	}
	var expected map[string]struct {
		Agencies map[string]map[string]bool `json:"agencies"`
	}
	if err := json.Unmarshal(raw, &expected); err != nil {
		t.Fatal(err)
	}
	for year, round := range expected {
		files, err := filepath.Glob(root + "demo/appendix-488/round-" + year + "/*.docx")
		if err != nil || len(files) != len(round.Agencies) {
			t.Fatalf("round %s: %d files for %d agencies (%v)", year, len(files), len(round.Agencies), err)
		}
		want := map[string]map[string]bool{}
		for name, met := range round.Agencies {
			want[key(name)] = met
		}
		for _, file := range files {
			ret, problems := readFile(t, tpl, file)
			for _, p := range problems {
				t.Errorf("%s: problem %+v", file, p)
			}
			w, ok := want[key(ret.Heading)]
			if !ok {
				t.Errorf("%s: heading %q is no agency of the round", file, ret.Heading)
				continue
			}
			if diff := cmp.Diff(w, components(tpl, ret)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", file, diff)
			}
			if ret.Letter.Number == "" || ret.Letter.Date.IsZero() || ret.Contact.Email == "" || ret.Contact.Phone == "" ||
				ret.Contact.FullName == "" || ret.Contact.Organisation == "" || ret.Contact.Position == "" {
				t.Errorf("%s: letter %v, contact %+v", file, ret.Letter, ret.Contact)
			}
			if len(ret.Proposals) != 7 || len(ret.Extra) != 0 {
				t.Errorf("%s: %d proposals, extra %v", file, len(ret.Proposals), ret.Extra)
			}
		}
	}
}

func key(name string) string {
	f := strings.TrimPrefix(readiness.Fold(name), "uy ban nhan dan ")
	return strings.TrimPrefix(f, "ubnd ")
}

func TestThaiNguyen(t *testing.T) {
	t.Parallel()
	ret, problems := readFile(t, appendix488(t), "testdata/tinh-thai-nguyen.docx")
	if len(problems) != 0 {
		t.Errorf("problems: %+v", problems)
	}
	for i := range ret.Answers {
		ret.Answers[i].Readings = nil
	}
	got, err := json.MarshalIndent(ret, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	golden := "testdata/tinh-thai-nguyen.json"
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(golden, append(got, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)+"\n"); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
