package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dean06/internal/app"
)

// The commands that may begin a database, and those that open none.
var (
	mayBegin = []string{
		"serve", "demo", "account create", "population load", "readiness import", "bench exchange", "bench population", "bench dossier", "bench identity",
	}
	openNone = []string{
		"config check", "version", "gateway join", "population generate", "proof verify", "log check-archive", "population check-archive",
		"procedure lint", "procedure coverage", "clean link", "clean dedupe", "clean evaluate", "clean generate", "clean explain",
		"clean learn", "clean score", "clean join", "bench cleaning", "bench programme",
	}
	fromBuilt = []string{"org at", "org lineage"}
)

// arguments are what commands want beside a database.
func arguments(dir string) map[string][]string {
	out := filepath.Join(dir, "out")
	return map[string][]string{
		"backup": {"--out", out}, "jobs retry": {"1"}, "jobs give-up": {"1"},
		"readiness show":    {"--campaign", "488", "--agency", "H55"},
		"readiness figures": {"--campaign", "488"},
		"readiness report":  {"--campaign", "488", "--format", "docx", "--out", out},
		"readiness export":  {"--campaign", "488", "--agency", "H55", "--format", "docx", "--out", out},
		"population export": {"--request", "1", "--out", out}, "population request-export": {"--purpose", "Chuyển hệ thống"},
		"population search":   {"nguyen van thu"},
		"population match":    {"--number", "001090000001", "--name", "nguyen van thu"},
		"proof export":        {"--message", "1", "--out", out},
		"gateway certificate": {"--list"},
		"procedure search":    {"khai", "sinh"},
		"deadline":            {"--received", "2026-02-13 15:30", "--limit", "3 working_day"},
		"dossier list":        {"--purpose", "Kiểm tra"}, "dossier show": {"H55-20261121-0000001", "--purpose", "Kiểm tra"},
		"identity show":       {"019e0000-0000-7000-8000-000000000001", "--purpose", "Kiểm tra"},
		"identity client add": {"--file", filepath.Join(dir, "none.json")}, "identity client approve": {"dvc"},
		"identity client stop": {"dvc", "--purpose", "Hết thử nghiệm"},
		"org at":               {"2025-07-01"}, "org lineage": {"02", "--from", "2022-10-01", "--to", "2025-07-01"},
	}
}

// Every command that works on a node's data refuses a database that is not there, says
// so, and makes nothing.
func TestMissingDatabase(t *testing.T) {
	t.Parallel()
	asked := 0
	for name := range app.Commands() {
		if slices.Contains(mayBegin, name) || slices.Contains(openNone, name) {
			continue
		}
		asked++
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			file := filepath.Join(dir, "typo", "typo.db")
			args := append(strings.Fields(name), arguments(dir)[name]...)
			switch {
			case strings.Contains(help(strings.Fields(name)), "--db"):
				args = append(args, "--db", "sqlite:"+file)
			case strings.Contains(help(strings.Fields(name)), "--demo"):
				args = append(args, "--demo", "hub", "--data", dir)
			case strings.Contains(help(strings.Fields(name)), "--config"):
				conf := filepath.Join(t.TempDir(), "dean06.toml")
				keys := filepath.Join(dir, "key")
				text := fmt.Sprintf("[node]\nrole = \"authority\"\n[db]\nurl = \"sqlite:%s\"\n[population]\ndir = %q\n[identity]\ndir = %q\n", file, keys, keys)
				if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				args = append(args, "--config", conf)
			default:
				t.Fatal("it has no flag that names a database: to which list does it belong?")
			}
			var out, errw bytes.Buffer
			code := run(args, &out, &errw)
			switch want := slices.Contains(fromBuilt, name); {
			case want && (code != exitOK || out.Len() == 0):
				t.Errorf("exit %d, %q, want the built-in units: %s", code, &out, &errw)
			case !want && (code != exitFailed || errw.Len()+out.Len() == 0):
				t.Errorf("exit %d, %q, want 1 and why: %q", code, &out, &errw)
			case !want && slices.Contains(args, "--db") && !strings.Contains(errw.String(), file):
				t.Errorf("does not name the file: %s", &errw)
			}
			entries, err := os.ReadDir(dir)
			if err != nil || len(entries) > 0 {
				t.Errorf("made %v, %v", entries, err)
			}
		})
	}
	if asked < 14 {
		t.Errorf("only %d commands asked", asked)
	}
}
