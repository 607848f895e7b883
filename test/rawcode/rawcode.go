// Package rawcode knows the words by which the program alone calls things: keys of
// messages, of values and of forms, states, rules, permissions. Tests look for them in
// pages and papers, where a person would stumble over them. The words are taken from the
// source and its data, so that a new one is looked for without any test being changed.
package rawcode

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"dean06/internal/platform/i18n"
)

// Words are what no person should read.
type Words struct {
	joined map[string]bool // of several words: in neither language
	spaces map[string]bool // with which keys and permissions begin
	single map[string]bool // of one word: English, so not in Vietnamese
}

var (
	// joinedShape is a code that is no word of any language: not_met, readiness.rule.all.
	joinedShape = regexp.MustCompile(`^[a-z][a-z0-9]*([._][a-z0-9]+)+$`)
	singleShape = regexp.MustCompile(`^[a-z]{4,}$`)
	fileName    = regexp.MustCompile(`\.(css|js|csv|json|toml|db|key|pem|sock|xlsx|docx|doc|xls|pdf|zip|png|svg|html|xml|txt|md|gov|vn)$`)
	demoFile    = regexp.MustCompile(`/internal/(demo|bench)/|/demo\w*\.go$`)
	argument    = regexp.MustCompile(`\{[a-z_]+[}|]`) // the name of an argument is said to nobody
	word        = regexp.MustCompile(`[\p{L}\p{N}]+`)
	quoted      = regexp.MustCompile("\"[^\"\\\\\n]*\"")
)

// Load reads the words of the source tree at root.
func Load(root string) (*Words, error) {
	w := &Words{joined: map[string]bool{}, spaces: map[string]bool{}, single: map[string]bool{}}
	said := map[string]bool{} // in Vietnamese texts, so no codes there
	err := filepath.WalkDir(filepath.Join(root, "internal"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		slashed := filepath.ToSlash(path)
		switch {
		case strings.HasSuffix(slashed, "_test.go"), strings.HasSuffix(slashed, "_templ.go"), strings.Contains(slashed, "/testdata/"),
			demoFile.MatchString(slashed): // what people of the demo are called
			return nil
		case strings.HasSuffix(slashed, ".go"):
			return w.source(path)
		case strings.HasSuffix(slashed, ".templ"):
			return w.templ(path)
		case strings.HasSuffix(slashed, "/messages/vi.json"):
			return w.messages(path, said)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	forms, err := filepath.Glob(filepath.Join(root, "data", "readiness", "*.json"))
	if err != nil {
		return nil, err
	}
	for _, path := range forms {
		if err := w.data(path, said); err != nil {
			return nil, err
		}
	}
	for s := range said {
		delete(w.single, s)
	}
	if len(w.joined) < 3000 || len(w.single) < 200 {
		return nil, fmt.Errorf("only %d and %d words found under %s: does the pattern still fit the source?", len(w.joined), len(w.single), root)
	}
	return w, nil
}

func (w *Words) add(text string) {
	if joinedShape.MatchString(text) && !fileName.MatchString(text) {
		w.joined[text] = true
	}
}

// source takes the quoted texts of a file, and the values of its enumerations.
func (w *Words) source(path string) error {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BasicLit:
			if text, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING {
				w.add(text)
			}
		case *ast.GenDecl:
			if n.Tok == token.CONST {
				w.values(n)
			}
		}
		return true
	})
	return nil
}

// values are those of constants that have a type of their own.
func (w *Words) values(decl *ast.GenDecl) {
	for _, spec := range decl.Specs {
		v := spec.(*ast.ValueSpec)
		if t, ok := v.Type.(*ast.Ident); !ok || t.Name == "string" {
			continue
		}
		for _, e := range v.Values {
			if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if text, err := strconv.Unquote(lit.Value); err == nil && singleShape.MatchString(text) {
					w.single[text] = true
				}
			}
		}
	}
}

func (w *Words) templ(path string) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for _, text := range quoted.FindAllString(string(raw), -1) {
		w.add(strings.Trim(text, `"`))
	}
	return nil
}

// messages takes the keys, and notes the words that people are told.
func (w *Words) messages(path string, said map[string]bool) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	texts := map[string]string{}
	if err := json.Unmarshal(raw, &texts); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for key, text := range texts {
		space, _, _ := strings.Cut(key, ".")
		w.joined[key], w.spaces[space] = true, true
		if !strings.HasPrefix(key, "api.") && !strings.HasPrefix(key, "readiness.template.wrong.") {
			note(said, text) // but for what is told to those who write programs and files
		}
	}
	return nil
}

func note(said map[string]bool, text string) {
	for _, s := range word.FindAllString(argument.ReplaceAllString(text, " "), -1) {
		said[s] = true
	}
}

// data takes the keys and values of a form, and notes the words of its Vietnamese texts.
func (w *Words) data(path string, said map[string]bool) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	for {
		t, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if text, ok := t.(string); ok {
			w.add(text)
			if len(text) > len([]rune(text)) {
				note(said, text)
			}
		}
	}
}

var (
	// shapes are codes by how they look: a message that is missing, an id, a value beside
	// its name, what Go writes for something that was not meant to be written.
	shapes = regexp.MustCompile(`\[[a-z]+\.[a-z0-9_.]+\]|\b[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b|` +
		`(?:^|[\s;])[a-z_]{2,}=[\p{L}\p{N}_]+|%!|\bmap\[|<nil>|\bNaN\b|\{[a-z_]+\}|\b0001-01-01\b|\b01/01/0001\b`)
	tokens = regexp.MustCompile(`[\p{L}\p{N}_@/-]+(?:\.[\p{L}\p{N}_@/-]+)*`)
)

// Find gives the codes in a text, each once.
func (w *Words) Find(lang i18n.Lang, text string) []string {
	var out []string
	add := func(s string) {
		if s = strings.TrimSpace(s); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	for _, s := range shapes.FindAllString(text, -1) {
		add(s)
	}
	for _, s := range tokens.FindAllString(shapes.ReplaceAllString(text, " "), -1) {
		space, _, _ := strings.Cut(s, ".")
		key := w.spaces[space] && joinedShape.MatchString(s) && !fileName.MatchString(s)
		if w.joined[s] || key || lang == i18n.Vi && w.single[s] {
			add(s)
		}
	}
	return out
}

// Paper is the text that a person reads in a file: Word with its edges and comments, the
// sheets of Excel that are in sight, and each file of a zip. A PDF is no business of it.
func Paper(raw []byte) (string, error) {
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return "", err
	}
	if slices.ContainsFunc(z.File, func(f *zip.File) bool { return f.Name == "xl/workbook.xml" }) {
		return workbook(raw)
	}
	var b strings.Builder
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			return "", err
		}
		part, err := io.ReadAll(in)
		_ = in.Close() // only read
		if err != nil {
			return "", err
		}
		text := ""
		switch {
		case strings.HasSuffix(f.Name, ".docx"), strings.HasSuffix(f.Name, ".xlsx"):
			text, err = Paper(part)
		case wordPart.MatchString(f.Name):
			text, err = wordText(part)
		}
		if err != nil {
			return "", fmt.Errorf("%s: %w", f.Name, err)
		}
		b.WriteString(text + "\n")
	}
	return b.String(), nil
}

var wordPart = regexp.MustCompile(`^word/(document|header\d*|footer\d*|comments|footnotes|endnotes)\.xml$`)

// wordText is the text of a part of a Word file. Hints that content controls show before
// anything is typed stand in it as text; their tags do not.
func wordText(part []byte) (string, error) {
	var b strings.Builder
	dec := xml.NewDecoder(bytes.NewReader(part))
	in := ""
	for {
		t, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return b.String(), nil
		}
		if err != nil {
			return "", err
		}
		switch x := t.(type) {
		case xml.StartElement:
			in = x.Name.Local
			for _, a := range x.Attr { // what a list of choices offers, and what a control and a picture are called
				if x.Name.Local == "listItem" && a.Name.Local == "displayText" || x.Name.Local == "alias" && a.Name.Local == "val" ||
					x.Name.Local == "docPr" && a.Name.Local == "descr" {
					b.WriteString(a.Value + "\n")
				}
			}
		case xml.CharData:
			if in == "t" || in == "delText" {
				b.Write(x)
			}
		case xml.EndElement:
			in = ""
			if x.Name.Local == "p" || x.Name.Local == "tab" || x.Name.Local == "br" {
				b.WriteByte('\n')
			}
		}
	}
}

func workbook(raw []byte) (string, error) {
	f, err := excelize.OpenReader(bytes.NewReader(raw))
	if err != nil {
		return "", err
	}
	defer f.Close()
	var b strings.Builder
	for _, sheet := range f.GetSheetList() {
		if seen, err := f.GetSheetVisible(sheet); err != nil || !seen {
			continue
		}
		b.WriteString(sheet + "\n")
		rows, err := f.GetRows(sheet)
		if err != nil {
			return "", err
		}
		for i, row := range rows {
			for j, cell := range row {
				column, err := excelize.ColumnNumberToName(j + 1)
				if err != nil {
					return "", err
				}
				if seen, err := f.GetColVisible(sheet, column); err != nil || !seen {
					continue
				}
				if seen, err := f.GetRowVisible(sheet, i+1); err != nil || !seen {
					continue
				}
				b.WriteString(cell + "\n")
			}
		}
		comments, err := f.GetComments(sheet)
		if err != nil {
			return "", err
		}
		for _, c := range comments {
			b.WriteString(c.Text + "\n")
		}
	}
	return b.String(), nil
}
