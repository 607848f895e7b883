package procedure

import (
	"encoding"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
)

// Manifest is the file that a package begins with.
const Manifest = "manifest.yaml"

// What a package may weigh: it is data that people read, and others may upload one.
const (
	maxFile  = 512 << 10
	maxFiles = 50
	maxDepth = 40
)

// Fault is what is wrong in a package, and where.
type Fault struct {
	File string // in the folder of the package
	Line int    // from 1; 0 when it is no line: the file is missing
	Rule string // a stable word: "unreachable_step"
	Args fault.Args
}

// Key is that of its message.
func (f Fault) Key() string { return "procedure.lint." + f.Rule }

// In is what it says in the language of the printer.
func (f Fault) In(p *i18n.Printer) string { return p.T(f.Key(), f.Args) }

// place is where something stands.
type place struct {
	file string
	line int
}

// source is a package as it was read, with the place of each of its parts.
type source struct {
	pkg    *Package
	at     map[string]place // by path: "process.steps[2].next[0].to"
	named  map[string]bool  // files that the manifest names
	faults []Fault
	fsys   fs.FS
	dir    string
}

// ReadPackage reads the package in a folder: its manifest and the files that this names.
// What is no package, or not written as one, are faults, and the package is then nil. It
// says nothing of whether the package makes sense; Lint does.
func ReadPackage(fsys fs.FS, dir string) (*Package, []Fault) {
	s := readSource(fsys, dir)
	if len(s.faults) > 0 {
		return nil, s.faults
	}
	return s.pkg, nil
}

func readSource(fsys fs.FS, dir string) *source {
	s := &source{pkg: &Package{}, at: map[string]place{}, named: map[string]bool{Manifest: true}, fsys: fsys, dir: dir}
	if root := s.parse(Manifest, place{file: Manifest}); root != nil {
		s.decode(root, reflect.ValueOf(s.pkg).Elem(), "", Manifest, 0)
	}
	if len(s.at) > 0 {
		s.readTemplates()
		s.findUnnamed()
	}
	return s
}

// readTemplates reads the papers of the results.
func (s *source) readTemplates() {
	for i := range s.pkg.Results {
		r := &s.pkg.Results[i]
		if r.Template == "" {
			continue
		}
		at := fmt.Sprintf("results[%d]", i)
		if root := s.open(r.Template, s.placeOf(at+".template")); root != nil {
			r.Paper = &Template{}
			s.decode(root, reflect.ValueOf(r.Paper).Elem(), at+".paper", r.Template, 1)
		}
	}
}

// findUnnamed reports what lies in the folder and is named nowhere: a part that somebody
// believes in force.
func (s *source) findUnnamed() {
	entries, err := fs.ReadDir(s.fsys, s.dir)
	if err != nil {
		return // that it is missing is said of the manifest
	}
	for _, e := range entries {
		if !s.named[e.Name()] {
			s.add(place{e.Name(), 1}, "file_not_named", fault.Args{"file": e.Name()})
		}
	}
}

func (s *source) add(at place, rule string, args fault.Args) {
	s.faults = append(s.faults, Fault{File: at.file, Line: at.line, Rule: rule, Args: args})
}

// placeOf is where a path stands, or the nearest part around it that stands anywhere.
func (s *source) placeOf(p string) place {
	for {
		if at, ok := s.at[p]; ok {
			return at
		}
		i := strings.LastIndexAny(p, ".[")
		if i < 0 {
			return place{Manifest, 1}
		}
		p = p[:i]
	}
}

// open reads a file that another names, once.
func (s *source) open(name string, from place) *yaml.Node {
	switch {
	case !fs.ValidPath(name) || strings.Contains(name, "/") || !strings.HasSuffix(name, ".yaml"):
		s.add(from, "file_name", fault.Args{"file": name})
		return nil
	case s.named[name]:
		s.add(from, "file_twice", fault.Args{"file": name})
		return nil
	case len(s.named) >= maxFiles:
		s.add(from, "too_large", fault.Args{"file": name})
		return nil
	}
	s.named[name] = true
	return s.parse(name, from)
}

var yamlLine = regexp.MustCompile(`line (\d+)`)

// parse reads a file as YAML; its one document must be a mapping or a list.
func (s *source) parse(name string, from place) *yaml.Node {
	raw, err := readLimited(s.fsys, path.Join(s.dir, name))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		s.add(from, "file_missing", fault.Args{"file": name})
		return nil
	case errors.Is(err, errTooLarge):
		s.add(place{name, 1}, "too_large", fault.Args{"file": name})
		return nil
	case err != nil:
		s.add(place{name, 1}, "not_readable", fault.Args{"file": name})
		return nil
	}
	dec := yaml.NewDecoder(strings.NewReader(string(raw)))
	var doc, second yaml.Node
	if err := dec.Decode(&doc); err != nil {
		s.add(place{name, lineOf(err)}, "not_yaml", fault.Args{"file": name})
		return nil
	}
	if err := dec.Decode(&second); !errors.Is(err, io.EOF) {
		s.add(place{name, max(second.Line, 1)}, "two_documents", fault.Args{"file": name})
		return nil
	}
	return doc.Content[0]
}

// lineOf is the line that an error of the reader names.
func lineOf(err error) int {
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		n, _ := strconv.Atoi(m[1])
		if strings.Contains(err.Error(), "did not find expected") {
			n++ // the parser counts from 0, the scanner from 1
		}
		return max(n, 1)
	}
	return 1
}

var errTooLarge = errors.New("file is larger than a package's may be")

func readLimited(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(raw) > maxFile {
		err = errTooLarge
	}
	return raw, err
}

var textType = reflect.TypeFor[encoding.TextUnmarshaler]()

// decode writes a node into a value of a package, strictly: what is not known, said twice,
// empty or of another type is a fault with its line.
func (s *source) decode(n *yaml.Node, v reflect.Value, at, file string, depth int) {
	here := place{file, n.Line}
	if _, ok := s.at[at]; !ok {
		s.at[at] = here
	}
	switch {
	case depth > maxDepth:
		s.add(here, "too_deep", nil)
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		s.add(here, "alias", nil)
	case n.ShortTag() == "!!null":
		s.add(here, "empty", fault.Args{"member": last(at)})
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		s.decode(n, v.Elem(), at, file, depth)
	case v.Addr().Type().Implements(textType):
		if n.Kind != yaml.ScalarNode || v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(n.Value)) != nil {
			s.wrongType(here, at, "day", n)
		}
	default:
		s.decodeKind(n, v, at, file, depth)
	}
}

func (s *source) decodeKind(n *yaml.Node, v reflect.Value, at, file string, depth int) {
	here, scalar := place{file, n.Line}, n.Kind == yaml.ScalarNode
	// A part of the package may stand in a file of its own.
	if depth == 1 && scalar && n.ShortTag() == "!!str" && (v.Kind() == reflect.Struct || v.Kind() == reflect.Slice) && strings.HasSuffix(n.Value, ".yaml") {
		if root := s.open(n.Value, here); root != nil {
			s.at[at] = place{n.Value, 1}
			s.decode(root, v, at, n.Value, depth+1)
		}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		s.decodeStruct(n, v, at, file, depth)
	case reflect.Slice:
		if n.Kind != yaml.SequenceNode {
			s.wrongType(here, at, "list", n)
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
		for i, c := range n.Content {
			s.decode(c, v.Index(i), at+"["+strconv.Itoa(i)+"]", file, depth+1)
		}
	case reflect.Map:
		s.decodeMap(n, v, at, file, depth)
	case reflect.String:
		if !scalar || n.ShortTag() != "!!str" {
			s.wrongType(here, at, "text", n)
			return
		}
		s.checkSigns(n, here)
		v.SetString(n.Value)
	case reflect.Bool:
		b, err := strconv.ParseBool(n.Value)
		if !scalar || n.ShortTag() != "!!bool" || err != nil {
			s.wrongType(here, at, "bool", n)
			return
		}
		v.SetBool(b)
	case reflect.Int, reflect.Int64:
		i, err := strconv.ParseInt(n.Value, 10, 64)
		if !scalar || n.ShortTag() != "!!int" || err != nil {
			s.wrongType(here, at, "number", n)
			return
		}
		v.SetInt(i)
	default:
		panic("procedure: a package has a member of kind " + v.Kind().String())
	}
}

func (s *source) decodeStruct(n *yaml.Node, v reflect.Value, at, file string, depth int) {
	if n.Kind != yaml.MappingNode {
		s.wrongType(place{file, n.Line}, at, "mapping", n)
		return
	}
	members := membersOf(v.Type())
	for key, value := range s.pairs(n, file) {
		i, ok := members[key.Value]
		if !ok {
			known := strings.Join(slices.Sorted(maps.Keys(members)), ", ")
			s.add(place{file, key.Line}, "unknown_member", fault.Args{"member": key.Value, "known": known})
			continue
		}
		child := join(at, key.Value)
		s.at[child] = place{file, key.Line}
		s.decode(value, v.Field(i), child, file, depth+1)
	}
}

func (s *source) decodeMap(n *yaml.Node, v reflect.Value, at, file string, depth int) {
	if n.Kind != yaml.MappingNode {
		s.wrongType(place{file, n.Line}, at, "mapping", n)
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	for key, value := range s.pairs(n, file) {
		child := join(at, "<"+key.Value+">")
		s.at[child] = place{file, key.Line}
		e := reflect.New(v.Type().Elem()).Elem()
		s.decode(value, e, child, file, depth+1)
		v.SetMapIndex(reflect.ValueOf(key.Value), e)
	}
}

// pairs are the members of a mapping; one that is said twice is a fault, and is given once.
func (s *source) pairs(n *yaml.Node, file string) func(func(key, value *yaml.Node) bool) {
	return func(yield func(key, value *yaml.Node) bool) {
		seen := map[string]int{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			switch {
			case key.Kind != yaml.ScalarNode || key.Value == "<<":
				s.add(place{file, key.Line}, "alias", nil)
				continue
			case seen[key.Value] > 0:
				s.add(place{file, key.Line}, "member_twice", fault.Args{"member": key.Value, "first": seen[key.Value]})
				continue
			}
			seen[key.Value] = key.Line
			s.checkSigns(key, place{file, key.Line})
			if !yield(key, n.Content[i+1]) {
				return
			}
		}
	}
}

func (s *source) wrongType(here place, at, want string, n *yaml.Node) {
	member := last(at)
	if at == "" {
		member = here.file // the manifest as a whole
	}
	s.add(here, "wrong_type_"+want, fault.Args{"member": member, "value": shorten(n.Value)})
}

// checkSigns reports signs that nobody sees, and letters that are taken apart: what looks
// like a name and is none.
func (s *source) checkSigns(n *yaml.Node, here place) {
	line := 0
	for _, r := range n.Value {
		if r == '\n' {
			line++
			continue
		}
		if isHidden(r) {
			at := here
			if n.Style == yaml.LiteralStyle {
				at.line += line + 1
			}
			s.add(at, "invisible_sign", fault.Args{"sign": fmt.Sprintf("U+%04X", r), "text": shorten(visible(n.Value))})
			return
		}
	}
}

func isHidden(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Mn, unicode.Zl, unicode.Zp) || unicode.Is(unicode.Zs, r) && r != ' ' ||
		r == unicode.ReplacementChar
}

func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsGraphic(r) && !unicode.In(r, unicode.Mn) && (!unicode.Is(unicode.Zs, r) || r == ' ') {
			return r
		}
		return '·'
	}, s)
}

func shorten(s string) string {
	s = strings.ReplaceAll(s, "\n", " ")
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}

// membersOf are the fields of a struct by the names that they have in a package.
func membersOf(t reflect.Type) map[string]int {
	members := map[string]int{}
	for i := range t.NumField() {
		if name, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ","); name != "-" && name != "" {
			members[name] = i
		}
	}
	return members
}

func join(at, member string) string {
	if at == "" {
		return member
	}
	return at + "." + member
}

// last is the end of a path, as somebody finds it in a file: "when" of "papers[2].when".
func last(at string) string {
	if i := strings.LastIndexByte(at, '.'); i >= 0 {
		at = at[i+1:]
	}
	if name, _, ok := strings.Cut(at, "["); ok {
		return name
	}
	return strings.Trim(at, "<>")
}
