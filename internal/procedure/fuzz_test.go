package procedure

import (
	"io/fs"
	"testing"
	"testing/fstest"

	"dean06/data"
)

// FuzzLint holds that no file, however written, brings the reader or the linter down, and that
// each fault stands in a file and on a line that there is.
func FuzzLint(f *testing.F) {
	for _, p := range Packages() {
		var raw [3][]byte
		for i, name := range []string{Manifest, "form.yaml", "process.yaml"} {
			var err error
			if raw[i], err = fs.ReadFile(data.Packages, "procedures/"+p.Code+"/"+name); err != nil {
				f.Fatal(err)
			}
		}
		f.Add(raw[0], raw[1], raw[2])
	}
	f.Add([]byte("a: &a [*a]"), []byte("- - - -"), []byte("start: x\nsteps: [{id: x, next: [{to: x}]}]"))
	f.Add([]byte("form: form.yaml\nprocess: process.yaml\ncode: \"1\""), []byte("sections:\n- {id: a, questions: [{id: a, when: {not: {question: a}}}]}"), []byte(""))
	f.Fuzz(func(t *testing.T, manifest, form, process []byte) {
		p := fstest.MapFS{"p/manifest.yaml": {Data: manifest}, "p/form.yaml": {Data: form}, "p/process.yaml": {Data: process}}
		for _, fault := range Lint(p, "p") {
			if fault.File == "" || fault.Line < 0 || fault.Rule == "" {
				t.Errorf("a fault without a place: %+v", fault)
			}
		}
	})
}
