package procedure_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dean06/data"
	"dean06/internal/platform/fault"
	"dean06/internal/procedure"
)

func TestProcedureName(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		"1.001193": "Thủ tục đăng ký khai sinh", "1.001193.01": "Thủ tục đăng ký khai sinh", "9.999999": "", "": "",
	} {
		if got := procedure.Name(t.Context(), code); got != want {
			t.Errorf("procedure %q = %q, want %q", code, got, want)
		}
	}
}

// Every row of the built-in catalogue is accounted for, the bad ones by name.
func TestBuiltinReport(t *testing.T) {
	t.Parallel()
	f, err := data.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	r, err := procedure.ReadCatalogue(f)
	if err != nil {
		t.Fatal(err)
	}
	want := procedure.Report{Rows: 5670, Loaded: 5666, Malformed: []procedure.Malformed{
		{Line: 2, Code: " 1.014325", Reason: procedure.FlawSpace},
		{Line: 2517, Code: "1.0133611", Reason: procedure.FlawDigits},
		{Line: 3689, Code: "1.014955-Xoa", Reason: procedure.FlawRemoved},
		{Line: 5130, Code: "2.009182739", Reason: procedure.FlawDigits},
	}}
	got := r.Report
	for i := range got.Malformed {
		if got.Malformed[i].Name == "" {
			t.Errorf("%+v has no name", got.Malformed[i])
		}
		got.Malformed[i].Name = ""
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	// A flawed one is found by its name, marked, and takes nobody's code.
	hits := r.Catalogue.Search("chính sách hỗ trợ tư vấn pháp luật cho doanh nghiệp nhỏ và vừa tuyên quang", 3)
	if len(hits) == 0 || hits[0].Flaw != procedure.FlawSpace {
		t.Errorf("by its name: %+v", hits)
	}
	if p, ok := r.Catalogue.At("1.014325"); !ok || p.Flaw != "" {
		t.Errorf("1.014325 is %+v", p)
	}
	if _, ok := r.Catalogue.At("1.0133611"); ok {
		t.Error("a code of seven digits is one")
	}
}

// What a catalogue says and what it leaves out are told apart.
func TestReadCatalogue(t *testing.T) {
	t.Parallel()
	const head = "code,name,promulgator,online,time_value,time_unit,fee_min_vnd,fee_max_vnd\n"
	tests := []struct {
		name, file string
		want       procedure.Report
		wantFault  string
		check      func(c *procedure.Catalogue) bool
	}{
		{
			name: "all is said", file: head + "1.000001,Tên,Bộ,1,3,WORKING_DAY,0,5000\n", want: procedure.Report{Rows: 1, Loaded: 1},
			check: func(c *procedure.Catalogue) bool {
				p, ok := c.At("1.000001.02")
				return ok && p.Channels.Online == procedure.Yes && p.Time.IsDuration() && !p.Cost.Open() && p.Cost.Max == 5000
			},
		},
		{
			name: "nothing is said", file: head + "1.000001,Tên,Bộ,,,,,-\n", want: procedure.Report{Rows: 1, Loaded: 1},
			check: func(c *procedure.Catalogue) bool {
				p, _ := c.At("1.000001")
				return p.Channels.Online == procedure.NotSaid && !p.Time.IsDuration() && p.Cost.Open() && !p.Cost.Said
			},
		},
		{
			name: "a fee of 0 and a number without a unit say nothing", file: head + "1.000001,Tên,Bộ,0,1,OTHER,0,0\n",
			want: procedure.Report{Rows: 1, Loaded: 1}, check: func(c *procedure.Catalogue) bool {
				p, _ := c.At("1.000001")
				return p.Channels.Online == procedure.No && !p.Time.IsDuration() && p.Cost.Open()
			},
		},
		{
			name: "invisible signs and spaces of all kinds", file: "\ufeffcode,name,promulgator\r\n1.000001,\u200eTên\u00a0 dài\u200b,Bộ\r\n\r\n",
			want: procedure.Report{Rows: 1, Loaded: 1}, check: func(c *procedure.Catalogue) bool {
				p, _ := c.At("1.000001")
				return p.Name == "Tên dài"
			},
		},
		{
			name: "a name of two lines", file: "name,code,promulgator\n\"Tên\nhai dòng, \"\"nháy\"\"\",1.000001,Bộ\n2,1.000002,Bộ",
			want: procedure.Report{Rows: 2, Loaded: 2}, check: func(c *procedure.Catalogue) bool {
				p, _ := c.At("1.000001")
				return p.Name == `Tên hai dòng, "nháy"` && c.Len() == 2
			},
		},
		{
			name: "a quotation that does not end spoils its row", file: "code,name,promulgator\n1.000001,\"Tên,Bộ\n1.000002,Tên,Bộ\n",
			want: procedure.Report{Rows: 2, Loaded: 1, Malformed: []procedure.Malformed{{Line: 2, Reason: procedure.FlawQuote}}},
		},
		{
			name: "rows that are wrong", file: "code,name,promulgator\n,Tên,Bộ\n1.000001,,Bộ\n1.000002,Tên\n1.000003,T\x00,Bộ\n1.000004,T,B\n1.000004,T2,B\n",
			want: procedure.Report{Rows: 6, Loaded: 1, Malformed: []procedure.Malformed{
				{Line: 2, Name: "Tên", Reason: procedure.FlawNoCode},
				{Line: 3, Code: "1.000001", Reason: procedure.FlawNoName},
				{Line: 4, Code: "1.000002", Name: "Tên", Reason: procedure.FlawColumns},
				{Line: 5, Code: "1.000003", Reason: procedure.FlawText},
				{Line: 7, Code: "1.000004", Name: "T2", Reason: procedure.FlawTwice},
			}},
		},
		{name: "nothing", wantFault: "procedure.catalogue.empty"},
		{name: "only a heading", file: head, wantFault: "procedure.catalogue.empty"},
		{name: "another file", file: "a,b\n1,2\n", wantFault: "procedure.catalogue.column"},
		{name: "columns apart by semicolons", file: "code;name;promulgator\n1.000001;A;B\n", wantFault: "procedure.catalogue.separator"},
		{name: "columns apart by tabs", file: "code\tname\tpromulgator\n1.000001\tA\tB\n", wantFault: "procedure.catalogue.separator"},
		{name: "a workbook", file: "PK\x03\x04\x14\x00", wantFault: "procedure.catalogue.no_csv"},
		{name: "two bytes a letter", file: "\xff\xfec\x00o\x00", wantFault: "procedure.catalogue.no_csv"},
		{name: "nothing but bad rows", file: "code,name,promulgator\n" + strings.Repeat("x,,\n", 1001), wantFault: "procedure.catalogue.bad"},
		{name: "one row without end", file: "code,name,promulgator\n1.000001,\"" + strings.Repeat("x\n", 200_000), wantFault: "procedure.catalogue.bad"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, err := procedure.ReadCatalogue(strings.NewReader(tt.file))
			if tt.wantFault != "" {
				if f := fault.As(err); f == nil || f.Key != tt.wantFault {
					t.Fatalf("got %v, want %s", err, tt.wantFault)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, r.Report); diff != "" {
				t.Errorf("report (-want +got):\n%s", diff)
			}
			if tt.check != nil && !tt.check(r.Catalogue) {
				t.Error("not read as it should be")
			}
		})
	}
}

// Whatever a file is, its rows are loaded or named.
func FuzzReadCatalogue(f *testing.F) {
	f.Add("code,name,promulgator\n1.000001,Tên,Bộ\n")
	f.Add("code,name,promulgator\n1.000001,\"Tên\n,Bộ\n1.000002,a,b\n")
	f.Add("\ufeffname,code,promulgator,fee_min_vnd\n\"a\"\"\",x,\xff\n")
	f.Fuzz(func(t *testing.T, file string) {
		r, err := procedure.ReadCatalogue(strings.NewReader(file))
		if err != nil {
			return
		}
		if r.Report.Rows != r.Report.Loaded+len(r.Report.Malformed) || r.Catalogue.Len() != r.Report.Loaded+r.Report.Kept() {
			t.Errorf("%+v and %d procedures", r.Report, r.Catalogue.Len())
		}
	})
}
