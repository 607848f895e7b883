package config

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"dean06/internal/platform/editdistance"
	"dean06/internal/platform/fault"
)

// envPrefix begins the name of every environment variable that we read.
const envPrefix = "DEAN06_"

// Load reads the file (none when path is empty), then the environment
// ("KEY=value"), then the flags (by key: "http.addr"), and checks the whole. With
// problems the configuration is not to be used.
func Load(shape Shape, path string, environ []string, flags map[string]string) (Config, []Problem) {
	l := load(shape, path, environ, flags)
	if len(l.problems) == 0 { // rules about values that were not understood would mislead
		l.check()
	}
	return *l.cfg, l.problems
}

// Try is Load that goes on: it holds the settings against what they name, with try and
// with what the sections bring, and says everything that is wrong at once. Without try
// nothing is connected to, looked at or listened on.
func Try(ctx context.Context, shape Shape, path string, environ []string, flags map[string]string, try func(context.Context, Config, *Check)) []Problem {
	l := load(shape, path, environ, flags)
	if l.unread {
		return l.problems
	}
	l.checkRest()
	if try == nil {
		return l.problems
	}
	c := &Check{l: l, ctx: ctx}
	try(ctx, *l.cfg, c)
	for _, section := range shape.Sections {
		if section.Try != nil {
			section.Try(l.cfg.Sections[section.Name], c)
		}
	}
	return l.problems
}

// checkRest checks the values that were understood, although others were not.
func (l *loader) checkRest() {
	bad := map[string]bool{}
	for _, p := range l.problems {
		bad[p.Key] = true
	}
	before := len(l.problems)
	l.check()
	l.checkProxies()
	found := slices.DeleteFunc(slices.Clone(l.problems[before:]), func(p Problem) bool { return p.Key != "" && bad[p.Key] })
	l.problems = append(l.problems[:before], found...)
}

func load(shape Shape, path string, environ []string, flags map[string]string) *loader {
	cfg := Default(shape.Sections...)
	l := &loader{cfg: &cfg, shape: shape, from: map[string]origin{}, fields: map[string]reflect.Value{}}
	l.collect("", reflect.ValueOf(&cfg).Elem())
	for name, section := range cfg.Sections {
		l.collect(name+".", reflect.ValueOf(section).Elem())
	}
	if path != "" {
		l.file(path)
	}
	l.environ(environ)
	for _, key := range slices.Sorted(mapKeys(flags)) {
		l.text(origin{source: "--" + key}, key, flags[key])
	}
	return l
}

func mapKeys[V any](m map[string]V) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// origin is where a value came from.
type origin struct {
	source string
	line   int
}

type loader struct {
	cfg      *Config
	shape    Shape
	fields   map[string]reflect.Value // by key
	from     map[string]origin
	problems []Problem
	unread   bool // the file itself
}

// collect finds the settings below a struct.
func (l *loader) collect(prefix string, v reflect.Value) {
	for i := range v.NumField() {
		tag := v.Type().Field(i).Tag.Get("toml")
		if tag == "-" {
			continue
		}
		key := prefix + tag
		if f := v.Field(i); f.Kind() == reflect.Struct {
			l.collect(key+".", f)
		} else {
			l.fields[key] = f
		}
	}
}

// problem adds a problem with "config.<what>"; the source is where the key was set.
func (l *loader) problem(key, what string, args fault.Args) {
	o := l.from[key]
	l.problems = append(l.problems, Problem{Source: o.source, Line: o.line, Key: key, Fault: fault.New(fault.Invalid, "config."+what, args)})
}

func (l *loader) file(path string) {
	at := func(line int, what string, args fault.Args) {
		l.unread = l.unread || strings.HasPrefix(what, "file.")
		l.problems = append(l.problems, Problem{Source: path, Line: line, Fault: fault.New(fault.Invalid, "config."+what, args)})
	}
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		at(0, "file.missing", nil)
		return
	}
	if err != nil {
		at(0, "file.unreadable", fault.Args{"error": err.Error()})
		return
	}
	var tree map[string]any
	if err := toml.Unmarshal(raw, &tree); err != nil {
		var de *toml.DecodeError
		if errors.As(err, &de) {
			line, _ := de.Position()
			at(line, "file.syntax", fault.Args{"error": de.Error()})
			return
		}
		at(0, "file.syntax", fault.Args{"error": err.Error()})
		return
	}
	l.tree(path, linesOf(raw), "", tree)
}

// linesOf finds the line of each table and key; text has been understood before.
func linesOf(text []byte) map[string]int {
	lines, table := map[string]int{}, ""
	var p unstable.Parser
	p.Reset(text)
	for p.NextExpression() {
		e := p.Expression()
		line := 0
		var parts []string
		for k := e.Key(); k.Next(); {
			if line == 0 {
				line = p.Shape(k.Node().Raw).Start.Line
			}
			parts = append(parts, string(k.Node().Data))
		}
		name := strings.Join(parts, ".")
		if e.Kind != unstable.KeyValue {
			table = name + "."
		} else {
			name = table + name
		}
		lines[name] = line
	}
	return lines
}

// tree walks what the file holds, in order of lines.
func (l *loader) tree(path string, lines map[string]int, prefix string, tree map[string]any) {
	keys := slices.Collect(mapKeys(tree))
	slices.SortFunc(keys, func(a, b string) int { return lines[prefix+a] - lines[prefix+b] })
	for _, name := range keys {
		key := prefix + name
		sub, isTable := tree[name].(map[string]any)
		field, known := l.fields[key]
		o := origin{path, lines[key]}
		switch {
		case known:
			l.from[key] = o
			if !assign(field, tree[name]) {
				l.problem(key, "type."+kindOf(field), fault.Args{"value": fmt.Sprint(tree[name])})
			}
		case isTable && l.isTable(key):
			l.tree(path, lines, key+".", sub)
		default:
			l.unknown(o, key)
		}
	}
}

func (l *loader) isTable(key string) bool {
	for k := range l.fields {
		if strings.HasPrefix(k, key+".") {
			return true
		}
	}
	return false
}

func (l *loader) unknown(o origin, key string) {
	l.from[key] = o
	if near := nearest(key, slices.Collect(mapKeys(l.fields))); near != "" {
		l.problem(key, "unknown_near", fault.Args{"near": near})
		return
	}
	l.problem(key, "unknown", nil)
}

func (l *loader) environ(environ []string) {
	byEnv := map[string]string{}
	for key := range l.fields {
		byEnv[envPrefix+strings.ToUpper(strings.ReplaceAll(key, ".", "_"))] = key
	}
	sorted := slices.Sorted(slices.Values(environ))
	for _, kv := range sorted {
		name, value, _ := strings.Cut(kv, "=")
		if !strings.HasPrefix(name, envPrefix) {
			continue
		}
		if key, ok := byEnv[name]; ok {
			l.text(origin{source: name}, key, value)
			continue
		}
		near := nearest(name, slices.Collect(mapKeys(byEnv)))
		what, args := "unknown", fault.Args(nil)
		if near != "" {
			what, args = "unknown_near", fault.Args{"near": near}
		}
		l.problems = append(l.problems, Problem{Source: name, Line: 0, Key: "", Fault: fault.New(fault.Invalid, "config."+what, args)})
	}
}

// text sets a value that came as text: from the environment or a flag.
func (l *loader) text(o origin, key, value string) {
	field, ok := l.fields[key]
	if !ok {
		l.unknown(o, key)
		return
	}
	l.from[key] = o
	var v any = value
	switch field.Kind() {
	case reflect.Bool:
		v, _ = strconv.ParseBool(value)
		if _, err := strconv.ParseBool(value); err != nil {
			v = value
		}
	case reflect.Int:
		if n, err := strconv.ParseInt(value, 10, 64); err == nil {
			v = n
		}
	case reflect.Slice:
		list := []any{}
		for part := range strings.SplitSeq(value, ",") {
			if part = strings.TrimSpace(part); part != "" {
				list = append(list, part)
			}
		}
		v = list
	}
	if !assign(field, v) {
		l.problem(key, "type."+kindOf(field), fault.Args{"value": value})
	}
}

var durationType = reflect.TypeFor[time.Duration]()

// assign puts a TOML value into a field; false when the type does not fit.
func assign(field reflect.Value, v any) bool {
	switch x := v.(type) {
	case string:
		if field.Type() == durationType {
			d, err := time.ParseDuration(x)
			field.SetInt(int64(d))
			return err == nil
		}
		if field.Kind() != reflect.String {
			return false
		}
		field.SetString(x)
		return true
	case bool:
		if field.Kind() != reflect.Bool {
			return false
		}
		field.SetBool(x)
		return true
	case int64:
		if field.Kind() != reflect.Int || field.Type() == durationType {
			return false
		}
		field.SetInt(x)
		return true
	case []any:
		if field.Kind() != reflect.Slice {
			return false
		}
		list := make([]string, len(x))
		for i, e := range x {
			s, ok := e.(string)
			if !ok {
				return false
			}
			list[i] = s
		}
		field.Set(reflect.ValueOf(list))
		return true
	}
	return false
}

func kindOf(field reflect.Value) string {
	switch {
	case field.Type() == durationType:
		return "duration"
	case field.Kind() == reflect.Bool:
		return "bool"
	case field.Kind() == reflect.Int:
		return "int"
	case field.Kind() == reflect.Slice:
		return "list"
	}
	return "text"
}

// nearest finds the name that was probably meant: at most a third of it is wrong.
func nearest(name string, names []string) string {
	best, least := "", len(name)/3+1
	slices.Sort(names)
	for _, n := range names {
		if d := editdistance.Within(least, name, n); d < least {
			best, least = n, d
		}
	}
	return best
}
