package cleaning

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"
)

// TestMappingsOfTheNextFile holds that what is saved of a file reads the next one alike, and
// that headings with signs that nobody sees are found.
func TestMappingsOfTheNextFile(t *testing.T) {
	t.Parallel()
	const rows = "Nguyễn Văn An,12/31/1990,1,001190000001\nTrần Thị Bình,1/2/1985,0,001085000001\n"
	s := source(t, "Tên gọi  đầy đủ,Ngày sinh (mm/dd/yyyy),\"Giới tính (1: nữ, 0: nam)\",Số\n"+rows)
	l, err := LayoutOf(s, nil, false)
	if err != nil || !slices.Equal(l.Kinds, []Kind{Name, Birth, Sex, Number}) || !l.MonthFirst || !l.OneIsFemale {
		t.Fatalf("%v %+v", err, l)
	}
	raw, err := json.Marshal(MappingOf(l, l))
	if err != nil {
		t.Fatal(err)
	}
	m, err := ReadMapping(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
	next := source(t, "Số,Tên gọi đầy\u200b đủ,\"Giới tính (1: nữ, 0: nam)\",Ngày sinh (mm/dd/yyyy)\n001190000001,Nguyễn Văn An,1,12/31/1990\n")
	got, err := LayoutOf(next, &m, false)
	if err != nil || !slices.Equal(got.Kinds, []Kind{Number, Name, Sex, Birth}) || !got.MonthFirst || !got.OneIsFemale || got.ZeroIsFemale {
		t.Errorf("%v %+v", err, got)
	}
	if _, err := ReadMapping(bytes.NewReader([]byte(`{"columns":{"a":"name"},"women":"F"}`))); err == nil {
		t.Error("a code that is none is taken")
	}
}
