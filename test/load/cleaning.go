package main

import (
	"compress/gzip"
	"context"
	_ "embed"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"dean06/internal/bench"
	"dean06/internal/cleaning"
)

//go:embed splink/run.py
var splinkModels []byte

// splinkPackages are what the peer is made of.
var splinkPackages = []string{"splink==5.0.0", "duckdb==2.0.1"}

// cleaning measures data cleaning, and Splink on DuckDB on the same files in turn.
func (l *load) cleaning(ctx context.Context) error {
	program, err := l.program(ctx)
	if err != nil {
		return err
	}
	python, script, missing := l.splink(ctx)
	for size := range strings.SplitSeq(l.dirtySizes, ",") {
		rows, people, ok := strings.Cut(size, "x")
		n, err1 := strconv.Atoi(rows)
		of, err2 := strconv.Atoi(people)
		if !ok || err1 != nil || err2 != nil {
			return fmt.Errorf("-files: %q, want ROWSxPEOPLE", size)
		}
		c := bench.Cleaning{Program: program, Rows: n, People: of, Seed: 1, Dir: l.dir}
		if missing == "" {
			c.Peer = func(ctx context.Context, rows, people, truth string) (bench.Section, error) {
				return bench.Splink(ctx, python, script, "people", rows, people, truth)
			}
		}
		got, err := c.Run(ctx)
		if err != nil {
			return err
		}
		for _, s := range got.Sections {
			l.cleaned(s, size)
		}
	}
	if missing != "" {
		l.add(row{what: "Splink on the same files", value: "not installed", note: missing})
	}
	if l.linkage == "" {
		l.add(row{what: "FEBRL 4, fake_1000, historical_50k", value: "not measured", note: "-linkage names the folder of these sets"})
		return nil
	}
	return l.labelled(ctx, program, python, script, missing)
}

func (l *load) cleaned(s bench.Section, size string) {
	target := "recall ≥ 0.990 at precision ≥ 0.9999"
	if s.Name == "clean_country" && size == "300000x1000000" {
		target = "below 5 s"
	} else if s.Name == "clean_country" && size == "1500000x5000000" {
		target = "below 25 s, below 3 GB"
	}
	v := s.Values
	note := fmt.Sprintf("CPU %.1f s, %.0f MB, recall %.4f, F1 %.5f", v["cpu_seconds"], v["memory_mb"], v["recall"], v["f1"])
	if p, ok := v["precision"]; ok {
		note += fmt.Sprintf(", precision %.6f (%.0f wrong, estimated %.2g)", p, v["wrong"], v["estimated_error"])
	} else {
		note += fmt.Sprintf(" (recall at precision ≥ 0.9999, the second two bits away; %.4f without)", v["recall_without_margin"])
		target = ""
	}
	l.add(row{what: s.Name + ", " + size, target: target, value: fmt.Sprintf("**%.1f s**", v["seconds"]), note: note})
}

// splink installs the peer; missing says why there is none.
func (l *load) splink(ctx context.Context) (python, script, missing string) {
	script = filepath.Join(l.dir, "models.py")
	if err := os.WriteFile(script, splinkModels, 0o600); err != nil {
		return "", "", err.Error()
	}
	if l.python != "" {
		return l.python, script, ""
	}
	at, err := exec.LookPath("python3")
	if err != nil {
		return "", "", "python3 is not installed"
	}
	dir := filepath.Join(l.dir, "python")
	if said, err := exec.CommandContext(ctx, at, "-m", "venv", dir).CombinedOutput(); err != nil {
		return "", "", fmt.Sprintf("python3 -m venv: %v: %.200s", err, said)
	}
	python = filepath.Join(dir, "bin", "python")
	pip := exec.CommandContext(ctx, python, append([]string{"-m", "pip", "install", "--quiet"}, splinkPackages...)...)
	if said, err := pip.CombinedOutput(); err != nil {
		return "", "", fmt.Sprintf("pip install: %v: %.200s", err, said)
	}
	return python, script, ""
}

// set is a public set with its truth.
type set struct {
	name     string
	files    []string
	mapping  map[string]cleaning.Kind
	link     bool
	truth    func(row map[string]string) string
	splinkOf string
}

// sets are the public ones. Nothing of the engine was tuned on febrl_dataset1 to 3.
var sets = []set{
	{
		name: "FEBRL 4", files: []string{"febrl_dataset4a.csv", "febrl_dataset4b.csv"}, link: true, splinkOf: "febrl4", mapping: febrl,
		truth: func(r map[string]string) string { return strings.Replace(r["rec_id"], "org", "dup-0", 1) },
	},
	{name: "FEBRL 1", files: []string{"febrl_dataset1.csv"}, mapping: febrl, truth: febrlCluster},
	{name: "FEBRL 2", files: []string{"febrl_dataset2.csv"}, mapping: febrl, truth: febrlCluster},
	{name: "FEBRL 3", files: []string{"febrl_dataset3.csv"}, mapping: febrl, truth: febrlCluster},
	{
		name: "fake_1000", files: []string{"splink_fake_1000.csv"}, splinkOf: "fake_1000",
		mapping: map[string]cleaning.Kind{
			"unique_id": cleaning.ID, "first_name": cleaning.Text, "surname": cleaning.Text, "dob": cleaning.Birth, "city": cleaning.Text, "email": cleaning.Text,
		},
		truth: func(r map[string]string) string { return r["cluster"] },
	},
	{
		name: "historical_50k", files: []string{"splink_historical_50k.csv.gz"}, splinkOf: "historical_50k",
		mapping: map[string]cleaning.Kind{
			"unique_id": cleaning.ID, "first_name": cleaning.Text, "surname": cleaning.Text, "dob": cleaning.Birth, "birth_place": cleaning.Text,
			"postcode_fake": cleaning.Text, "occupation": cleaning.Category,
		},
		truth: func(r map[string]string) string { return r["cluster"] },
	},
}

var febrl = map[string]cleaning.Kind{
	"rec_id": cleaning.ID, "given_name": cleaning.Text, "surname": cleaning.Text, "street_number": cleaning.Code, "address_1": cleaning.Text,
	"address_2": cleaning.Text, "suburb": cleaning.Text, "postcode": cleaning.Code, "state": cleaning.Category, "date_of_birth": cleaning.Birth,
	"soc_sec_id": cleaning.Code,
}

func febrlCluster(r map[string]string) string {
	id, _, _ := strings.Cut(strings.TrimPrefix(r["rec_id"], "rec-"), "-")
	return id
}

// labelled measures the public sets.
func (l *load) labelled(ctx context.Context, program, python, script, missing string) error {
	for _, s := range sets {
		e, files, err := l.set(ctx, program, s)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		f1, note := e.F1, fmt.Sprintf("precision %.4f, recall %.4f", e.Precision, e.Recall)
		if e.Suggested != nil {
			f1 = e.Suggested.F1
			note = fmt.Sprintf("with suggestions; without: precision %.4f, recall %.4f", e.Precision, e.Recall)
		}
		if s.splinkOf != "" && missing == "" {
			peer, err := bench.Splink(ctx, python, script, s.splinkOf, files...)
			if err != nil {
				return err
			}
			note += fmt.Sprintf("; Splink by its own example %.4f, the best of all its thresholds", peer.Values["f1"])
		}
		l.add(row{what: s.name, target: "F1 not below Splink's", value: fmt.Sprintf("**F1 %.4f**", f1), note: note})
	}
	return nil
}

// set runs the program on a set.
func (l *load) set(ctx context.Context, program string, s set) (e cleaning.Evaluation, files []string, err error) {
	at := func(name string) string { return filepath.Join(l.dir, name) }
	for _, f := range s.files {
		plain := at(strings.TrimSuffix(f, ".gz"))
		if err := unpack(filepath.Join(l.linkage, f), plain); err != nil {
			return e, nil, err
		}
		files = append(files, plain)
	}
	mapping, err := json.Marshal(cleaning.Mapping{Columns: s.mapping})
	if err == nil {
		err = errors.Join(os.WriteFile(at("mapping.json"), mapping, 0o600), truth(files[0], at("truth.csv"), s))
	}
	if err != nil {
		return e, files, err
	}
	args := []string{"clean", "dedupe", files[0]}
	if s.link {
		args = []string{"clean", "link", files[0], "--against", files[1]}
	}
	for _, a := range [][]string{
		append(args, "--mapping", at("mapping.json"), "--out", at("result.csv")), {"clean", "evaluate", at("result.csv"), "--truth", at("truth.csv"), "--json"},
	} {
		said, err := exec.CommandContext(ctx, program, a...).Output()
		if err != nil {
			return e, files, fmt.Errorf("%s: %w", strings.Join(a[:2], " "), err)
		}
		if a[1] == "evaluate" {
			return e, files, json.Unmarshal(said, &e)
		}
	}
	return e, files, nil
}

// unpack copies a file, without the space that FEBRL puts behind commas.
func unpack(from, to string) error {
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	var in io.Reader = f
	if strings.HasSuffix(from, ".gz") {
		if in, err = gzip.NewReader(f); err != nil {
			return err
		}
	}
	text, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	if strings.Contains(from, "febrl") {
		text = []byte(strings.ReplaceAll(string(text), ", ", ","))
	}
	return os.WriteFile(to, text, 0o600)
}

// truth writes the truth of a set.
func truth(file, to string, s set) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return err
	}
	column := "cluster"
	if s.link {
		column = "number"
	}
	var b strings.Builder
	b.WriteString("row," + column + "\n")
	for i, line := range lines[1:] {
		r := map[string]string{}
		for k, h := range lines[0] {
			r[h] = line[k]
		}
		fmt.Fprintf(&b, "%d,%s\n", i+1, s.truth(r))
	}
	return os.WriteFile(to, []byte(b.String()), 0o600)
}
