// Package arch_test holds the rules of the house against the source: who may
// import whom as docs/architecture.md says, which modules we depend on as the
// record of dependencies says, and a few habits of naming and size. It checks
// what is written down there and decides nothing itself.
package arch_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
)

const (
	module   = "dean06"
	root     = "../.."
	maxLines = 700
	maxWidth = 160 // of a line, in characters
	// A text of so many characters makes a test's line as long as it is: XML, a
	// sentence of a form, what a command is given.
	longText = 70
)

// listed is a package as `go list` tells it.
type listed struct {
	Dir, ImportPath, Name              string
	Standard                           bool
	GoFiles, TestGoFiles, XTestGoFiles []string
	Imports, TestImports, XTestImports []string
	Module                             *struct{ Path, Version, GoMod string }
}

// name is the package's path inside the project: "internal/org".
func (p listed) name() string { return strings.TrimPrefix(p.ImportPath, module+"/") }

// list asks the go command once for all packages and what they stand on.
var list = sync.OnceValues(func() (map[string]listed, error) {
	cmd := exec.Command(
		"go", "list", "-e", "-deps",
		"-json=Dir,ImportPath,Name,Standard,GoFiles,TestGoFiles,XTestGoFiles,Imports,TestImports,XTestImports,Module", "./...",
	)
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w: %s", err, &stderr)
	}
	all := map[string]listed{}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		switch err := d.Decode(&p); {
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return nil, fmt.Errorf("go list: %w", err)
		}
		all[p.ImportPath] = p
	}
})

// packages gives everything listed, and our own packages sorted by path.
func packages(t *testing.T) (all map[string]listed, ours []listed) {
	t.Helper()
	all, err := list()
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range slices.Sorted(maps.Keys(all)) {
		if isOurs(at) {
			ours = append(ours, all[at])
		}
	}
	if len(ours) < 5 {
		t.Fatalf("go list found %d packages of %s, want the whole tree", len(ours), module)
	}
	return all, ours
}

func isOurs(importPath string) bool { return strings.HasPrefix(importPath, module+"/") }

func TestWhoMayKnowWhom(t *testing.T) {
	t.Parallel()
	all, ours := packages(t)
	rules := readRules(t)
	for _, p := range ours {
		i := slices.IndexFunc(rules, func(r rule) bool { return slices.ContainsFunc(r.packages, matches(p.name())) })
		if i < 0 {
			t.Errorf("%s has no row in docs/architecture.md, Who may know whom", p.name())
			continue
		}
		for _, broken := range rules[i].broken(all, p) {
			t.Error(broken)
		}
	}
}

// TestRulesBite proves that the checks find what they are for.
func TestRulesBite(t *testing.T) {
	t.Parallel()
	r := rule{may: []string{"own root", "internal/platform/**", "data"}, never: []string{"net/http"}}
	all := map[string]listed{}
	for at, imports := range map[string][]string{
		"dean06/internal/org":             {"fmt"},
		"dean06/internal/org/orgweb":      {"net/http"},
		"dean06/internal/platform/clock":  {"time"},
		"dean06/internal/platform/hidden": {"net/http"},
		"dean06/internal/readiness":       {"fmt"},
		"dean06/data":                     {"embed"},
	} {
		all[at] = listed{ImportPath: at, Imports: imports}
	}
	tests := []struct {
		name          string
		imports, test []string
		want          int
	}{
		{name: "own root, platform, data", imports: []string{"dean06/internal/org", "dean06/internal/platform/clock", "dean06/data"}},
		{name: "standard library and others' modules", imports: []string{"database/sql", "github.com/google/uuid"}},
		{name: "another module", imports: []string{"dean06/internal/readiness"}, want: 1},
		{name: "a sibling", imports: []string{"dean06/internal/org/orgweb"}, want: 2},
		{name: "a sibling from a test", test: []string{"dean06/internal/org/orgweb"}},
		{name: "another module from a test", test: []string{"dean06/internal/readiness"}, want: 1},
		{name: "forbidden, directly", imports: []string{"net/http"}, want: 1},
		{name: "forbidden, through another", imports: []string{"dean06/internal/platform/hidden"}, want: 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := r.broken(all, listed{ImportPath: "dean06/internal/org/orgsql", Imports: tt.imports, TestImports: tt.test})
			if len(got) != tt.want {
				t.Errorf("broken = %q, want %d", got, tt.want)
			}
		})
	}
}

// rule is a row of the table in docs/architecture.md.
type rule struct{ packages, may, never []string }

// broken says what p does that the rule does not give.
func (r rule) broken(all map[string]listed, p listed) []string {
	own := home(p.name())
	var out []string
	check := func(imports []string, also ...string) {
		for _, at := range imports {
			name := strings.TrimPrefix(at, module+"/")
			if !isOurs(at) || at == p.ImportPath || (name == own && slices.Contains(r.may, "own root")) ||
				(strings.HasPrefix(name, own+"/") && slices.Contains(r.may, "own module")) {
				continue
			}
			if !slices.ContainsFunc(slices.Concat(r.may, also), matches(name)) {
				out = append(out, fmt.Sprintf("%s imports %s, which docs/architecture.md does not give it", p.name(), name))
			}
		}
	}
	check(p.Imports)
	also := []string{own + "/**", "data"}
	if strings.HasSuffix(p.name(), "node") { // every node has the country's agencies: its tests stand on them
		also = append(also, "internal/org/**")
	}
	check(slices.Concat(p.TestImports, p.XTestImports), also...)
	for _, never := range r.never {
		if way := reach(all, p, never, map[string]bool{}); way != "" {
			out = append(out, fmt.Sprintf("%s reaches %s: %s", p.name(), never, way))
		}
	}
	return out
}

// home is the folder of the module in which a package lies: "internal/org".
func home(name string) string {
	parts := strings.Split(name, "/")
	return strings.Join(parts[:min(2, len(parts))], "/")
}

// reach is the way from p to the import that must not be reached, through our
// own packages only; empty when there is none.
func reach(all map[string]listed, p listed, never string, seen map[string]bool) string {
	for _, at := range p.Imports {
		if at == never {
			return p.name() + " → " + at
		}
		if !isOurs(at) || seen[at] {
			continue
		}
		seen[at] = true
		if way := reach(all, all[at], never, seen); way != "" {
			return p.name() + " → " + way
		}
	}
	return ""
}

// matches tells whether name fits a pattern of the table.
func matches(name string) func(pattern string) bool {
	return func(pattern string) bool {
		if above, ok := strings.CutSuffix(pattern, "/**"); ok {
			return name == above || strings.HasPrefix(name, above+"/")
		}
		ok, err := path.Match(pattern, name)
		return ok && err == nil
	}
}

var quoted = regexp.MustCompile("`[^`]+`")

// readRules reads the table from the document.
func readRules(t *testing.T) []rule {
	t.Helper()
	_, text, _ := strings.Cut(read(t, "docs/architecture.md"), "<!-- who may know whom: begin")
	text, _, ok := strings.Cut(text, "<!-- who may know whom: end")
	if !ok {
		t.Fatal("docs/architecture.md: the marks around the table of who may know whom are gone")
	}
	var rules []rule
	for line := range strings.Lines(text) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) != 5 || !strings.Contains(cells[1], "`") {
			continue
		}
		r := rule{packages: names(cells[1]), may: names(cells[2]), never: names(cells[3])}
		if strings.HasPrefix(strings.TrimSpace(cells[2]), "own root") {
			r.may = append(r.may, "own root")
		}
		if strings.Contains(cells[2], "own module") {
			r.may = append(r.may, "own module")
		}
		rules = append(rules, r)
	}
	if len(rules) < 10 {
		t.Fatalf("docs/architecture.md: read %d rows of who may know whom, want the whole table", len(rules))
	}
	return rules
}

func names(cell string) []string {
	var out []string
	for _, q := range quoted.FindAllString(cell, -1) {
		out = append(out, strings.Trim(q, "`"))
	}
	return out
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestEachPackageHasOneDocComment(t *testing.T) {
	t.Parallel()
	_, ours := packages(t)
	for _, p := range ours {
		files := p.GoFiles
		if len(files) == 0 {
			files = slices.Concat(p.TestGoFiles, p.XTestGoFiles)
		}
		var with []string
		for _, file := range files {
			if strings.HasSuffix(file, "_templ.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, file), nil, parser.PackageClauseOnly|parser.ParseComments)
			if err != nil {
				t.Errorf("%s: %v", p.name(), err)
				continue
			}
			if f.Doc == nil {
				continue
			}
			with = append(with, file)
			begin := "Package " + f.Name.Name + " "
			if f.Name.Name == "main" {
				begin = "Command " + path.Base(p.ImportPath) + " "
			}
			if !strings.HasPrefix(f.Doc.Text(), begin) {
				t.Errorf("%s/%s: the doc comment does not begin with %q", p.name(), file, begin)
			}
		}
		if len(with) != 1 {
			t.Errorf("%s has doc comments in %q, want exactly one", p.name(), with)
		}
	}
}

func TestPackagesAreNamedAfterTheirSubject(t *testing.T) {
	t.Parallel()
	_, ours := packages(t)
	shapes := []string{"util", "utils", "common", "helper", "helpers", "model", "models", "misc", "shared", "types", "pkg"}
	for _, p := range ours {
		for part := range strings.SplitSeq(p.name(), "/") {
			if slices.Contains(shapes, part) {
				t.Errorf("%s: %q says what shape the code has, not what it is for", p.name(), part)
			}
		}
	}
}

func TestFilesAreReadableInOneSitting(t *testing.T) {
	t.Parallel()
	for _, at := range sources(t) {
		if n := strings.Count(read(t, at), "\n"); n > maxLines {
			t.Errorf("%s has %d lines, want at most %d", at, n, maxLines)
		}
	}
}

// sources are the files of Go and templ that people write, from the project's root.
func sources(t *testing.T) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(root, func(at string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && at != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules" || d.Name() == "testdata"):
			return filepath.SkipDir
		case d.IsDir(), strings.HasSuffix(at, "_templ.go"):
			return nil
		case strings.HasSuffix(at, ".go"), strings.HasSuffix(at, ".templ"):
			out = append(out, strings.TrimPrefix(at, root+"/"))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// writesRawCSV are the files that the program reads again, which have neither a byte order
// mark nor apostrophes before what looks like a formula.
var writesRawCSV = []string{
	"internal/population/export.go", "internal/population/people/csv.go", "internal/bench/population.go", "internal/cleaning/dirty.go",
	"internal/bench/cleaning.go", "internal/population/populationnode/clean.go",
}

// TestDataSaysWhereItIsFrom: each file of reference data, or the folder it lies in, is named with
// its source in SOURCES.md of data or of its own folder.
func TestDataSaysWhereItIsFrom(t *testing.T) {
	t.Parallel()
	const root = "../../data"
	known := ""
	for _, dir := range []string{"", "demo"} {
		raw, err := os.ReadFile(filepath.Join(root, dir, "SOURCES.md"))
		if err != nil {
			t.Fatal(err)
		}
		known += string(raw)
	}
	files := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".go") || d.Name() == "SOURCES.md" {
			return err
		}
		files++
		folder := filepath.ToSlash(strings.TrimPrefix(strings.TrimPrefix(filepath.Dir(path), root), "/"))
		whole := strings.Contains(known, "| "+folder+" |") || strings.Contains(known, "`"+strings.TrimPrefix(folder, "demo/")+"`")
		if !whole && !strings.Contains(known, d.Name()) {
			t.Errorf("data/%s/%s has no source", folder, d.Name())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 200 {
		t.Errorf("only %d files found", files)
	}
}

// TestOneWriterOfCSV: what people open in a spreadsheet is written by internal/platform/sheet.
func TestOneWriterOfCSV(t *testing.T) {
	t.Parallel()
	found := 0
	for _, at := range sources(t) {
		if strings.HasSuffix(at, "_test.go") || strings.HasPrefix(at, "internal/platform/sheet/") || strings.HasPrefix(at, "tools/") ||
			!strings.Contains(read(t, at), "csv.NewWriter(") {
			continue
		}
		if found++; !slices.Contains(writesRawCSV, at) {
			t.Errorf("%s writes CSV of its own: use sheet.NewCSV for what people open, or say here who reads it again", at)
		}
	}
	if found != len(writesRawCSV) {
		t.Errorf("%d files write CSV that is read again, %d are listed", found, len(writesRawCSV))
	}
}

func TestLinesAreReadableWithoutScrolling(t *testing.T) {
	t.Parallel()
	for _, at := range sources(t) {
		if !strings.HasSuffix(at, ".go") {
			continue
		}
		n := 0
		for line := range strings.Lines(read(t, at)) {
			n++
			width := utf8.RuneCountInString(strings.TrimRight(line, "\n"))
			if width <= maxWidth || strings.HasSuffix(at, "_test.go") &&
				slices.ContainsFunc(textInLine.FindAllString(line, -1), func(s string) bool { return utf8.RuneCountInString(s) > longText }) {
				continue
			}
			t.Errorf("%s:%d is %d characters wide, want at most %d: break it where a reader breathes", at, n, width, maxWidth)
		}
	}
}

var textInLine = regexp.MustCompile("`[^`]*`?|\"(?:[^\"\\\\]|\\\\.)*\"")

// The compiler would copy a component's whole markup to each page that shows it.
func TestComponentsAreNotCopied(t *testing.T) {
	t.Parallel()
	found := 0
	for _, at := range sources(t) {
		if path.Dir(at) != "internal/platform/ui" || !strings.HasSuffix(at, ".templ") {
			continue
		}
		before := ""
		for line := range strings.Lines(read(t, at)) {
			if name, ok := strings.CutPrefix(line, "templ "); ok && name[0] >= 'A' && name[0] <= 'Z' {
				if found++; before != "//go:noinline\n" {
					t.Errorf("%s: %s is not marked //go:noinline", at, strings.TrimSuffix(name, " {\n"))
				}
			}
			before = line
		}
	}
	if found == 0 {
		t.Error("no components found")
	}
}

func TestEveryDependencyHasAReason(t *testing.T) {
	t.Parallel()
	const record = "docs/adr/0002-dependencies.md"
	reasons := map[string]bool{}
	for line := range strings.Lines(read(t, record)) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 || !strings.HasPrefix(strings.TrimSpace(cells[1]), "`") {
			continue
		}
		name := strings.Trim(strings.TrimSpace(cells[1]), "`")
		if len(strings.TrimSpace(cells[2])) < 20 {
			t.Errorf("%s: %s has no reason beside it", record, name)
		}
		reasons[name] = true
	}
	direct := requirements(read(t, "go.mod"), false)
	for name := range direct {
		if !reasons[name] {
			t.Errorf("go.mod requires %s, which has no line in %s", name, record)
		}
	}
	for name := range reasons {
		if direct[name] == "" {
			t.Errorf("%s explains %s, which go.mod does not require directly", record, name)
		}
	}
}

// requirements are the modules that a go.mod requires, with their versions.
func requirements(gomod string, indirect bool) map[string]string {
	out := map[string]string{}
	in := false
	for s := bufio.NewScanner(strings.NewReader(gomod)); s.Scan(); {
		line := strings.TrimSpace(s.Text())
		single := strings.HasPrefix(line, "require ") && !strings.HasSuffix(line, "(")
		f := strings.Fields(strings.TrimPrefix(line, "require "))
		switch {
		case strings.HasPrefix(line, "require ("):
			in = true
		case line == ")":
			in = false
		case (in || single) && len(f) >= 2 && (indirect || !strings.HasSuffix(line, "// indirect")):
			out[f[0]] = f[1]
		}
	}
	return out
}

// modernc.org/libc is translated together with SQLite: another version compiles
// and then corrupts memory. A dependency that asks for a newer one raises it
// silently.
func TestSQLiteHasTheLibcItWasBuiltWith(t *testing.T) {
	t.Parallel()
	all, _ := packages(t)
	sqlite := all["modernc.org/sqlite"].Module
	if sqlite == nil {
		t.Fatal("modernc.org/sqlite is not among the dependencies")
	}
	theirs, err := os.ReadFile(sqlite.GoMod)
	if err != nil {
		t.Fatal(err)
	}
	const libc = "modernc.org/libc"
	got, want := requirements(read(t, "go.mod"), true)[libc], requirements(string(theirs), true)[libc]
	if got != want || want == "" {
		t.Errorf("%s is %q, want %q as in the go.mod of sqlite %s", libc, got, want, sqlite.Version)
	}
}
