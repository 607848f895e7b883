package app

import (
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/pelletier/go-toml/v2"

	"dean06/internal/platform/config"
	"dean06/internal/platform/i18n"
)

const example = "../../docs/config.example.toml"

// TestExampleIsTheDefaultAndComplete holds the documentation against the settings of
// the node and of all modules.
func TestExampleIsTheDefaultAndComplete(t *testing.T) {
	t.Parallel()
	catalogue, err := Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	got, problems := config.Load(Shape(), example, nil, nil)
	for _, p := range problems {
		t.Error(p.Text(catalogue.In(i18n.En)))
	}
	want := config.Default(Shape().Sections...)
	want.Node.Accent = "board"
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("-default +example\n%s", diff)
	}
	raw, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	var tree map[string]any
	if err := toml.Unmarshal(raw, &tree); err != nil {
		t.Fatal(err)
	}
	keys := settings("", reflect.TypeOf(want))
	for name, section := range want.Sections {
		keys = append(keys, settings(name+".", reflect.TypeOf(section).Elem())...)
	}
	if have := slices.Sorted(maps.Keys(flat("", tree))); !cmp.Equal(slices.Sorted(slices.Values(keys)), have) {
		t.Errorf("-settings +example\n%s", cmp.Diff(slices.Sorted(slices.Values(keys)), have))
	}
}

// settings lists the keys below a struct.
func settings(prefix string, typ reflect.Type) []string {
	var keys []string
	for i := range typ.NumField() {
		f := typ.Field(i)
		switch tag := f.Tag.Get("toml"); {
		case tag == "-":
		case f.Type.Kind() == reflect.Struct:
			keys = append(keys, settings(prefix+tag+".", f.Type)...)
		default:
			keys = append(keys, prefix+tag)
		}
	}
	return keys
}

// flat lists the keys below a table.
func flat(prefix string, tree map[string]any) map[string]bool {
	out := map[string]bool{}
	for k, v := range tree {
		if sub, ok := v.(map[string]any); ok {
			maps.Copy(out, flat(prefix+k+".", sub))
			continue
		}
		out[strings.TrimSuffix(prefix+k, ".")] = true
	}
	return out
}
