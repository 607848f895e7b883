package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"dean06/internal/app"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/node"
	"dean06/internal/platform/private"
	"dean06/internal/platform/sqldb"
)

const (
	samples2022 = "../../data/demo/appendix-488/round-2022"
	samples2023 = "../../data/demo/appendix-488/round-2023"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"dean06": main})
}

func TestScripts(t *testing.T) {
	t.Parallel()
	samples, err := filepath.Abs(samples2022)
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			e.Setenv("SAMPLES", samples)
			return copyFile(seeded(t), filepath.Join(e.WorkDir, "var", "demo", "board.db"))
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			// status N COMMAND… runs a command that must end with exit code N.
			"status": func(ts *testscript.TestScript, _ bool, args []string) {
				err := ts.Exec(args[1], args[2:]...)
				got := "0"
				if err != nil {
					got = strings.TrimPrefix(err.Error(), "exit status ")
				}
				if got != args[0] {
					ts.Fatalf("exit %s, want %s", got, args[0])
				}
			},
			// failed ID puts a job into the board's database that has failed for good.
			"failed": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Check(failedJob(ts.MkAbs("var/demo/board.db"), args[0]))
			},
			// private PATH… finds nothing below them that others may use.
			"private": func(ts *testscript.TestScript, _ bool, args []string) {
				for _, name := range args {
					open, err := private.Look(ts.MkAbs(name))
					ts.Check(err)
					if _, err := os.Stat(ts.MkAbs(name)); err != nil || len(open.Files)+len(open.Folders) > 0 {
						ts.Fatalf("%s: %v, open to others: %v %v", name, err, open.Files, open.Folders)
					}
				}
			},
			// written FILE START checks a file that was written.
			"written": func(ts *testscript.TestScript, _ bool, args []string) {
				content := ts.ReadFile(args[0])
				if !strings.HasPrefix(content, args[1]) || len(content) < 1000 {
					ts.Fatalf("%s: %d bytes that begin with %.8q", args[0], len(content), content)
				}
			},
		},
	})
}

func failedJob(file, id string) error {
	ctx := context.Background()
	db, err := sqldb.Open(ctx, "sqlite:"+file, sqldb.Options{})
	if err != nil {
		return err
	}
	_, err = jobs.Enqueue(ctx, db, "mail.send", "", jobs.Options{ID: id})
	if err == nil {
		_, err = db.ExecContext(ctx, `UPDATE job SET state = 'dead', error = 'no mail server' WHERE id = $1`, id)
	}
	return errors.Join(err, db.Close())
}

// seeded is an empty database with the reference data, made once for all tests.
var seededOnce = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "dean06-cli-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "board.db")
	settings := node.Database{DB: "sqlite:" + path}.Settings(node.Program{Shape: app.Shape()})
	n, _, err := app.Open(context.Background(), app.Board, settings)
	if err != nil {
		return "", fmt.Errorf("seed: %w", err)
	}
	return path, n.Close()
})

func seeded(t testing.TB) string {
	t.Helper()
	path, err := seededOnce()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func copyFile(from, to string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o600)
}

// board is a database of a test's own, used through the command line.
type board struct {
	t   testing.TB
	dir string
}

func newBoard(t testing.TB) board {
	t.Helper()
	b := board{t, t.TempDir()}
	if err := copyFile(seeded(t), filepath.Join(b.dir, "board.db")); err != nil {
		t.Fatal(err)
	}
	return b
}

// run runs a command line on the board's database.
func (b board) run(args ...string) (code int, out, errw string) {
	b.t.Helper()
	var o, e bytes.Buffer
	code = run(append(args, "--db", "sqlite:"+filepath.Join(b.dir, "board.db")), &o, &e)
	return code, o.String(), e.String()
}

// must is run for a command that succeeds.
func (b board) must(args ...string) string {
	b.t.Helper()
	code, out, errw := b.run(args...)
	if code != exitOK {
		b.t.Fatalf("%v: exit %d\n%s%s", args, code, out, errw)
	}
	return out
}

// fileResult is the line that import prints for a file.
type fileResult struct {
	File     string    `json:"file"`
	Agency   *string   `json:"agency"`
	Status   string    `json:"status"`
	Problems []problem `json:"problems"`
	Notes    []problem `json:"notes"`
}

type problem struct {
	Row    string `json:"row"`
	Column string `json:"column"`
	Text   string `json:"text"`
	Reason string `json:"reason"`
}

// importing takes in files and gives the result of each, by name within dir.
func (b board) importing(dir string, args ...string) (int, map[string]fileResult) {
	b.t.Helper()
	code, out, errw := b.run(append([]string{"readiness", "import", "--json"}, args...)...)
	if errw != "" {
		b.t.Fatalf("import %v: %s", args, errw)
	}
	byName := map[string]fileResult{}
	for line := range strings.Lines(out) {
		var r fileResult
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			b.t.Fatalf("%q: %v", line, err)
		}
		name := strings.TrimPrefix(r.File, dir+string(filepath.Separator))
		if _, twice := byName[name]; twice {
			b.t.Errorf("two results for %s", name)
		}
		byName[name] = r
	}
	return code, byName
}

// answers is a stored return without what tells how it came in.
func (b board) answers(campaign, agency string) map[string]any {
	b.t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(b.must("readiness", "show", "--campaign", campaign, "--agency", agency, "--json")), &v); err != nil {
		b.t.Fatal(err)
	}
	for _, key := range []string{"version", "versions", "state", "campaign", "extra", "arrival", "came"} {
		delete(v, key)
	}
	for _, a := range v["answers"].([]any) {
		delete(a.(map[string]any), "readings")
	}
	return v
}
