package population_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/platform/clock"
	"dean06/internal/population"
)

func load(t *testing.T, r *population.Register, text string) population.LoadReport {
	t.Helper()
	report, err := r.Load(t.Context(), strings.NewReader(text), population.LoadOptions{Actor: manager, Name: "t.csv"})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// TestRows: what is wrong with a row, and where.
func TestRows(t *testing.T) {
	t.Parallel()
	good := map[string]string{"number": "001090000001", "name": "Nguyễn Văn Thử", "birth": "1990", "sex": "1"}
	long := strings.Repeat("ă", 201)
	for _, tt := range []struct{ column, value, key string }{
		{"number", "", "citizen.number.digits"},
		{"number", "x", "citizen.number.digits"},
		{"old_numbers", "012345678 x", "citizen.oldnumber.digits"},
		{"name", " ", "population.name.missing"},
		{"name", long, "population.text.long"},
		{"birth", "", "population.birth.missing"},
		{"birth", "30/02/1990", "citizen.day.bad"},
		{"birth", "2026-11-22", "population.day.future"},
		{"sex", "", "population.code.unknown"},
		{"sex", "3", "population.code.unknown"},
		{"ethnicity", "zz", "population.code.unknown"},
		{"nationality", "vn", "population.code.unknown"},
		{"birthplace", "1/2/3", "population.load.place"},
		{"birthplace", "01/001/00001/1", "population.load.place"},
		{"birthplace_detail", long, "population.text.long"},
		{"birthplace_country", "Lào", "population.code.unknown"},
		{"permanent_since", "x", "citizen.day.bad"},
		{"household", "-1", "population.load.household"},
		{"household", "1234567890123", "population.load.household"},
		{"relation", "CH01", "population.load.household"},
		{"father_number", "123", "citizen.number.digits"},
		{"father_number", "12345678x", "citizen.oldnumber.digits"},
		{"father_nationality", "x", "population.code.unknown"},
		{"life", "x", "population.code.unknown"},
		{"ended", "2020", "population.day.before_birth"},
		{"other_names", "{", "population.load.value"},
		{"cards", "7", "population.load.value"},
		{"name", "\xff", "population.load.utf8"},
		{"name", "a\x00", "population.load.control"},
	} {
		columns, cells := []string{"sex", "number", "birth", "name"}, []string{}
		if good[tt.column] == "" {
			columns = append(columns, tt.column)
		}
		for _, c := range columns {
			if c == tt.column {
				cells = append(cells, tt.value)
			} else {
				cells = append(cells, good[c])
			}
		}
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		_ = w.WriteAll([][]string{columns, cells})
		r, m := village()
		report := load(t, r, b.String())
		if report.Loaded != 0 || report.Bad != 1 || len(m.persons) != 8 {
			t.Errorf("%s = %q: %+v", tt.column, tt.value, report)
			continue
		}
		if bad := report.BadRows[0]; bad.Column != tt.column || bad.Key != tt.key || bad.Line != 2 {
			t.Errorf("%s = %q: %s: %s in line %d, want %s", tt.column, tt.value, bad.Column, bad.Key, bad.Line, tt.key)
		}
	}
}

// TestLoad: good rows go in, bad ones are told, and what is odd is counted.
func TestLoad(t *testing.T) {
	t.Parallel()
	r, m := village()
	report := load(
		t,
		r,
		"\xef\xbb\xbfNumber, name ,birth,sex,ethnicity,household,life,ended,father_number,father_name,mother_name,permanent,blood\n"+
			"001090000011,nguyễn  văn a,1990,1,1,7,missing,2020,987654321,Cha,Mẹ,01//00097,\n"+
			"001090000001,Nguyễn Văn Thử,1990,1,01,,,,,,,,\n"+
			"999192000011,Lê Thị B,1991,2,01,1234567890,dead,2020,001060000001,,,,2\n"+
			"001090000012,A,1990,1\n"+
			"001090000013,\"A\"b,1990,1,,,,,,,,,\n",
	)
	if report.Lines != 5 || report.Loaded != 2 || report.Bad != 3 || report.NotRead != 0 {
		t.Fatalf("%+v", report)
	}
	var bad []string
	for _, b := range report.BadRows {
		bad = append(bad, fmt.Sprint(b.Line, b.Key))
	}
	if got := strings.Join(bad, " "); got != "3population.load.taken 5population.load.cells 6population.load.csv" {
		t.Errorf("bad = %s", got)
	}
	if w := report.Warnings; len(w) != 4 || w[0].Key != "population.load.member_dead" || w[1].Key != "population.load.no_head" || w[1].Count != 2 {
		t.Errorf("warnings = %v", w)
	} else if w = w[2:]; w[0].Key != "population.load.number_differs" || w[0].Count != 1 || !slices.Equal(w[0].Lines, []int{4}) ||
		w[1].Key != "population.load.unknown_province" || w[1].Count != 1 {
		t.Errorf("warnings = %v", report.Warnings)
	}
	for _, p := range m.sorted() {
		switch p.Name {
		case "nguyễn văn a":
			if p.Ethnicity != "01" || p.Household != "000000007" || p.Life != population.Missing || p.Father.OldNumber.IsZero() ||
				p.Mother.Nationality != "VN" ||
				p.Permanent.Country != "VN" || p.Blood != "00" ||
				p.Marital != "0" ||
				p.Nationality != "VN" {
				t.Errorf("a = %+v", p)
			}
		case "Lê Thị B":
			if p.Household != "1234567890" || p.Life != population.Dead || p.Father.Number != father || p.Blood != "02" {
				t.Errorf("b = %+v", p)
			}
		}
	}
}

// TestNoFileOfPersons: what is no such file at all.
func TestNoFileOfPersons(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": ":load.header", "number,name,birth,sex,x\n": ":load.column", "number,number\n": ":load.column",
		"number,name,birth\n":          ":load.no_column",
		strings.Repeat("x", 60) + "\n": ":load.column",
	} {
		r, _ := village()
		_, err := r.Load(t.Context(), strings.NewReader(text), population.LoadOptions{Actor: manager})
		if faults(err) != want {
			t.Errorf("%.20q: %v, want %s", text, err, want)
		}
	}
	r, m := village()
	wantDenied(t, func() error {
		_, err := r.Load(t.Context(), strings.NewReader(""), population.LoadOptions{Actor: clerk})
		return err
	})
	for _, broken := range []string{"loading", "add", "close"} {
		m.broken = broken
		_, err := r.Load(
			t.Context(),
			strings.NewReader("number,name,birth,sex\n001090000011,A,1990,1\n"),
			population.LoadOptions{Actor: manager},
		)
		if !errors.Is(err, errBroken) {
			t.Errorf("%s: %v", broken, err)
		}
	}
	m.broken = ""
	if _, err := r.Load(
		t.Context(), torn{strings.NewReader("number,name,birth,sex\n001090000011,A,1990,1\n")}, population.LoadOptions{Actor: manager},
	); !errors.Is(
		err,
		errTorn,
	) {
		t.Errorf("a file that tears: %v", err)
	}
}

var errTorn = errors.New("torn")

// torn is a file that cannot be read to its end.
type torn struct{ *strings.Reader }

func (f torn) Read(b []byte) (int, error) {
	n, err := f.Reader.Read(b)
	if err != nil {
		return n, errTorn
	}
	return n, nil
}

// TestWholeFile: what is written is read the same.
func TestWholeFile(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.WriteAll([][]string{population.Columns, population.Row(whole())})
	reader, err := population.NewPersonReader(&b, clock.DayOf(now))
	if err != nil {
		t.Fatal(err)
	}
	got, _, bad, err := reader.Next()
	want := whole()
	want.Version = 1
	if d := cmp.Diff(want, got, compare); d != "" || bad != nil || err != nil {
		t.Errorf("%v, %v (-want +got):\n%s", bad, err, d)
	}
}
