package cleaning

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"dean06/internal/platform/fault"
)

func TestNumbers(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]idNumber{
		"001090000001": {1090000001, 12, 0}, " 001 090 000 001 ": {1090000001, 12, 0}, "1090000001": {1090000001, 12, zerosLost},
		"79090000001": {79090000001, 12, zerosLost}, "012345678": {12345678, 9, 0}, "12345678": {12345678, 9, zerosLost},
		"1090000001.0": {1090000001, 12, zerosLost}, "O01090000001": {1090000001, 12, letterDigits}, "01909000001": {1909000001, 11, 0},
		"": {}, "1.09E+09": {notes: unreadNumber}, "không có": {notes: unreadNumber}, "000000000000": {notes: unreadNumber}, "123": {notes: unreadNumber},
	} {
		if got := readNumber([]byte(in)); got != want {
			t.Errorf("%q: %+v, want %+v", in, got, want)
		}
	}
}

func TestBirths(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]struct {
		day   string
		notes remark
	}{
		"1990-01-31": {"1990-01-31", 0}, "31/01/1990": {"1990-01-31", 0}, "31.1.1990": {"1990-01-31", 0}, "31011990": {"1990-01-31", 0},
		"19900131": {"1990-01-31", 0}, "1990": {"1990", 0}, "01/1990": {"1990-01", 0}, "1990-01": {"1990-01", 0}, "31/01/90": {"1990-01-31", twoDigitYear},
		"01/31/1990": {"1990-01-31", monthFirst}, "30/02/1990": {"1990", impossibleDay}, "32904": {"1990-01-31", fromSerial},
		"1990-01-31 00:00:00": {"1990-01-31", 0}, "1990-01-31T07:00:00+07:00": {"1990-01-31", 0}, "ngày 31 tháng 01 năm 1990": {"1990-01-31", 0},
		"00/00/1990": {"1990", 0}, "": {"", 0}, "không rõ": {"", unreadBirth}, "31/01/1590": {"", unreadBirth}, "29/02/2000": {"2000-02-29", 0},
		"01/02/30": {"1930-02-01", twoDigitYear},
	} {
		d, notes := birthOf([]byte(in), today, false)
		if d.String() != want.day || notes != want.notes {
			t.Errorf("%q: %s %d, want %s %d", in, d, notes, want.day, want.notes)
		}
	}
}

func TestNameLevels(t *testing.T) {
	t.Parallel()
	l := NewLexicon()
	for _, tt := range []struct {
		row, person string
		want        level
	}{
		{"Nguyễn Văn An", "Nguyễn Văn An", nameSame},
		{"nguyễn văn hoà", "Nguyễn Văn Hòa", nameSame},
		{"Lê Thị Lí", "Lê Thị Lý", nameSame},
		{"H'Hen Niê", "H’Hen Niê", nameSame},
		{"NGUYEN VAN AN", "Nguyễn Văn An", bareSame},
		{"Nguyễn Văn Duc", "Nguyễn Văn Đức", nameMarks},
		{"Trần Thị Thúy", "Trần Thị Thủy", nameTone},
		{"An Nguyễn Văn", "Nguyễn Văn An", nameOrder},
		{"AN NGUYEN VAN", "Nguyễn Văn An", bareOrder},
		{"Nguyễn An", "Nguyễn Văn An", nameMiddle},
		{"Nguyễn Thị Thu Hà", "Nguyễn Thu Hà", nameMiddle},
		{"Nguyễn Văn Hugn", "Nguyễn Văn Hùng", nameTypo},
		{"Nguy?n Văn Hùng", "Nguyễn Văn Hùng", nameTypo},
		{"NguyễnVăn Hùng", "Nguyễn Văn Hùng", nameTypo},
		{"Ngiyễn Văn Hugn", "Nguyễn Văn Hùng", nameTypos},
		{"Nguyễn Đức An", "Nguyễn Văn An", namePart},
		{"Nguyễn Văn Bình", "Nguyễn Văn An", namePart},
		{"Trần Thị Hoa", "Nguyễn Văn An", nameOther},
	} {
		name := func(s string) (ids []wordID, same, plain uint64, bare bool) {
			bare = true
			for _, part := range strings.Fields(s) {
				for _, w := range l.split(part) {
					ids, same, plain, bare = append(ids, w.id), mix(same, w.same), plain+w.plain, bare && w.bare
				}
			}
			return ids, same, plain, bare
		}
		a, sameA, plainA, bare := name(tt.row)
		b, sameB, plainB, _ := name(tt.person)
		got := nameSame
		if sameA != sameB || bare {
			got = l.nameLevel(a, b, bare, plainA == plainB)
		}
		if got != tt.want {
			t.Errorf("%s, %s: %s, want %s", tt.row, tt.person, levelNames[byName][got], levelNames[byName][tt.want])
		}
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	g, err := gazetteer()
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		"Phường Phúc Xá, Quận Ba Đình, Thành phố Hà Nội": "Phường Phúc Xá, Quận Ba Đình, Thành phố Hà Nội",
		"P. Phúc Xá, Q. Ba Đình, TP. Hà Nội":             "Phường Phúc Xá, Quận Ba Đình, Thành phố Hà Nội",
		"số 5 ngõ 3, phuc xa, ba dinh, ha noi, Việt Nam": "Phường Phúc Xá, Quận Ba Đình, Thành phố Hà Nội",
		"Phường Ba Đình, Hà Nội":                         "Phường Ba Đình, Thành phố Hà Nội",
		"Phường Phúc Xá Quận Ba Đình Thành phố Hà Nội":   "Phường Phúc Xá, Quận Ba Đình, Thành phố Hà Nội",
		"Quận Ba Đình - Hà Nội":                          "Quận Ba Đình, Thành phố Hà Nội",
		"Hà Giang":                                       "Tỉnh Hà Giang",
		"Xã không có, huyện không có, tỉnh Nghệ An":      "Tỉnh Nghệ An",
		"P1, Q5, TPHCM": "Phường 01, Quận 5, Thành phố Hồ Chí Minh",
		"ở đâu đó":      "",
		// Without a province: what is the only one of its name in the country.
		"Phường Tích Sơn":                      "Phường Tích Sơn, Thành phố Vĩnh Yên, Tỉnh Vĩnh Phúc",
		"Ấp 3, xã Phước Vĩnh An, huyện Củ Chi": "Xã Phước Vĩnh An, Huyện Củ Chi, Thành phố Hồ Chí Minh",
		"Phường Phúc Xá, Quận Ba Đình":         "Phường Phúc Xá, Quận Ba Đình, Thành phố Hà Nội",
		"Xã Tân Lập":                           "", // there are many
		"Ba Đình":                              "", // a district of Hà Nội, and a commune of Thanh Hóa
		"5 Nguyễn Trãi":                        "", // a street
	} {
		if got := g.called(g.read(in)); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
	if a, b := g.coded("01/001/00001"), g.read("Phường Hồng Hà, Hà Nội"); !g.same(a, b) {
		t.Errorf("%s became part of %s", g.called(a), g.called(b))
	}
}

func TestColumns(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		headings, row string
		want          []Kind
	}{
		{
			"STT,Họ và tên,Ngày sinh,Giới tính,Số CCCD/CMND,Địa chỉ", "1,Nguyễn Văn An,01/02/1990,Nam,001090000001,Hà Nội",
			[]Kind{Ignore, Name, Birth, Sex, Number, Address},
		},
		{"HO_TEN;NGAY_SINH;GIOI_TINH;SO_DDCN;MA_XA", "Nguyễn Văn An;19900201;1;001090000001;00001", []Kind{Name, Birth, Sex, Number, Commune}},
		{"Họ,Tên đệm,Tên,Ngày,Tháng,Năm", "Nguyễn,Văn,An,1,2,1990", []Kind{Surname, Middle, Given, DayPart, Month, Year}},
		{"full_name,dob,gender,national_id,ngày khám", "Nguyễn Văn An,1990-02-01,M,001090000001,01/08/2021", []Kind{Name, Birth, Sex, Number, Ignore}},
		{"a,b,c,d", "001090000001,Nguyễn Văn An,01/02/1990,Nữ", []Kind{Number, Name, Birth, Sex}},
		{
			"Họ tên mẹ,Họ tên,Năm sinh,Xã/Phường,Quận/Huyện,Tỉnh/TP", "Trần Thị B,Nguyễn Văn An,1990,Phúc Xá,Ba Đình,Hà Nội",
			[]Kind{Ignore, Name, Year, Commune, District, Province},
		},
		{"Tên,CMND,Quê quán", "Nguyễn Văn An,012345678,Hà Nội", []Kind{Name, Number, Ignore}},
	} {
		s := source(t, tt.headings+"\n"+strings.Repeat(tt.row+"\n", 5))
		l, err := LayoutOf(s, nil, false)
		if err != nil || !slices.Equal(l.Kinds, tt.want) {
			t.Errorf("%s: %v %v, want %v", tt.headings, l.Kinds, err, tt.want)
		}
	}
}

func TestEncodings(t *testing.T) {
	t.Parallel()
	line := "Họ và tên,Ngày sinh\n" + strings.Repeat("Nguyễn Thị Thủy,01/02/1990\n", 20)
	utf := utf16.Encode([]rune(line))
	little, big := []byte{0xFF, 0xFE}, []byte{0xFE, 0xFF}
	for _, u := range utf {
		little, big = append(little, byte(u), byte(u>>8)), append(big, byte(u>>8), byte(u))
	}
	tcvn := "H\xe4 v\xb5 t\xaan,Ng\xb5y sinh\n" + strings.Repeat("Nguy\xd4n Th\xde Thñy,01/02/1990\n", 20)
	tcvn = strings.ReplaceAll(tcvn, "ñ", "\xf1")
	vn := "Hoï vaø teân,Ngaøy sinh\n" + strings.Repeat("Nguyeãn Thò Thuûy,01/02/1990\n", 20)
	var vniBytes []byte
	for _, r := range vn {
		vniBytes = append(vniBytes, byte(r))
	}
	var cp []byte
	for _, r := range "Ho\u0323 và tên,Ngày sinh\n" + strings.Repeat("Nguyê\u0303n Thi\u0323 Thu\u0309y,01/02/1990\n", 20) {
		switch r {
		case '\u0323':
			cp = append(cp, 0xF2)
		case '\u0303':
			cp = append(cp, 0xDE)
		case '\u0309':
			cp = append(cp, 0xD2)
		default:
			cp = append(cp, byte(r))
		}
	}
	for _, tt := range []struct {
		name string
		text []byte
		want encoding
	}{
		{"UTF-8", []byte(line), utf8Code},
		{"with a mark", []byte("\xEF\xBB\xBF" + line), utf8Code},
		{"UTF-16 LE", little, utf16Little},
		{"UTF-16 BE", big, utf16Big},
		{"UTF-16 without a mark", little[2:], utf16Little},
		{"TCVN3", []byte(tcvn), tcvn3},
		{"VNI", vniBytes, vni},
		{"VNI shown", []byte(vn), vniShown},
		{"windows-1258", cp, windows1258},
	} {
		s, err := OpenText(tt.text)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		rows, err := s.sample(3)
		if s.code != tt.want || err != nil || len(rows) != 3 || rows[2][0] != "Nguyễn Thị Thủy" || rows[2][1] != "01/02/1990" {
			t.Errorf("%s: %s %v %q", tt.name, s.code, err, rows)
		}
	}
}

func TestBadRowsAreNamedAndNothingIsLost(t *testing.T) {
	t.Parallel()
	good := "Nguyễn Văn An,01/02/1990\n"
	rows := good + "\"Trần, Văn Bình\",1990\n" + "a,b,c\n" + "một mình\n" + "\"không đóng,1990\n" + good +
		strings.Repeat("x", 3<<20) + ",1\n" + "sai \xff mã,1990\n\n" + "\"hai\ndòng\",1990\n" + good
	want := []string{"", "", "more", "fewer", "quotes", "", "long", "encoding", "", ""}
	for _, size := range []int{0, 1 << 12, 1 << 21} {
		s := source(t, "Họ và tên,Ngày sinh\n"+rows)
		s.blocks = size
		var got []string
		if err := s.eachBlock(func(b block) bool {
			s.eachRow(b.text, func(_ int, _ [][]byte, why rowReason) { got = append(got, string(why)) })
			return true
		}); err != nil || !slices.Equal(got, want) {
			t.Errorf("pieces of %d: %v %q, want %q", size, err, got, want)
		}
	}
	w := world(t)
	s := source(t, "Họ và tên,Ngày sinh\n"+rows)
	layout, _ := LayoutOf(s, nil, false)
	table, err := w.Read(s, layout)
	if err != nil || table.n != len(want) || len(table.bad) != 5 {
		t.Fatalf("%v: %d rows, bad %+v", err, table.n, table.bad)
	}
	if b := table.bad[0]; b.row != 2 || b.line != 4 {
		t.Errorf("the first bad row is %+v", b)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for text, key := range map[string]string{
		"\x00\x00\x00\x01bin\n":    "cleaning.file.no_table",
		strings.Repeat("a", 2<<20): "cleaning.file.no_table",
	} {
		if _, err := OpenText([]byte(text)); fault.As(err) == nil || fault.As(err).Key != key {
			t.Errorf("%.20q: %v, want %s", text, err, key)
		}
	}
	for text, key := range map[string]string{
		"{": "cleaning.mapping.json", `{"columns":{}}`: "cleaning.mapping.empty", `{"columns":{"a":"x"}}`: "cleaning.mapping.kind",
		`{"columns":{"a":"name"},"more":1}`: "cleaning.mapping.json",
	} {
		if _, err := ReadMapping(strings.NewReader(text)); fault.As(err) == nil || fault.As(err).Key != key {
			t.Errorf("%s: %v, want %s", text, err, key)
		}
	}
	if _, err := LayoutOf(source(t, "Họ tên,Ngày sinh\n"), nil, false); err != nil {
		t.Errorf("a file without a row: %v", err)
	}
	s := source(t, "a,b\n1,2\n")
	if _, err := LayoutOf(s, nil, false); fault.As(err) == nil || fault.As(err).Key != "cleaning.columns.none" {
		t.Errorf("no column: %v", err)
	}
	if _, err := LayoutOf(s, &Mapping{Columns: map[string]Kind{"c": Name}}, false); fault.As(err) == nil || fault.As(err).Key != "cleaning.mapping.missing" {
		t.Errorf("a mapping of another file: %v", err)
	}
}

func TestReasonsAreNoFormulas(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"=1+1": "'=1+1", "a,\"b\"": `"a,""b"""`, "-x": "'-x", "plain": "plain"} {
		if got := string(appendCell(nil, []byte(in))); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func TestEvaluation(t *testing.T) {
	t.Parallel()
	head := "row,outcome,number,score,second_score,duplicate_of,reasons\n"
	e, err := Evaluate(strings.NewReader(head+"1,verified,A,1,,,\n2,corrected,B,1,,,\n3,not_found,,,,,\n4,several,,,,,\n"), strings.NewReader("row,number\n1,A\n2,C\n3,\n4,D\n"))
	if err != nil || e.Right != 1 || e.Wrong != 1 || e.Matches != 3 || e.Precision != .5 || e.Outcomes[Verified] != 1 || !slices.Equal(e.WrongRows, []int{2}) {
		t.Errorf("people: %+v %v", e, err)
	}
	e, err = Evaluate(strings.NewReader(head+"1,not_found,,,,,\n2,duplicate,,,,1,\n3,duplicate,,,,1,\n4,not_found,,,,,\n"), strings.NewReader("row,cluster\n1,x\n2,x\n3,y\n4,y\n"))
	if err != nil || e.Accepted != 3 || e.Right != 1 || e.Matches != 2 {
		t.Errorf("pairs: %+v %v", e, err)
	}
	for _, truth := range []string{"row,number\n1,A\n", "row\n1\n", "row,number\n2,A\n1,B\n3,\n4,\n", ""} {
		if _, err := Evaluate(strings.NewReader(head+"1,verified,A,1,,,\n2,corrected,B,1,,,\n3,not_found,,,,,\n4,several,,,,,\n"), strings.NewReader(truth)); fault.As(err) == nil {
			t.Errorf("%q: %v", truth, err)
		}
	}
}

func TestDirtyFilesRepeat(t *testing.T) {
	t.Parallel()
	a, truth := dirty(t, 500, "vaccination", 1)
	b, _ := dirty(t, 500, "vaccination", 1)
	c, _ := dirty(t, 500, "vaccination", 2)
	if a != b || a == c {
		t.Error("the seed does not say what a dirty file is")
	}
	lines, err := csv.NewReader(bytes.NewReader([]byte(a))).ReadAll()
	if err != nil || len(lines) != 501 || len(truth) != 500 {
		t.Errorf("%v: %d lines, %d truths", err, len(lines), len(truth))
	}
	if _, err := ReadProfile("nonsense"); fault.As(err) == nil {
		t.Errorf("a profile that is not there: %v", err)
	}
}

func TestOneSlip(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"hung", "hugn", true},
		{"hung", "hun", true},
		{"hung", "hunng", true},
		{"hung", "hing", true},
		{"hung", "hgun", false},
		{"a", "b", false},
		{"hung", "nam", false},
	} {
		if oneSlip(tt.a, tt.b) != tt.want || oneSlip(tt.b, tt.a) != tt.want {
			t.Errorf("%s, %s: want %v", tt.a, tt.b, tt.want)
		}
	}
	for _, tt := range []struct {
		a, b uint64
		want bool
	}{
		{1090000001, 1090000002, true},
		{1090000001, 1090000010, true},
		{1999999999, 2000000000, false},
		{1090000001, 1090100001, true},
		{1090000001, 1080000002, false},
	} {
		if nearNumber(tt.a, 12, tt.b, 12) != tt.want {
			t.Errorf("%d, %d: want %v", tt.a, tt.b, tt.want)
		}
	}
}

func TestWorkbooks(t *testing.T) {
	t.Parallel()
	f := excelize.NewFile()
	for cell, v := range map[string]any{
		"A1": "SỞ Y TẾ", "A2": "Danh sách tiêm chủng", "A4": "Họ và tên", "B4": "Ngày sinh", "C4": "Số CCCD",
		"A5": "Nguyễn \"An\", Văn", "B5": time.Date(1990, 1, 31, 0, 0, 0, 0, time.UTC), "C5": 1090000001,
		"A6": "Trần Thị Bình", "B6": "1985", "C6": "001185000001",
	} {
		if err := f.SetCellValue("Sheet1", cell, v); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "danh-sach.xlsx")
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	s, err := OpenSource(path)
	if err != nil {
		t.Fatal(err)
	}
	l, err := LayoutOf(s, nil, false)
	if err != nil || !slices.Equal(l.Kinds, []Kind{Name, Birth, Number}) {
		t.Fatalf("%v %v", l, err)
	}
	rows, err := world(t).Read(s, l)
	if err != nil || rows.n != 2 || rows.birth[0].String() != "1990-01-31" || !slices.Equal(rows.number, []uint64{1090000001, 1185000001}) {
		t.Errorf("%v: %d rows, %v, %v", err, rows.n, rows.birth, rows.number)
	}
	broken := filepath.Join(t.TempDir(), "broken.xlsx")
	if err := os.WriteFile(broken, []byte("PK\x03\x04 nothing more"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenSource(broken); fault.As(err) == nil || !strings.HasPrefix(fault.As(err).Key, "cleaning.workbook.") {
		t.Errorf("a broken workbook: %v", err)
	}
}
