package cleaning

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"dean06/internal/platform/fault"
)

// taken is a file as it was read.
type taken struct {
	source *Source
	layout Layout
	cells  [][]string
	why    []string
	lines  []int
}

func take(t testing.TB, s *Source) taken {
	t.Helper()
	out := rowsIn(t, s)
	var err error
	if out.layout, err = LayoutOf(s, nil, false); err != nil {
		t.Fatalf("%v", err)
	}
	return out
}

// rowsIn takes the rows of a file whatever its columns hold.
func rowsIn(t testing.TB, s *Source) taken {
	t.Helper()
	out := taken{source: s}
	line := int(s.head) + 1
	err := s.eachBlock(func(b block) bool {
		line += s.eachRow(b.text, func(at int, cells [][]byte, why rowReason) {
			row := make([]string, len(cells))
			for i, c := range cells {
				row[i] = string(c)
			}
			out.cells, out.why, out.lines = append(out.cells, row), append(out.why, string(why)), append(out.lines, line+at)
		})
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (x taken) notes() string {
	var out []string
	for _, n := range x.source.Notes {
		out = append(out, strings.TrimPrefix(n.Key, "cleaning.note."))
	}
	return strings.Join(out, " ")
}

// TestWhatStandsAboveRows reads files as offices write them: each has the same two people.
func TestWhatStandsAboveRows(t *testing.T) {
	t.Parallel()
	const an, binh = "Nguyễn Văn An,31/01/1990,Nam,001090000001\n", "Trần Thị Bình,28/02/1985,Nữ,001185000001\n"
	head := "Họ và tên,Ngày sinh,Giới tính,Số CCCD\n"
	for _, tt := range []struct {
		name, text, notes string
		line              int // of the first row
	}{
		{"plain", head + an + binh, "", 2},
		{"a mark", "\ufeff" + head + an + binh, "", 2},
		{"semicolons", strings.ReplaceAll(head+an+binh, ",", ";"), "", 2},
		{"tabs", strings.ReplaceAll(head+an+binh, ",", "\t"), "", 2},
		{"bars", strings.ReplaceAll(head+an+binh, ",", "|"), "", 2},
		{"Excel's separator", "sep=;\r\n" + strings.ReplaceAll(head+an+binh, ",", ";"), "", 3},
		{"CRLF", strings.ReplaceAll(head+an+binh, "\n", "\r\n"), "", 2},
		{"carriage returns alone", strings.ReplaceAll(head+an+binh, "\n", "\r"), "cr", 2},
		{"no break at the end", strings.TrimSuffix(head+an+binh, "\n"), "", 2},
		{"empty lines before", "\n\r\n\n" + head + an + binh, "", 5},
		{"titles", "SỞ Y TẾ HÀ NỘI,,,\nDanh sách tiêm chủng mũi 2,,,\n,,,\n" + head + an + binh, "titles", 5},
		{"titles without commas", "SỞ Y TẾ HÀ NỘI\nTỉnh: Hà Nội\n\n" + head + an + binh, "titles", 5},
		{"a row that numbers", head + "(1),(2),(3),(4)\n" + an + binh, "numbering", 3},
		{"letters and numbers", head + "A,1,2,3\n" + an + binh, "numbering", 3},
		{"no headings", an + binh, "headless", 1},
		{"titles, then no headings", "Danh sách tiêm\n" + an + binh, "titles headless", 2},
		{"a heading of two lines", "\"Họ và\ntên\",Ngày sinh,Giới tính,Số CCCD\n" + an + binh, "", 3},
		{"signs in headings", "* Họ và tên:,Ngày  sinh (dd/mm/yyyy),Giới\u00a0tính,Số\u200b CCCD\n" + an + binh, "", 2},
		{"decomposed headings", "Ho\u0323 va\u0300 te\u0302n,Nga\u0300y sinh,Gio\u031b\u0301i ti\u0301nh,So\u0302\u0301 CCCD\n" + an + binh, "", 2},
		{"headings that lie", "Ngày sinh,Họ và tên,Số CCCD,Giới tính\n" + an + binh, "", 2},
		{"headings that say nothing", "c1,c2,c3,c4\n" + an + binh, "", 2},
		{"headings twice", "Ghi chú,Họ và tên,Ngày sinh,Giới tính,Số CCCD,Ghi chú\n" +
			"x," + strings.TrimSpace(an) + ",y\n" +
			"," + strings.TrimSpace(binh) + ",\n", "same_heading", 2},
		{"columns without headings", ",Họ và tên,Ngày sinh,Giới tính,Số CCCD,\n" +
			"x," + strings.TrimSpace(an) + ",y\n" +
			"," + strings.TrimSpace(binh) + ",\n", "", 2},
		{"two rows of headings", "Họ và tên,Ngày sinh,,,Giới tính,Số CCCD\n" +
			",Ngày,Tháng,Năm,,\n" +
			"Nguyễn Văn An,31,1,1990,Nam,001090000001\n" +
			"Trần Thị Bình,28,2,1985,Nữ,001185000001\n", "two_rows", 3},
		{"crosses for the sex", "Họ và tên,Ngày sinh,Giới tính,,Số CCCD\n" +
			",,Nam,Nữ,\n" +
			"Nguyễn Văn An,31/01/1990,x,,001090000001\n" +
			"Trần Thị Bình,28/02/1985,,X,001185000001\n", "two_rows", 3},
		{"the birth under the sex", "Họ và tên,Nam,Nữ,Số CCCD\n" +
			"Nguyễn Văn An,31/01/1990,,001090000001\n" +
			"Trần Thị Bình,,28/02/1985,001185000001\n", "", 2},
		{"the mother's columns", "Họ tên mẹ,Ngày sinh mẹ,CCCD mẹ,Họ và tên,Ngày sinh,Giới tính,Số CCCD\n" +
			"Lê Thị Mẹ,01/01/1960,001160000009," + an + "Lê Thị Má,02/02/1950,001150000009," + binh, "", 2},
		{"another day", "Ngày tiêm,Họ và tên,Ngày sinh,Giới tính,Số CCCD\n01/06/2021," + an + "02/06/2021," + binh, "", 2},
		{"both numbers in a cell", "Họ và tên,Ngày sinh,Giới tính,Số CMND/CCCD\n" +
			"Nguyễn Văn An,31/01/1990,Nam,CCCD: 001090000001\n" +
			"Trần Thị Bình,28/02/1985,Nữ,012345678 - 001185000001\n", "", 2},
		{"invisible signs and wide digits", head + "Nguyễn\u200b Văn\u00a0An,３１/０１/１９９０,\ufeffNam,００１０９００００００１\n" +
			"Trần\u00ad Thị Bình\u202a,28/02/1985\u00a0,Nữ,001\u200b185000001\n", "", 2},
		{"months in words", head + "Nguyễn Văn An,31-Jan-1990,M,001090000001\nTrần Thị Bình,\"Feb 28, 1985\",F,001185000001\n", "", 2},
		{"codes of the sex", "Họ và tên,Ngày sinh,\"Giới tính (0: nam, 1: nữ)\",Số CCCD\n" +
			"Nguyễn Văn An,31/01/1990,0,001090000001\n" +
			"Trần Thị Bình,28/02/1985,1,001185000001\n", "", 2},
		{"codes with words", head + "Nguyễn Văn An,31/01/1990,1 - Nam,001090000001\nTrần Thị Bình,28/02/1985,0 - Nữ,001185000001\n", "", 2},
		{"numbers of a spreadsheet", head + "Nguyễn Văn An,32904,Nam,1090000001\nTrần Thị Bình,31106.0,Nữ,1185000001.0\n", "", 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := source(t, tt.text)
			x := take(t, s)
			if len(x.why) != 2 || x.why[0]+x.why[1] != "" || x.lines[0] != tt.line || x.notes() != tt.notes {
				t.Errorf("rows %q, reasons %q, lines %v, notes %q, want line %d, notes %q", x.cells, x.why, x.lines, x.notes(), tt.line, tt.notes)
			}
			w := world(t)
			rows, err := w.Read(s, x.layout)
			if err != nil {
				t.Fatal(err)
			}
			if rows.n != 2 {
				t.FailNow()
			}
			if rows.birth[0].String() != "1990-01-31" || rows.birth[1].String() != "1985-02-28" ||
				!slices.Equal(rows.number, []uint64{1090000001, 1185000001}) || rows.sex[0] != 1 || rows.sex[1] != 2 {
				t.Errorf("%v: births %v, numbers %v, sexes %v", x.layout.Kinds, rows.birth, rows.number, rows.sex)
			}
			for i, want := range []string{"nguyễn văn an", "trần thị bình"} {
				var words []string
				for _, id := range rows.name(i) {
					words = append(words, w.Words.at(id).written)
				}
				if got := strings.Join(words, " "); got != want {
					t.Errorf("name %q, want %q", got, want)
				}
			}
		})
	}
}

func TestEveryRowIsAccountedFor(t *testing.T) {
	t.Parallel()
	head := "Họ và tên,Ngày sinh,Số CCCD\n"
	good := "Nguyễn Văn An,01/02/1990,001090000001\n"
	for _, tt := range []struct{ name, text, why string }{
		{"only headings", head, ""},
		{"empty rows at the end", head + good + ",,\n,,\n", " empty empty"},
		{"empty lines are no rows", head + "\n" + good + "\n\n", ""},
		{"a total", head + good + "Tổng cộng: 1\n", " fewer"},
		{"headings again", head + good + "\ufeff" + head + good, " heading "},
		{"null signs", head + "Nguyễn\x00 Văn An,01/02/1990,001090000001\n" + good, "encoding "},
		{"broken half-way", head + good + "Nguy\xee\u00ean,01/02/1990,1\n" + good, " encoding "},
		{"more cells", head + "a,b,c,d\n" + good, "more "},
		{"more cells, empty", head + "a,b,c,,,\n" + good, " "},
		{"a quote that does not close", head + "\"Trần Văn Bình,01/02/1990,001090000002\n" + good + good, "quotes  "},
		{"a quote that takes the next row in", head + "Trần Văn Bình,01/02/1990,\"001090000002\n" + "Lê Văn Tám,03/04/1991,001091000003\"\n" + good, "quotes  "},
		{"a cell of two lines", head + "\"Trần Văn\nBình\",01/02/1990,001090000002\n" + good, " "},
		{"a quote within", head + "Trần \"Bình\" Văn,01/02/1990,001090000002\n" + good, " "},
		{"a row of 3 MB", head + strings.Repeat("x", 3<<20) + "\n" + good, "long "},
		{"a quote before 3 MB", head + "\"" + strings.Repeat("x\n", 3<<19) + good, strings.TrimSuffix("quotes "+strings.Repeat("fewer ", 3<<19-1), "")},
		{"a formula", head + "\"=HYPERLINK(\"\"http://x\"\",\"\"An\"\")\",01/02/1990,001090000001\n", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			x := take(t, source(t, tt.text))
			if got := strings.Join(x.why, " "); got != tt.why {
				t.Errorf("%.200q, want %.200q", got, tt.why)
			}
		})
	}
}

// TestPiecesChangeNothing reads files made of what breaks readers in pieces of any size.
func TestPiecesChangeNothing(t *testing.T) {
	t.Parallel()
	bits := []string{
		"\"", "\"\"", ",", "\n", "\r\n", "\r", "An", "Nguyễn Văn An,01/02/1990,001090000001\n", "\x00", "\xff", ";", "\n\n", ",,\n",
		"\"a\nb\"", "\ufeff", "=1+1", " ",
	}
	r := rand.New(rand.NewPCG(5, 5))
	for range 300 {
		var b strings.Builder
		b.WriteString("Họ và tên,Ngày sinh,Số CCCD\n")
		for range r.IntN(200) {
			b.WriteString(bits[r.IntN(len(bits))])
		}
		s, err := OpenText([]byte(b.String()))
		if err != nil {
			continue
		}
		want := rowsIn(t, s)
		for _, size := range []int{1, 7, 64, 1000} {
			s.blocks = size
			got := rowsIn(t, s)
			if !slices.Equal(got.why, want.why) || !slices.Equal(got.lines, want.lines) || !slices.EqualFunc(got.cells, want.cells, slices.Equal) {
				for i := range want.why {
					if i >= len(got.why) || got.why[i] != want.why[i] || got.lines[i] != want.lines[i] || !slices.Equal(got.cells[i], want.cells[i]) {
						t.Fatalf("%q\nin pieces of %d: row %d: %q %d %q, want %q %d %q", b.String(), size, i+1,
							got.why[i], got.lines[i], got.cells[i], want.why[i], want.lines[i], want.cells[i])
					}
				}
			}
		}
	}
}

func TestHugeFiles(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "zeros.csv")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 5<<30); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenSource(path); fault.As(err) == nil || fault.As(err).Key != "cleaning.file.no_table" {
		t.Errorf("5 GB of zeros: %v", err)
	}
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	const good = "Nguyễn Văn An,01/02/1990\n"
	_, _ = f.WriteString("Họ và tên,Ngày sinh\n" + good)
	piece := bytes.Repeat([]byte("x"), 1<<20)
	for range 100 {
		_, _ = f.Write(piece)
	}
	_, _ = f.WriteString("\n" + good)
	_ = f.Close()
	s, err := OpenSource(path)
	if err != nil {
		t.Fatal(err)
	}
	x := take(t, s)
	if got := strings.Join(x.why, " "); got != " long " {
		t.Errorf("a line of 100 MB: %q", got)
	}
}

// written16 is a text as UTF-16.
func written16(text string, big bool) []byte {
	var out []byte
	for _, u := range utf16.Encode([]rune(text)) {
		if big {
			out = append(out, byte(u>>8), byte(u))
		} else {
			out = append(out, byte(u), byte(u>>8))
		}
	}
	return out
}

// TestSmallFilesInOldCodes holds that a row or two are enough to tell how a file is written.
func TestSmallFilesInOldCodes(t *testing.T) {
	t.Parallel()
	const text = "Họ và tên,Ngày sinh,Giới tính,Số CCCD\nNguyễn Thị Thủy,31/01/1990,Nữ,001190000001\n"
	for name, raw := range map[string][]byte{
		"UTF-16 LE": written16(text, false), "UTF-16 BE": written16(text, true),
		"windows-1258": in1258(text), "TCVN3": inTable(t, text, tcvn3Letters), "VNI": inTable(t, text, vniLetters),
		"UTF-8, then windows-1258": slices.Concat([]byte(strings.Repeat(text[strings.Index(text, "\n")+1:], 0)+text), nil),
	} {
		s, err := OpenText(raw)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		x := take(t, s)
		if len(x.cells) != 1 || x.cells[0][0] != "Nguyễn Thị Thủy" || x.cells[0][2] != "Nữ" ||
			!slices.Equal(x.layout.Kinds, []Kind{Name, Birth, Sex, Number}) {
			t.Errorf("%s read as %s: %q %v", name, s.code, x.cells, x.layout)
		}
	}
	mixed := slices.Concat(in1258(strings.Repeat(text, 1)), []byte("Trần Thị Hường,28/02/1985,Nữ,001185000001\n"))
	s, err := OpenText(mixed)
	if err != nil {
		t.Fatal(err)
	}
	if x := take(t, s); len(x.cells) != 2 || x.cells[0][0] != "Nguyễn Thị Thủy" || x.cells[1][0] != "Trần Thị Hường" {
		t.Errorf("windows-1258, then UTF-8: %q %q", x.cells, x.why)
	}
}

// The letters of the text above in old codes.
var (
	tcvn3Letters = map[rune]string{
		'ọ': "\xe4", 'à': "\xb5", 'ê': "\xaa", 'ớ': "\xed", 'í': "\xdd", 'ố': "\xe8", 'ễ': "\xd4", 'ị': "\xde", 'ủ': "\xf1", 'ữ': "\xf7",
	}
	vniLetters = map[rune]string{
		'ọ': "o\xef", 'à': "a\xf8", 'ê': "e\xe2", 'ớ': "\xf4\xf9", 'í': "\xed", 'ố': "o\xe1", 'ễ': "e\xe3", 'ị': "\xf2", 'ủ': "u\xfb", 'ữ': "\xf6\xf5",
	}
)

func inTable(t *testing.T, text string, letters map[rune]string) []byte {
	t.Helper()
	var out []byte
	for _, r := range text {
		b, ok := letters[r]
		switch {
		case ok:
			out = append(out, b...)
		case r < 0x80:
			out = append(out, byte(r))
		default:
			t.Fatalf("no letter for %c", r)
		}
	}
	return out
}

func in1258(text string) []byte {
	letters := map[rune]string{
		'ọ': "o\xf2", 'à': "\xe0", 'ê': "\xea", 'ớ': "\xf5\xec", 'í': "\xed", 'ố': "\xf4\xec", 'ễ': "\xea\xde", 'ị': "i\xf2", 'ủ': "u\xd2", 'ữ': "\xfd\xde",
	}
	var out []byte
	for _, r := range text {
		if b, ok := letters[r]; ok {
			out = append(out, b...)
		} else {
			out = append(out, byte(r))
		}
	}
	return out
}
