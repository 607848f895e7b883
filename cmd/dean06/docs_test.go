package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// documents are those that tell people what to type.
func documents(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, pattern := range []string{"../../README*.md", "../../docs/*.md", "../../docs/*.toml", "../../CONTRIBUTING.md"} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: %v, %v", pattern, names, err)
		}
		for _, name := range names {
			raw, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			texts[name] = string(raw)
		}
	}
	return texts
}

var (
	codeInText   = regexp.MustCompile("`[^`\n]+`")
	commandWords = regexp.MustCompile(`\bdean06((?: [a-z][a-z-]+)*)([^#]*)`)
	flagInText   = regexp.MustCompile(`--([a-z][a-z-]*)`)
	settingName  = regexp.MustCompile("`([a-z][a-z0-9]*)\\.([a-z0-9_.]+)`")
)

// shown are the lines of code of a document: fenced, set in, or between marks.
func shown(text string) []string {
	var out []string
	fenced := false
	for line := range strings.Lines(text) {
		switch {
		case strings.HasPrefix(strings.TrimSpace(line), "```"):
			fenced = !fenced
		case fenced:
			out = append(out, line)
		default:
			for _, code := range codeInText.FindAllString(line, -1) {
				out = append(out, strings.Trim(code, "`"))
			}
		}
	}
	return out
}

// helped is what commands have said of themselves, by their words: some are asked often.
var helped sync.Map

// help is what a command says of itself, "" when there is no such command.
func help(words []string) string {
	name := strings.Join(words, " ")
	if said, asked := helped.Load(name); asked {
		return fmt.Sprint(said)
	}
	var out, errs bytes.Buffer
	if run(append(slices.Clone(words), "--help"), &out, &errs) != exitOK {
		out.Reset()
	}
	helped.Store(name, out.String())
	return out.String()
}

// Every command and flag that a document shows is one that the program has.
func TestDocumentsShowCommandsThatExist(t *testing.T) {
	t.Parallel()
	seen := 0
	for name, text := range documents(t) {
		for _, line := range shown(text) {
			m := commandWords.FindStringSubmatch(line)
			if m == nil || m[1] == "" || strings.Contains(line, "Description=") {
				continue
			}
			seen++
			// What follows the last sub-command may be an argument: "org at today".
			words := strings.Fields(m[1])
			said := help(words)
			for said == "" && len(words) > 1 {
				words = words[:len(words)-1]
				said = help(words)
			}
			if said == "" {
				t.Errorf("%s: there is no command dean06 %s: %s", filepath.Base(name), words[0], line)
				continue
			}
			for _, flag := range flagInText.FindAllStringSubmatch(m[2], -1) {
				if !regexp.MustCompile(`--(?:\[no-\])?` + flag[1] + `\b`).MatchString(said) {
					t.Errorf("%s: dean06 %s has no flag --%s: %s", filepath.Base(name), strings.Join(words, " "), flag[1], line)
				}
			}
		}
	}
	if seen < 30 {
		t.Errorf("only %d commands found in the documents: does the pattern still fit them?", seen)
	}
}

// Every setting that a document names stands in docs/config.example.toml, which a test
// of its own holds against the program.
func TestDocumentsNameSettingsThatExist(t *testing.T) {
	t.Parallel()
	texts := documents(t)
	sections, settings := map[string]bool{}, map[string]bool{}
	section := ""
	assignment := regexp.MustCompile(`^#? ?([a-z0-9_.]+) = `)
	for line := range strings.Lines(texts["../../docs/config.example.toml"]) {
		line = strings.TrimSpace(line)
		if rest, ok := strings.CutPrefix(strings.TrimPrefix(line, "# "), "["); ok {
			section, _, _ = strings.Cut(rest, "]")
			top, _, _ := strings.Cut(section, ".")
			sections[top] = true
			settings[section] = true
		} else if m := assignment.FindStringSubmatch(line); m != nil {
			settings[section+"."+m[1]] = true
		}
	}
	seen := 0
	for name, text := range texts {
		for _, m := range settingName.FindAllStringSubmatch(text, -1) {
			if !sections[m[1]] || slices.Contains([]string{"go", "json", "key"}, m[2]) { // the names of files
				continue
			}
			seen++
			if !settings[m[1]+"."+m[2]] {
				t.Errorf("%s: there is no setting %s.%s", filepath.Base(name), m[1], m[2])
			}
		}
	}
	if seen < 10 {
		t.Errorf("only %d settings found in the documents: does the pattern still fit them?", seen)
	}
}
