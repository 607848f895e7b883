package population_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"pgregory.net/rapid"

	"dean06/internal/citizen"
	"dean06/internal/population"
)

func sample(t testing.TB, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "load", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// wantCounts checks that each line is accounted for.
func wantCounts(t *testing.T, got population.LoadReport, lines, loaded, bad, notRead int) {
	t.Helper()
	if got.Lines != lines || got.Loaded != loaded || got.Bad != bad || got.NotRead != notRead {
		t.Errorf("lines %d, loaded %d, bad %d, not read %d; want %d, %d, %d, %d; bad rows %+v",
			got.Lines, got.Loaded, got.Bad, got.NotRead, lines, loaded, bad, notRead, got.BadRows)
	}
}

func badLines(got population.LoadReport) []int {
	var out []int
	for _, b := range got.BadRows {
		out = append(out, b.Line)
	}
	return out
}

// TestForgottenQuote: a quote that is never closed takes its own line along and no other.
func TestForgottenQuote(t *testing.T) {
	t.Parallel()
	r, _ := village()
	got := load(t, r, sample(t, "csv_unclosed_quote.csv"))
	wantCounts(t, got, 200, 199, 1, 0)
	if len(got.BadRows) != 1 || got.BadRows[0].Line != 4 || got.BadRows[0].Key != "population.load.unclosed" || got.BadRows[0].Column != "permanent_detail" {
		t.Errorf("bad rows = %+v", got.BadRows)
	}
}

// TestSwallowedRow: a cell over two lines takes in the row between. Both lines are bad, and
// nobody's data comes to another.
func TestSwallowedRow(t *testing.T) {
	t.Parallel()
	r, m := village()
	got := load(t, r, sample(t, "csv_swallowed_row.csv"))
	wantCounts(t, got, 6, 4, 2, 0)
	if lines := badLines(got); !slices.Equal(lines, []int{4, 5}) {
		t.Errorf("bad lines %v, want 4 and 5", lines)
	}
	for _, p := range m.sorted() {
		if strings.Contains(p.Permanent.Detail, "904") || strings.Contains(p.Name, "904") {
			t.Errorf("%s has data of another", p.Name)
		}
	}
}

// written is a file of three people, and one whose row is bad, as programs write it.
const written = "number,name,birth,sex,permanent_detail\n001191910211,Trần Thị Thử,1991-01-16,2,\"Số 5, tổ \"\"Hai\"\"\"\n" +
	"001191910212,Trần Thị Mẫu,1991-01-17,2,\n001191910213,Trần Thị Sai,1991-01-32,2,\n001191910214,Trần Thị Đủ,1991-01-18,2,Ngõ 7\n"

func inUTF16(text string, big, mark bool) string {
	var b bytes.Buffer
	if mark {
		text = "\ufeff" + text
	}
	for _, u := range utf16.Encode([]rune(text)) {
		if big {
			b.WriteByte(byte(u >> 8))
		}
		b.WriteByte(byte(u))
		if !big {
			b.WriteByte(byte(u >> 8))
		}
	}
	return b.String()
}

// separated writes the cells of a file with another separator, each in quotes where all is.
func separated(text string, separator rune, all bool) string {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		panic(err)
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Comma = separator
	if !all {
		_ = w.WriteAll(rows)
		return b.String()
	}
	for _, row := range rows {
		for i, cell := range row {
			if i > 0 {
				b.WriteRune(separator)
			}
			b.WriteString(`"` + strings.ReplaceAll(cell, `"`, `""`) + `"`)
		}
		b.WriteString("\r\n")
	}
	return b.String()
}

// TestHowFilesAreWritten: separators, encodings and ends of lines of the programs that people use.
func TestHowFilesAreWritten(t *testing.T) {
	t.Parallel()
	crlf := strings.ReplaceAll(written, "\n", "\r\n")
	for name, text := range map[string]string{
		"as it is":             written,
		"semicolons":           separated(written, ';', false),
		"tabs":                 separated(written, '\t', false),
		"bars":                 separated(written, '|', false),
		"all in quotes":        separated(written, ',', true),
		"quotes, semicolons":   separated(written, ';', true),
		"CR LF":                crlf,
		"CR alone":             strings.ReplaceAll(written, "\n", "\r"),
		"no end of the last":   strings.TrimSuffix(written, "\n"),
		"UTF-8 with mark":      "\ufeff" + written,
		"mark twice":           "\ufeff\ufeff" + written,
		"UTF-16 LE":            inUTF16(crlf, false, true),
		"UTF-16 BE":            inUTF16(crlf, true, true),
		"UTF-16 LE, no mark":   inUTF16(crlf, false, false),
		"UTF-16 BE, no mark":   inUTF16(crlf, true, false),
		"UTF-16 with tabs":     inUTF16(separated(written, '\t', false), false, true),
		"UTF-16, CR alone":     inUTF16(strings.ReplaceAll(written, "\n", "\r"), false, true),
		"names the separator":  "sep=;\n" + separated(written, ';', false),
		"empty lines at first": "\n\n" + written,
		"names of columns":     strings.Replace(written, "number,name,birth,sex,permanent_detail", " Number , NAME,Birth,\"sex\",permanent detail", 1),
		"columns without name": strings.ReplaceAll(written, "\n", ",,\n"),
		"more at the end":      strings.Replace(written, "2,Ngõ 7\n", "2,Ngõ 7,,\n", 1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, m := village()
			got := load(t, r, text)
			wantCounts(t, got, 4, 3, 1, 0)
			for number, detail := range map[string]string{"001191910211": `Số 5, tổ "Hai"`, "001191910214": "Ngõ 7"} {
				if p := m.persons[citizen.MustNumber(number)]; p.Permanent.Detail != detail {
					t.Errorf("%s lives at %q, want %q", number, p.Permanent.Detail, detail)
				}
			}
		})
	}
}

// TestNoFileOfText: what is no text is refused by its name.
func TestNoFileOfText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"PK\x03\x04rest of a workbook":        ":load.workbook",
		"PK\x05\x06an empty archive":          ":load.packed",
		"BZh91AY&SY":                          ":load.packed",
		"\x28\xb5\x2f\xfdZstandard":           ":load.packed",
		inUTF16("<html><table>", false, true): ":load.page",
		"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":    ":load.workbook",
		"%PDF-1.7\n":                          ":load.pdf",
		"\x1f\x8b\x08\x00":                    ":load.packed",
		"\xff\xfe\x00\x00n\x00\x00\x00":       ":load.utf32",
		"<html><table><tr><td>number</td>":    ":load.page",
		"\xef\xbb\xbf<?xml version=\"1.0\"?>": ":load.page",
		"\xef\xbb\xbf":                        ":load.header",
		"\n\n\n":                              ":load.header",
	} {
		r, m := village()
		before := len(m.persons)
		got, err := r.Load(t.Context(), strings.NewReader(text), population.LoadOptions{Actor: manager})
		if faults(err) != want || got.Loaded != 0 || len(m.persons) != before {
			t.Errorf("%q: %v, %+v; want %s", text, err, got, want)
		}
	}
	// A text that is no file of persons: its lines are counted, and none was read.
	r, _ := village()
	got, err := r.Load(t.Context(), strings.NewReader("a,b\n1,2\n3,4\n5,6"), population.LoadOptions{Actor: manager})
	if faults(err) != ":load.column" {
		t.Errorf("got %v", err)
	}
	wantCounts(t, got, 3, 0, 0, 3)
}

// TestLinesOfOneRow: what is wrong with a line as a whole.
func TestLinesOfOneRow(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                     "population.load.blank",
		" \t":                                  "population.load.blank",
		",,,":                                  "population.load.blank",
		"001191910211,A,1991":                  "population.load.cells",
		"001191910211,A,1991,2,x":              "population.load.cells",
		"001191910211,\"A,1991,2":              "population.load.unclosed",
		"001191910211,\"A\"\"B,1991,2":         "population.load.unclosed",
		"001191910211,A \"B\",1991,2":          "population.load.csv",
		"001191910211,\"A\"B,1991,2":           "population.load.csv",
		"001191910211,A\x07,1991,2":            "population.load.control",
		"001191910211,A\rB,1991,2":             "population.load.control",
		"001191910211,A\u0085B,1991,2":         "population.load.control",
		"001191910211,A\x7f,1991,2":            "population.load.control",
		"001191910211,A\ufffd,1991,2":          "population.load.lost",
		"001191910211,A\xff,1991,2":            "population.load.utf8",
		"1.09E+11,A,1991,2":                    "population.load.amount",
		"\"1,09119E+11\",A,1991,2":             "population.load.amount",
		"1191910211,A,1991,2":                  "population.load.zeros",
		"01191910211,A,1991,2":                 "population.load.zeros",
		"001191910211,A,33253,2":               "population.load.serial_day",
		strings.Repeat("x", 1<<20) + ",A,1991": "population.load.long",
		strings.Repeat("x", 5<<20):             "population.load.long",
	} {
		r, _ := village()
		got := load(t, r, "number,name,birth,sex\n001191910299,Trước,1991,2\n"+text+"\n001191910298,Sau,1991,2\n")
		wantCounts(t, got, 3, 2, 1, 0)
		if len(got.BadRows) != 1 || got.BadRows[0].Key != want || got.BadRows[0].Line != 3 {
			t.Errorf("%.40q: %+v, want %s", text, got.BadRows, want)
		}
	}
}

// TestAnyBytes: whatever a file holds, each of its lines is loaded, or bad, or not read,
// and a person has the name and the address that their own line gives.
func TestAnyBytes(t *testing.T) {
	t.Parallel()
	junk := []string{"\"", ",", ";", "\t", "\r", "\n", "\r\n", "\x00", "\x07", "\xff", "\u200b", "\ufeff", "\"\"", ",\"", "\",", "E+11", "0", "\u2028", "'"}
	rapid.Check(t, func(rt *rapid.T) {
		var b strings.Builder
		b.WriteString("number,name,birth,sex,permanent_detail\n")
		n := rapid.IntRange(0, 30).Draw(rt, "people")
		for i := range n {
			detail := fmt.Sprintf("Nhà %d", i)
			if rapid.Bool().Draw(rt, "quoted") {
				detail = `"` + detail + `, tổ 7"`
			}
			fmt.Fprintf(&b, "00119191%04d,Người số %d,1991-01-16,2,%s\n", i+1, i, detail)
		}
		text := b.String()
		header := strings.IndexByte(text, '\n') + 1
		for range rapid.IntRange(0, 8).Draw(rt, "damages") {
			at := rapid.IntRange(header, len(text)).Draw(rt, "at")
			switch rapid.IntRange(0, 2).Draw(rt, "damage") {
			case 0:
				text = text[:at] + rapid.SampledFrom(junk).Draw(rt, "junk") + text[at:]
			case 1:
				text = text[:at] + string(rapid.SliceOfN(rapid.Byte(), 0, 20).Draw(rt, "bytes")) + text[at:]
			default:
				end := min(len(text), at+rapid.IntRange(1, 30).Draw(rt, "lost"))
				text = text[:at] + text[end:]
			}
		}
		r, m := village()
		before := len(m.persons)
		got, err := r.Load(t.Context(), strings.NewReader(text), population.LoadOptions{Actor: manager})
		if err != nil {
			rt.Fatal(err)
		}
		checkReport(rt, text, header, got, len(m.persons)-before)
		lines := strings.Split(text[header:], "\n")
		for _, p := range m.persons {
			if p.Permanent.Detail == "" || !strings.HasPrefix(p.Permanent.Detail, "Nhà") {
				continue
			}
			own := func(line string) bool {
				return strings.Contains(spelled(line), p.Number.Reveal()) && strings.Contains(spelled(line), p.Name) && strings.Contains(spelled(line), p.Permanent.Detail)
			}
			if !slices.ContainsFunc(lines, own) {
				rt.Fatalf("%q at %q: no line says so", p.Name, p.Permanent.Detail)
			}
		}
	})
}

func spelled(line string) string { return citizen.Spell(strings.ReplaceAll(line, `""`, `"`)) }

type failing interface{ Fatalf(string, ...any) }

// checkReport holds a report against the lines of the file.
func checkReport(t failing, text string, header int, got population.LoadReport, loaded int) {
	lines := strings.Count(text[header:], "\n")
	if end := text[header:]; end != "" && !strings.HasSuffix(end, "\n") {
		lines++
	}
	if got.Lines != lines || got.Loaded+got.Bad+got.NotRead != lines || got.Loaded != loaded || got.NotRead != 0 || len(got.BadRows) != got.Bad {
		t.Fatalf("%d lines, %d came in; the report says %+v", lines, loaded, got)
	}
	for i, b := range got.BadRows {
		if b.Line < 2 || b.Line > lines+1 || b.Key == "" || i > 0 && b.Line <= got.BadRows[i-1].Line {
			t.Fatalf("bad rows are not in order, once each: %+v", got.BadRows)
		}
	}
}

// FuzzLoad: no bytes at all make a load lose count.
func FuzzLoad(f *testing.F) {
	for _, text := range []string{written, "\ufeff" + separated(written, ';', true), inUTF16(written, false, true), "a", "\r\r\r", "PK\x03\x04", "number;name"} {
		f.Add([]byte(text))
	}
	for _, name := range []string{"csv_house.csv", "csv_legacy.csv", "csv_swallowed_row.csv", "names_signs.csv", "csv_formula.csv"} {
		f.Add([]byte(sample(f, name)))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, m := village()
		before := len(m.persons)
		got, err := r.Load(t.Context(), bytes.NewReader(raw), population.LoadOptions{Actor: manager, MaxBad: 1 << 20})
		if got.Lines != got.Loaded+got.Bad+got.NotRead || got.NotRead < 0 || got.Loaded != len(m.persons)-before || len(got.BadRows) != got.Bad {
			t.Fatalf("%+v, %v; %d came in", got, err, len(m.persons)-before)
		}
		if err == nil && got.NotRead > 0 {
			t.Fatalf("%d lines were not read, and no word why", got.NotRead)
		}
	})
}

// TestNamesOfTheSample: names in old encodings and with lost letters are bad rows, those
// that are merely odd are warnings; invisible signs are taken out and said.
func TestNamesOfTheSample(t *testing.T) {
	t.Parallel()
	r, m := village()
	got := load(t, r, sample(t, "csv_legacy.csv"))
	wantCounts(t, got, 9, 4, 5, 0)
	keys := map[int]string{}
	for _, b := range got.BadRows {
		if keys[b.Line] = b.Key; b.Column != "name" {
			t.Errorf("line %d: column %q", b.Line, b.Column)
		}
	}
	want := map[int]string{
		2: "population.load.legacy", 3: "population.load.legacy", 4: "citizen.name.doubt.lost", 5: "population.load.legacy", 7: "population.load.control",
	}
	if !maps.Equal(keys, want) {
		t.Errorf("bad rows %v, want %v", keys, want)
	}
	if have := warned(got); !slices.Equal(have["name_letters"], []int{6, 10}) || !slices.Equal(have["name_signs"], []int{8, 9}) {
		t.Errorf("warned of %v", have)
	}

	got = load(t, r, sample(t, "names_signs.csv"))
	wantCounts(t, got, 26, 26, 0, 0)
	if have := warned(got); !slices.Equal(have["hidden"], []int{9, 11, 15, 23}) || !slices.Equal(have["gaps"], []int{25, 26}) {
		t.Errorf("warned of %v", have)
	}
	for number, name := range map[string]string{
		"066190900008": "NguyễnThị Zét", "066190900010": "Trần Thị Bom", "066190900014": "Lê Thị MềmMại", "066190900022": "Lê Thị Trái",
		"066190900024": "Cao Thị Táp", "066190900025": "Mai Thị Dòng",
	} {
		if p := m.persons[citizen.MustNumber(number)]; p.Name != name {
			t.Errorf("%s is called %q, want %q", number, p.Name, name)
		}
	}

	got = load(t, r, "number,name,birth,sex\n066084435606,Y Pôt Lê,1984-02-28,1\n066084435607,§ç ThÞ Hµ,1984-02-28,1\n066084435608,Leâ Hoaø,1984-02-28,1\n")
	wantCounts(t, got, 3, 2, 1, 0)
	if have := warned(got); !slices.Equal(have["name_encoding"], []int{4}) || !slices.Equal(badLines(got), []int{3}) {
		t.Errorf("warned of %v, bad %v", have, badLines(got))
	}

	got = load(t, r, "number,name,birth,sex\n\u200b002190900001\ufeff,A\u00ad,\u200e1990-01-01\u200e,\u20602\n")
	wantCounts(t, got, 1, 1, 0, 0)
	if have := warned(got); !slices.Equal(have["hidden"], []int{2}) {
		t.Errorf("warned of %v", have)
	}
}

// TestQR: the code of a card fills what the cells leave out, and may not contradict them.
func TestQR(t *testing.T) {
	t.Parallel()
	const qr = "001191910211|012345679|Trần Thị Thử|16011991|Nữ|Số 5, Phúc Xá, Ba Đình, Hà Nội|28062021"
	r, m := village()
	got := load(t, r, "qr\n\""+qr+"\"\n")
	wantCounts(t, got, 1, 1, 0, 0)
	p := m.persons[citizen.MustNumber("001191910211")]
	if p.Name != "Trần Thị Thử" || p.Birth != citizen.MustDay("1991-01-16") || p.Sex != citizen.Female || len(p.OldNumbers) != 1 ||
		p.OldNumbers[0] != old("012345679") || p.Permanent.Detail != "Số 5, Phúc Xá, Ba Đình, Hà Nội" || len(p.Cards) != 1 ||
		p.Cards[0].Kind != "CCCD" || p.Cards[0].Issued != citizen.MustDay("2021-06-28") {
		t.Errorf("got %+v", p)
	}
	for row, want := range map[string]string{
		",,,,," + qr: "",
		"001191910211,TRAN THI THU,1991,2,01//00004," + qr: "",
		"001191910212,,,,," + qr:                           "number",
		",Trần Thị Khác,,,," + qr:                          "name",
		",,1992,,," + qr:                                   "birth",
		",,,1,," + qr:                                      "sex",
		",,,,,không phải QR":                               "citizen.qr.fields",
		",,,,,001191910211||Trần Thị Thử|32011991|Nữ|Hà Nội|28062021": "citizen.day.bad",
		",,,,01//00004,": "citizen.number.digits",
		"001191910211,Trần Thị Thử,1991,2,01//00004,": "",
	} {
		r, _ := village()
		got := load(t, r, "number,name,birth,sex,permanent,QR\n"+strings.Replace(row, qr, `"`+qr+`"`, 1)+"\n")
		have := ""
		if len(got.BadRows) > 0 {
			if have = got.BadRows[0].Key; have == "population.load.qr_differs" {
				have = fmt.Sprint(got.BadRows[0].Args["column"])
			}
		}
		if have != want || got.Loaded+got.Bad != 1 {
			t.Errorf("%s: %q, want %q", row, have, want)
		}
	}
}
