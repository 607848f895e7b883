package app

import (
	"encoding/json"
	"go/scanner"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// built are beginnings of keys whose rest is a value that stands in no text of the
// source: an action, a permission, a state. What is not in this list and in no
// text is a message that nobody reads.
var built = map[string]string{
	"act.":                   "actions of the log, by name",
	"api.scope.population:":  "scopes of tokens",
	"approval.kind.":         "kinds of requests that wait for a second person",
	"clean.ground.":          "why a file that was cleaned was deleted",
	"config.dossier_":        "what the check of [dossier] finds",
	"config.identity_":       "what the check of [identity] finds",
	"demo.node.":             "nodes of the demo",
	"org.archipelago.":       "Label.Key of data/map/archipelagos.csv",
	"job.":                   "kinds of jobs",
	"population.told.bound.": "notices of old that people still have: the register bound accounts itself",
	"populationapi.service.": "codes of services",
	"cleaningapi.service.":   "codes of services",
	"populationclient.away.": "what is told by internal/xroad/ask",
	"cleaningclient.away.":   "what is told by internal/xroad/ask",
	"procedure.language.":    "languages in which a package's text is missing",
	"procedure.unit.":        "deadline.Unit",
	"readiness.figure.":      "figures that claims name",
	"readiness.role.":        "roles",
	"readiness.severity.":    "readiness.Severity",
	"role.":                  "roles",
	"upload.type.":           "upload.Type",
	"upload.active.":         "what acts in a file, of upload.Inspect",
	"exchangeweb.gw.nav.":    "pages of a gateway",
}

// noMessages look like keys and are none.
var noMessages = map[string]string{
	"exchange.doctor":    "a permission of the command line",
	"exchange.reload":    "a kind of jobs",
	"gateway.example":    "a name of the tests' gateway",
	"exchange.entry.no_": "a beginning: what a member may not do",
	"population.change":  "a topic of events",
	"log.witness":        "a kind of alarms",
	"dossier.program":    "the role of the program itself",
	"identity.program":   "the role of the program itself",
	"identity.holder":    "the role of a holder",
}

// source is the quoted texts of the program: text to the folders where it stands.
var source = sync.OnceValues(func() (map[string][]string, error) {
	texts := map[string][]string{}
	add := func(quoted, path string) {
		if s, err := strconv.Unquote(quoted); err == nil && !slices.Contains(texts[s], filepath.Dir(path)) {
			texts[s] = append(texts[s], filepath.Dir(path))
		}
	}
	for _, root := range []string{"../../internal", "../../cmd"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "_templ.go") {
				return err
			}
			ext := filepath.Ext(path)
			if ext != ".go" && ext != ".templ" {
				return nil
			}
			raw, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			if ext == ".templ" {
				for _, quoted := range quotedInTempl.FindAllString(string(raw), -1) {
					add(quoted, path)
				}
				return nil
			}
			var s scanner.Scanner
			files := token.NewFileSet()
			s.Init(files.AddFile(path, -1, len(raw)), raw, nil, 0)
			for _, tok, text := s.Scan(); tok != token.EOF; _, tok, text = s.Scan() {
				if tok == token.STRING {
					add(text, path)
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return texts, nil
})

var (
	quotedInTempl = regexp.MustCompile(`"(?:[^"\\\n]|\\.)*"`)
	keyShape      = regexp.MustCompile(`^[a-z][a-z_0-9]*(?:\.[a-z_0-9]+)+$`)
	settingTag    = regexp.MustCompile(`toml:"([a-z0-9_]+)`)
	fileName      = regexp.MustCompile(`\.(?:css|js|csv|json|db|key|sock|xlsx|docx|pdf|zip|toml)$`)
)

func quoted(t *testing.T) map[string][]string {
	t.Helper()
	texts, err := source()
	if err != nil {
		t.Fatal(err)
	}
	if len(texts) < 5000 {
		t.Fatalf("only %d texts found in the source", len(texts))
	}
	return texts
}

// Every text of the source that begins as keys of the catalogue do is a key, so that
// nobody ever reads one. What is not: the end of a key that something is put before
// (an action of the log, what a page says under its own name); the beginning of one;
// a permission, whose own messages exist; a setting; the name of a file.
func TestEveryKeyHasItsText(t *testing.T) {
	t.Parallel()
	keys := messageFolders(t)
	spaces, starts, ends := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for key := range keys {
		space, _, _ := strings.Cut(key, ".")
		spaces[space] = true
		for i := range key {
			if key[i] == '.' {
				starts[key[:i]], ends[key[i+1:]] = true, true
			}
		}
	}
	texts := quoted(t)
	settings := map[string]bool{}
	for text := range texts {
		for _, m := range settingTag.FindAllStringSubmatch(text, -1) {
			settings[m[1]] = true
		}
	}
	seen := 0
	for _, text := range slices.Sorted(maps.Keys(texts)) {
		space, rest, _ := strings.Cut(text, ".")
		if !spaces[space] || !keyShape.MatchString(text) {
			continue
		}
		seen++
		switch {
		case keys[text] != "", starts[text], ends[text], keys[space+".denied."+rest] != "":
		case settings[text[strings.LastIndexByte(text, '.')+1:]], fileName.MatchString(text), noMessages[text] != "":
		default:
			t.Errorf("%q looks like a message and has no text (in %s)", text, strings.Join(texts[text], ", "))
		}
	}
	if seen < 1500 {
		t.Errorf("only %d keys found: does the pattern still fit the source?", seen)
	}
}

// unjoined are packages whose messages no node shows: they join them themselves.
var unjoined = map[string]bool{
	"../../internal/demo":  true,
	"../../internal/bench": true,
	// TODO(#7): no module brings them, so that a node shows their keys.
	"../../internal/citizen": true,
}

// A node's catalogue holds the messages of every package that has some.
func TestCatalogueHoldsEveryBundle(t *testing.T) {
	t.Parallel()
	catalogue, err := Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	missing := map[string]string{}
	for key, dir := range messageFolders(t) {
		if !catalogue.Has(key) {
			missing[dir] = key
		}
	}
	for dir, key := range missing {
		if unjoined[dir] {
			continue
		}
		t.Errorf("%s: %s and perhaps others are not in the catalogue", dir, key)
	}
}

// Every message of the catalogue is read by somebody: its key stands in the source,
// whole, in two parts, or as a beginning of at least two words after which a value
// follows.
func TestEveryTextIsUsed(t *testing.T) {
	t.Parallel()
	texts := quoted(t)
	needed := map[string]bool{}
	for key, dir := range messageFolders(t) {
		switch start := builtFrom(key); {
		case texts[key] != nil || inParts(texts, key, dir):
		case start != "":
			needed[start] = true
		default:
			t.Errorf("%s (in %s): no text of the source names it, and it is built from nothing that is listed", key, dir)
		}
	}
	for start, what := range built {
		if !needed[start] {
			t.Errorf("%q (%s) is listed and nothing needs it", start, what)
		}
	}
}

// messageFolders gives each key with the folder of the package whose message it is.
func messageFolders(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir("../../internal", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(filepath.ToSlash(path), "/messages/vi.json") {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		keys := map[string]string{}
		if err := json.Unmarshal(raw, &keys); err != nil {
			return err
		}
		for key := range keys {
			all[key] = filepath.Dir(filepath.Dir(path))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// builtFrom is the longest listed beginning of a key. A permission's messages are
// built from its module's name.
func builtFrom(key string) string {
	best := ""
	for start := range built {
		if strings.HasPrefix(key, start) && len(start) > len(best) {
			best = start
		}
	}
	return best
}

var permission = regexp.MustCompile(`^[a-z]+\.(?:denied|may)\.[a-z_.]+$`)

// inParts says that a package, or one below it, holds the key in parts.
func inParts(texts map[string][]string, key, dir string) bool {
	if permission.MatchString(key) {
		return true // platform/permit's own test holds them against the tables
	}
	near := func(text string) bool {
		return slices.ContainsFunc(texts[text], func(at string) bool { return at == dir || strings.HasPrefix(at, dir+"/") })
	}
	for i := range key {
		if key[i] != '.' && key[i] != '_' {
			continue
		}
		start, end := key[:i+1], key[i+1:]
		switch {
		case near(start) && (near(end) || strings.Count(start, ".") > 1), near(key[:i]) && (near(key[i:]) || near(end)):
			return true
		case near(start):
			for j := range end {
				if (end[j] == '.' || end[j] == '_') && (near(end[:j+1]) || near(end[:j]) && near(end[j:])) {
					return true
				}
			}
		}
	}
	return false
}
