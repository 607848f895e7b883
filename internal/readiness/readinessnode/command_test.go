package readinessnode_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"dean06/data"
	"dean06/internal/org/orgnode"
	"dean06/internal/platform/node"
	"dean06/internal/platform/sqldb"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessnode"
)

// modules are the register and what it stands on.
func modules() []node.Module {
	country := orgnode.New(orgnode.Needs{})
	register := readinessnode.New(readinessnode.Needs{Org: func() readiness.Org { return country.Agencies() }})
	return []node.Module{country.Module(), register.Module()}
}

// dean06 runs a command of the module as the program does, and gives what it prints as
// its result.
func dean06(t *testing.T, args ...string) (string, error) {
	t.Helper()
	all := modules()
	words, err := node.Catalogue(all)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	p := node.Program{
		Out: &out, Err: io.Discard, Messages: words,
		Open: func(ctx context.Context, role string, s node.Settings, _ ...string) (*node.Node, error) {
			s.Config.Node.Role, s.Relaxed = role, true
			return node.Open(ctx, all, s)
		},
	}
	parser, err := kong.New(all[1].Commands[0].Value, kong.Vars{"default_db": "sqlite:none.db"}, kong.Name("readiness"))
	if err != nil {
		t.Fatal(err)
	}
	k, err := parser.Parse(args)
	if err != nil {
		t.Fatal(err)
	}
	k.BindTo(t.Context(), (*context.Context)(nil))
	err = k.Run(p)
	return out.String(), err
}

// Every command works on a fresh database without accounts: who may open it may do what
// the table gives to the command line.
func TestCommandsOnAFreshDatabase(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db := "sqlite:" + filepath.Join(dir, "board.db")
	names, err := fs.Glob(data.Demo, "demo/appendix-488/round-2022/*.docx")
	if err != nil || len(names) == 0 {
		t.Fatal("no sample", err)
	}
	content, err := data.Demo.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	paper := filepath.Join(dir, "phu-luc.docx")
	if err := os.WriteFile(paper, content, 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) string {
		t.Helper()
		out, err := dean06(t, append(args, "--db", db, "--campaign", "488")...)
		if err != nil {
			t.Fatalf("%s: %v", args[0], err)
		}
		return out
	}

	var taken struct{ Agency, Status string }
	if err := json.Unmarshal([]byte(run("import", "--json", paper)), &taken); err != nil || taken.Status != "accepted" {
		t.Fatalf("import says %+v, %v", taken, err)
	}
	var shown readiness.Stored
	if err := json.Unmarshal([]byte(run("show", "--json", "--agency", taken.Agency)), &shown); err != nil ||
		shown.State != readiness.Accepted {
		t.Errorf("show says %+v, %v", shown.State, err)
	}
	if strings.Contains(shown.Contact.Phone, "•") || shown.Contact.FullName == "" {
		t.Errorf("show masks the contact: %+v", shown.Contact)
	}
	if out := run("figures"); !strings.Contains(out, "/1") || strings.Contains(out, "all_five") {
		t.Errorf("figures says\n%s", out)
	}
	for name, args := range map[string][]string{
		"report.docx": {"report", "--format", "docx"},
		"blank.xlsx":  {"export", "--format", "xlsx", "--blank", "--agency", "H55"},
		"filled.pdf":  {"export", "--format", "pdf", "--agency", taken.Agency},
	} {
		file := filepath.Join(dir, name)
		run(append(args, "--out", file)...)
		if raw, err := os.ReadFile(file); err != nil || len(raw) < 1000 {
			t.Errorf("%s: %d bytes, %v", name, len(raw), err)
		}
	}

	broken := filepath.Join(dir, "hong.docx")
	if err := os.WriteFile(broken, []byte("không phải Word"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := dean06(t, "import", broken, "--db", db, "--campaign", "488")
	if !errors.Is(err, node.ErrNotAll) || !strings.Contains(out, "hong.docx") {
		t.Errorf("a file that is none: %v, said %s", err, out)
	}
	_, err = dean06(t, "figures", "--as-of", "hôm qua", "--db", db, "--campaign", "488")
	var usage node.UsageError
	if !errors.As(err, &usage) {
		t.Errorf("a day that is none: %v", err)
	}

	// Who ran it stands in the log and in the history.
	file, err := sqldb.Open(t.Context(), db, sqldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	by, err := sqldb.All[string](t.Context(), file, `SELECT DISTINCT account FROM readiness_event`)
	if err != nil || len(by) != 1 || !strings.HasPrefix(by[0], "os:") {
		t.Errorf("the steps are of %v, %v", by, err)
	}
}
