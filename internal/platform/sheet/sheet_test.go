package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"dean06/internal/platform/clock"
)

func TestEscapeIsReversible(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(
			rapid.String(),
			rapid.SampledFrom([]string{"_x0041_", "_x005F_x0041_", "a\r\nb", "\x00\x1f\ufffe\uffff", "__x0041_", "_x"}),
		).Draw(t, "text")
		if got := unescape(escape(s)); got != s {
			t.Fatalf("%q comes back as %q", s, got)
		}
	})
}

func TestColumnNamesAndRefs(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 16384; n++ {
		if c, r, ok := parseRef([]byte(Ref(n, 7))); c != n || r != 7 || !ok {
			t.Fatalf("column %d: %s is read as %d, %d, %v", n, Ref(n, 7), c, r, ok)
		}
	}
	for _, s := range []string{"", "A", "7", "XFE1", "A0", "A1048577", "a1", "AAAA1", "A1B"} {
		if c, r, ok := parseRef([]byte(s)); ok {
			t.Errorf("%q is read as %d, %d", s, c, r)
		}
	}
}

func TestDaysOfExcel(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		serial float64
		from04 bool
		want   string
	}{
		{44693, false, "2022-05-12"},
		{61, false, "1900-03-01"},
		{44693.75, false, "2022-05-12"},
		{43231, true, "2022-05-12"},
		{2958465, false, "9999-12-31"},
	} {
		if got, ok := DayOf(c.serial, c.from04); !ok || got.String() != c.want {
			t.Errorf("DayOf(%v, %v) = %s, %v, want %s", c.serial, c.from04, got, ok, c.want)
		}
	}
	for _, serial := range []float64{-1, 0, 60, 2958466, 1e300} {
		if got, ok := DayOf(serial, false); ok {
			t.Errorf("DayOf(%v) = %s, want none", serial, got)
		}
	}
}

func TestFormatsThatShowADay(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]bool{
		"dd/mm/yyyy": true, "[$-42A]mmmm yyyy": true, "yyyy": true, `"day" 0`: false, "0.00": false, "[Red]0": false,
		`#,##0\ "đồng"`: false, "@": false, "General": false, `0\d`: false,
	} {
		if got := showsDay(code); got != want {
			t.Errorf("showsDay(%q) = %v, want %v", code, got, want)
		}
	}
}

// book saves what excelize made and reads it back.
func book(t *testing.T, fill func(f *excelize.File) error) *Book {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	if err := fill(f); err != nil {
		t.Fatal(err)
	}
	var raw bytes.Buffer
	if err := f.Write(&raw); err != nil {
		t.Fatal(err)
	}
	b, err := Open(bytes.NewReader(raw.Bytes()), int64(raw.Len()), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestOpenReadsTheKindsOfCells(t *testing.T) {
	t.Parallel()
	b := book(t, func(f *excelize.File) error {
		day, err := f.NewStyle(&excelize.Style{NumFmt: 14})
		own := "dd/mm/yyyy"
		mine, errOwn := f.NewStyle(&excelize.Style{CustomNumFmt: &own})
		_, errSheet := f.NewSheet("Ẩn")
		return errors.Join(err, errOwn, errSheet,
			f.SetCellStr("Sheet1", "A1", "=1+1"), f.SetCellValue("Sheet1", "B1", 1240), f.SetCellValue("Sheet1", "C1", 0.5),
			f.SetCellBool("Sheet1", "D1", true), f.SetCellValue("Sheet1", "E1", 44693), f.SetCellStyle("Sheet1", "E1", "E1", day),
			f.SetCellValue("Sheet1", "F1", 44693), f.SetCellStyle("Sheet1", "F1", "F1", mine),
			f.SetCellFormula("Sheet1", "A3", "1+1"), f.SetCellStr("Sheet1", "B3", "a\nb <&> _x0041_"),
			f.SetSheetVisible("Ẩn", false),
		)
	})
	want := &Book{Sheets: []Sheet{{Name: "Sheet1", Rows: []Row{
		{Number: 1, Cells: []Cell{
			{Column: 1, Text: "=1+1"},
			{Column: 2, Kind: Number, Text: "1240"},
			{Column: 3, Kind: Number, Text: "0.5"},
			{Column: 4, Kind: Bool, Text: "TRUE"},
			{Column: 5, Kind: Day, Text: "12/05/2022", Date: clock.MustDate("2022-05-12")},
			{Column: 6, Kind: Day, Text: "12/05/2022", Date: clock.MustDate("2022-05-12")},
		}},
		{Number: 3, Cells: []Cell{{Column: 1, Formula: true}, {Column: 2, Text: "a\nb <&> A"}}}, // excelize leaves _x0041_ as it is, and Excel reads it as A
	}}, {Name: "Ẩn", Hidden: true}}}
	for i := range b.Sheets[0].Rows[1].Cells {
		b.Sheets[0].Rows[1].Cells[i].Kind = Text // a formula without a value has no kind
	}
	if diff := cmp.Diff(want, b, cmpopts.EquateComparable(clock.Date{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestMouldNeverMakesFormulas(t *testing.T) {
	t.Parallel()
	f := excelize.NewFile()
	defer f.Close()
	styles, err := NewStyles(f)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(
		f.SetCellStr("Sheet1", "A1", "Tên"), f.SetCellStyle("Sheet1", "B1", "D1", styles.Answer), f.SetRowHeight("Sheet1", 1, 17),
	); err != nil {
		t.Fatal(err)
	}
	m, err := NewMould(f, "Sheet1")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(
			rapid.String(),
			rapid.SampledFrom([]string{"=1+1", "=cmd|'/c calc'!A1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "]]><f>1</f>", "a\r\nb"}),
		).Draw(t, "text")
		raw, err := m.Fill(map[string]map[string]Value{"Sheet1": {"B1": String(s), "C1": Int(-7)}})
		if err != nil {
			t.Fatal(err)
		}
		b, err := Open(bytes.NewReader(raw), int64(len(raw)), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		got := b.Sheets[0].Rows[0]
		if c := got.At(2); c.Text != s || c.Formula || c.Kind != Text {
			t.Fatalf("%q comes back as %+v", s, c)
		}
		if c := got.At(3); c.Text != "-7" || c.Kind != Number {
			t.Fatalf("-7 comes back as %+v", c)
		}
		// excelize is the second opinion.
		x, err := excelize.OpenReader(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		defer x.Close()
		if formula, err := x.GetCellFormula("Sheet1", "B1"); err != nil || formula != "" {
			t.Fatalf("%q became the formula %q (%v)", s, formula, err)
		}
	})
	raw, err := m.Fill(map[string]map[string]Value{"Sheet1": {"B1": String(strings.Repeat("dài ", 100))}})
	if err != nil {
		t.Fatal(err)
	}
	x, err := excelize.OpenReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	if h, err := x.GetRowHeight("Sheet1", 1); err != nil || h < 100 {
		t.Errorf("the row of a long text is %v points high (%v)", h, err)
	}
}

func TestMouldLosesNothingSilently(t *testing.T) {
	t.Parallel()
	f := excelize.NewFile()
	defer f.Close()
	m, err := NewMould(f, "Sheet1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Fill(map[string]map[string]Value{"Sheet1": {"B1": String("x")}}); err == nil {
		t.Error("a value without a cell is accepted")
	}
}

func TestCSVComputesNothing(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"": "", "abc": "abc", "-12": "-12", "1.240": "1.240", "Đã đáp ứng": "Đã đáp ứng",
		"=1+1": "'=1+1", "+84 900": "'+84 900", "-1+1": "'-1+1", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t=1", "\r=1": "'\r=1",
		"  =1": "'  =1", "＝1": "'＝1", "-": "'-", "- a": "'- a",
	} {
		if got := CSVCell(in); got != want {
			t.Errorf("CSVCell(%q) = %q, want %q", in, got, want)
		}
	}
	var out bytes.Buffer
	c, err := NewCSV(&out)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.Write("Tỉnh", `a,"b"`, "=1"), c.Flush()); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), "\ufeffTỉnh,\"a,\"\"b\"\"\",'=1\r\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPullRefusesWhatIsNoDocument(t *testing.T) {
	t.Parallel()
	for _, doc := range []string{
		"<a>", "</a>", "<a></b>", "<a", "<a b='>", "x<a/>", "<a/>x", "<!DOCTYPE a><a/>", "<a>&e;</a>", "<a>&#0;</a>",
		"<a>&#x110000;</a>", "<a>&", "<a>\xff</a>",
		"<a><![CDATA[x</a>", "<!-- <a/>", "<?x <a/>", "<>", "<a <b/></a>", strings.Repeat("<a>", 70),
	} {
		p := newPull([]byte(doc))
		for p.next() {
		}
		if p.err == nil {
			t.Errorf("%q is read without an error", doc)
		}
	}
}

func TestPullReadsText(t *testing.T) {
	t.Parallel()
	p := newPull([]byte("\xef\xbb\xbf<?xml version='1.0'?><!-- x --><a:b c:d = '1 &amp; 2' e=\"&#x41;>\">x&lt;\r\ny<![CDATA[<z>]]><f/></a:b>"))
	var got []string
	for p.next() {
		switch p.kind {
		case startTag:
			got = append(got, fmt.Sprintf("<%s d=%q e=%q>", p.name, p.attr("d"), p.attr("e")))
		case endTag:
			got = append(got, fmt.Sprintf("</%s>", p.name))
		case charData:
			got = append(got, string(p.data))
		}
	}
	want := []string{`<b d="1 & 2" e="A>">`, "x<\ny", "<z>", `<f d="" e="">`, "</f>", "</b>"}
	if diff := cmp.Diff(want, got); diff != "" || p.err != nil {
		t.Errorf("(-want +got):\n%s\n%v", diff, p.err)
	}
}

func TestLimitsHold(t *testing.T) {
	t.Parallel()
	f := excelize.NewFile()
	defer f.Close()
	for i := 1; i <= 50; i++ {
		if err := f.SetCellStr("Sheet1", Ref(1, i), strings.Repeat("x", 100)); err != nil {
			t.Fatal(err)
		}
	}
	var raw bytes.Buffer
	if err := f.Write(&raw); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		lim  Limits
		want Reason
	}{
		"archive": {Limits{Archive: 100}, TooLarge}, "content": {Limits{Content: 1000}, Bomb}, "entries": {Limits{Entries: 2}, Bomb},
		"cells": {Limits{Cells: 49}, Bomb}, "text": {Limits{Text: 4999}, Bomb},
	} {
		_, err := Open(bytes.NewReader(raw.Bytes()), int64(raw.Len()), c.lim)
		var r *Refusal
		if !errors.As(err, &r) || r.Reason != c.want {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
}

// TestUnpackingStopsAtTheLimit holds for an archive that lies about its sizes.
func TestUnpackingStopsAtTheLimit(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	w, err := z.Create("[Content_Types].xml")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, "spreadsheetml"+strings.Repeat(" ", 3<<20)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	raw := out.Bytes()
	i := bytes.LastIndex(raw, []byte("PK\x01\x02"))
	copy(raw[i+24:], []byte{10, 0, 0, 0}) // the unpacked size in the directory: 10 bytes
	_, err = Open(bytes.NewReader(raw), int64(len(raw)), Limits{Content: 1 << 20})
	var r *Refusal
	if !errors.As(err, &r) || r.Reason != Bomb && r.Reason != Damaged {
		t.Errorf("got %v", err)
	}
}
