package exchange_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dean06/internal/exchange"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/xroad"
)

var (
	province = xroad.MustID("VN/GOV/H55/TTHC")
	match    = xroad.MustID("VN/GOV/G01/DANCU/match")
	noon     = time.Date(2026, 11, 21, 5, 0, 0, 0, time.UTC)
)

func ask(change func(a *exchange.Ask)) exchange.Ask {
	a := exchange.Ask{Client: province, Service: match, Method: "POST", Path: "/persons", Purpose: "1.004194", At: noon}
	if change != nil {
		change(&a)
	}
	return a
}

func right(id string, change func(r *exchange.Right)) exchange.Right {
	r := exchange.Right{
		ID: id, Subject: province, Service: match, Purposes: []string{"1.004194", "2.000635"}, LegalBasis: "107/2021/NĐ-CP",
		From: clock.MustDate("2026-01-01"), Until: clock.MustDate("2026-12-31"), Fields: []string{"*"}, GivenAt: noon.AddDate(0, -1, 0),
	}
	if change != nil {
		change(&r)
	}
	return r
}

func TestDecide(t *testing.T) {
	t.Parallel()
	groups := map[string][]xroad.ID{"provinces": {province}}
	group := func(r *exchange.Right) { r.Subject, r.Group = xroad.ID{}, "provinces" }
	tests := []struct {
		name   string
		rights []exchange.Right
		ask    exchange.Ask
		want   string // a right, or
		code   xroad.Code
		says   string
	}{
		{"nothing given", nil, ask(nil), "", xroad.AccessDenied, "no right"},
		{"given", []exchange.Right{right("a", nil)}, ask(nil), "a", "", ""},
		{
			"another subsystem of the member",
			[]exchange.Right{right("a", nil)},
			ask(func(a *exchange.Ask) { a.Client = xroad.MustID("VN/GOV/H55/OTHER") }), "", xroad.AccessDenied, "no right",
		},
		{
			"the member itself",
			[]exchange.Right{right("a", func(r *exchange.Right) { r.Subject = province.MemberID() })},
			ask(func(a *exchange.Ask) { a.Client = province.MemberID() }), "", xroad.AccessDenied, "no right",
		},
		{
			"another service",
			[]exchange.Right{right("a", nil)},
			ask(func(a *exchange.Ask) { a.Service = match.Of("facts") }), "",
			xroad.AccessDenied, "no right",
		},
		{"through a group", []exchange.Right{right("a", group)}, ask(nil), "a", "", ""},
		{
			"not of the group",
			[]exchange.Right{right("a", group)},
			ask(func(a *exchange.Ask) { a.Client = xroad.MustID("VN/GOV/G24/BHXH") }), "",
			xroad.AccessDenied, "no right",
		},
		{
			"a group and a subject: the group counts",
			[]exchange.Right{right("a", func(r *exchange.Right) { r.Group = "none" })},
			ask(nil), "",
			xroad.AccessDenied, "no right",
		},
		{
			"another method", []exchange.Right{right("a", func(r *exchange.Right) { r.Method = "GET" })}, ask(nil), "", xroad.AccessDenied, "method",
		},
		{
			"PATCH is not POST",
			[]exchange.Right{right("a", func(r *exchange.Right) { r.Method = "POST" })},
			ask(func(a *exchange.Ask) { a.Method = "PATCH" }), "", xroad.AccessDenied, "method (PATCH)",
		},
		{"another path", []exchange.Right{right("a", func(r *exchange.Right) { r.Path = "/people" })}, ask(nil), "", xroad.AccessDenied, "path"},
		{
			"no purpose",
			[]exchange.Right{right("a", nil)},
			ask(func(a *exchange.Ask) { a.Purpose = "" }), "", xroad.PurposeRefused,
			"1.004194, 2.000635",
		},
		{"another purpose", []exchange.Right{right("a", nil)}, ask(func(a *exchange.Ask) { a.Purpose = "9" }), "", xroad.PurposeRefused, `"9"`},
		{
			"a case of the procedure",
			[]exchange.Right{right("a", nil)},
			ask(func(a *exchange.Ask) { a.Purpose = "1.004194.01" }), "a", "", "",
		},
		{
			"a purpose that begins alike",
			[]exchange.Right{right("a", nil)},
			ask(func(a *exchange.Ask) { a.Purpose = "1.0041940" }), "", xroad.PurposeRefused, `"1.0041940"`,
		},
		{
			"the procedure of a case",
			[]exchange.Right{right("a", func(r *exchange.Right) { r.Purposes = []string{"1.004194.01"} })},
			ask(nil), "", xroad.PurposeRefused, "1.004194.01",
		},
		{
			"a case before its procedure, through a group too",
			[]exchange.Right{right("whole", nil), right("case", func(r *exchange.Right) { group(r); r.Purposes = []string{"1.004194.01"} })},
			ask(func(a *exchange.Ask) { a.Purpose = "1.004194.01" }), "case", "", "",
		},
		{
			"any purpose",
			[]exchange.Right{right("a", func(r *exchange.Right) { r.Purposes = nil })},
			ask(func(a *exchange.Ask) { a.Purpose = "" }),
			"a", "", "",
		},
		{
			"last moment in Vietnam",
			[]exchange.Right{right("a", nil)},
			ask(func(a *exchange.Ask) { a.At = time.Date(2026, 12, 31, 16, 59, 59, 0, time.UTC) }), "a", "", "",
		},
		{
			"the day after",
			[]exchange.Right{right("a", nil)},
			ask(func(a *exchange.Ask) { a.At = time.Date(2026, 12, 31, 17, 0, 0, 0, time.UTC) }),
			"", xroad.AccessDenied, "ended on 2026-12-31",
		},
		{
			"first moment",
			[]exchange.Right{right("a", nil)},
			ask(func(a *exchange.Ask) { a.At = time.Date(2025, 12, 31, 17, 0, 0, 0, time.UTC) }),
			"a", "", "",
		},
		{
			"too early",
			[]exchange.Right{right("a", nil)},
			ask(func(a *exchange.Ask) { a.At = time.Date(2025, 12, 31, 16, 59, 59, 0, time.UTC) }),
			"", xroad.AccessDenied, "begins on 2026-01-01",
		},
		{
			"ended by its owner",
			[]exchange.Right{right("a", func(r *exchange.Right) { r.EndedAt = noon })},
			ask(nil), "", xroad.AccessDenied,
			"ended on 2026-11-21",
		},
		{
			"expired, but wrong purpose of another",
			[]exchange.Right{
				right("a", func(r *exchange.Right) { r.EndedAt = noon }), right("b", func(r *exchange.Right) { r.Purposes = []string{"7"} }),
			},
			ask(nil), "", xroad.PurposeRefused, "7",
		},
		{"path beats group and method", []exchange.Right{
			right("group", group), right("method", func(r *exchange.Right) { r.Method = "POST" }),
			right("star", func(r *exchange.Right) { r.Path = "/*" }), right("path", func(r *exchange.Right) { r.Path = "/persons"; group(r) }),
			right("wide", func(r *exchange.Right) { r.Path = "/**" }),
		}, ask(nil), "path", "", ""},
		{
			"climbing path",
			[]exchange.Right{right("a", nil)},
			ask(func(a *exchange.Ask) { a.Path = "/x/%2e%2e/y" }), "", xroad.AccessDenied,
			`".."`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := exchange.Decide(tt.rights, groups, tt.ask)
			switch {
			case tt.want != "" && (err != nil || got.ID != tt.want):
				t.Errorf("got %q, %v, want %q", got.ID, err, tt.want)
			case tt.want == "" && (err == nil || err.Code != tt.code || !strings.Contains(err.Text, tt.says)):
				t.Errorf("got %q, %v, want %s that says %q", got.ID, err, tt.code, tt.says)
			}
		})
	}
}

// TestDecideIsStable: the order in which rights are stored changes nothing.
func TestDecideIsStable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var list []exchange.Right
		for i := range rapid.IntRange(1, 6).Draw(t, "n") {
			list = append(list, right(string(rune('a'+i)), func(r *exchange.Right) {
				r.Path = rapid.SampledFrom([]string{"", "/persons", "/*", "/**", "/per*"}).Draw(t, "path")
				r.Method = rapid.SampledFrom([]string{"", "POST", "GET"}).Draw(t, "method")
			}))
		}
		want, wantErr := exchange.Decide(list, nil, ask(nil))
		got, gotErr := exchange.Decide(rapid.Permutation(list).Draw(t, "order"), nil, ask(nil))
		if want.ID != got.ID || (wantErr == nil) != (gotErr == nil) {
			t.Fatalf("got %q, %v, want %q, %v", got.ID, gotErr, want.ID, wantErr)
		}
	})
}

func TestPermit(t *testing.T) {
	t.Parallel()
	narrow := right("narrow", func(r *exchange.Right) { r.Path, r.Quota = "/persons", exchange.Quota{Calls: 2, Per: exchange.Day} })
	wide := right("wide", func(r *exchange.Right) { r.Quota = exchange.Quota{Calls: 5, Per: exchange.Month} })
	used := map[string]int64{}
	permit := func() (exchange.Ruling, *xroad.Error) {
		return exchange.Permit([]exchange.Right{wide, narrow}, nil, ask(nil), func(id string, _ time.Time) int64 { return used[id] })
	}
	for i, want := range []string{"narrow", "narrow", "wide", "wide", "wide", "wide", "wide"} {
		r, err := permit()
		if err != nil || r.Right.ID != want || r.Window != exchange.Window(r.Right.Quota, noon) {
			t.Fatalf("call %d: %q, %v, want %q", i, r.Right.ID, err, want)
		}
		used[r.Right.ID]++
	}
	if _, err := permit(); err == nil || err.Code != xroad.QuotaExceeded || !strings.Contains(err.Text, "2026-11-22T00:00:00+07:00") {
		t.Errorf("after all calls: %v", err)
	}
}

func TestWindow(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 30, 18, 34, 56, 7, time.UTC) // 1 December, 01:34 in Vietnam
	for per, want := range map[exchange.Period]string{
		exchange.Minute: "2026-11-30T18:34:00Z", exchange.Hour: "2026-11-30T18:00:00Z",
		exchange.Day: "2026-11-30T17:00:00Z", exchange.Month: "2026-11-30T17:00:00Z",
	} {
		if got := exchange.Window(exchange.Quota{Calls: 1, Per: per}, at).Format(time.RFC3339Nano); got != want {
			t.Errorf("%s: got %s, want %s", per, got, want)
		}
	}
	if !exchange.Window(exchange.Quota{}, at).IsZero() {
		t.Error("no quota has a window")
	}
}

func TestPathGlob(t *testing.T) {
	t.Parallel()
	tests := []struct {
		glob string
		yes  []string
		no   []string
	}{
		{
			"",
			[]string{"", "/", "/a", "/a//b", "/a%2Fb", "/a;x=1", "/%zz"},
			[]string{"/..", "/a/../b", "/%2e%2e/b", "/%252e%252e", "/a/..;x/b", `/a\..\b`, "/.%2e"},
		},
		{"/", []string{"", "/"}, []string{"/a", "//"}},
		{
			"/persons",
			[]string{"/persons", "/%70ersons"},
			[]string{"/persons/", "/Persons", "/persons/1", "/person", "/persons;x", "/persons%00", "//persons", "/./persons", "persons"},
		},
		{
			"/persons/*",
			[]string{"/persons/1", "/persons/Nguy%E1%BB%85n", "/persons/a*b"},
			[]string{
				"/persons", "/persons/", "/persons/1/2", "/persons/1%2F2", "/persons/1%5c2", "/persons/1;admin", "/persons/%25", "/persons/1%3Fx",
				"/persons/\xff",
			},
		},
		{"/p*s/x", []string{"/ps/x", "/persons/x"}, []string{"/p/x", "/p/s/x", "/persons/y"}},
		{"/a*b*c", []string{"/abc", "/aXbYc", "/abbbcbc"}, []string{"/ab", "/acb"}},
		{"/a/**", []string{"/a/b", "/a/b/c", "/a/"}, []string{"/a", "/b/a", "/a/../b", "/a//b", "/a/b%2fc"}},
		{"/**/x", []string{"/x", "/a/x", "/a/b/x"}, []string{"/a/b", "/x/a"}},
		{"/a/**/z/*", []string{"/a/z/1", "/a/b/c/z/1"}, []string{"/a/z", "/a/z/1/2x/y"}},
		{"/Nguyễn", []string{"/Nguy%E1%BB%85n"}, []string{"/Nguyen"}},
		{"/a**", nil, []string{"/a", "/ab", "/a/b"}}, // no glob, so it opens nothing
	}
	for _, tt := range tests {
		r := []exchange.Right{right("a", func(r *exchange.Right) { r.Path = tt.glob })}
		for _, p := range tt.yes {
			if _, err := exchange.Decide(r, nil, ask(func(a *exchange.Ask) { a.Path = p })); err != nil {
				t.Errorf("%q does not let %q through: %v", tt.glob, p, err)
			}
		}
		for _, p := range tt.no {
			if _, err := exchange.Decide(r, nil, ask(func(a *exchange.Ask) { a.Path = p })); err == nil {
				t.Errorf("%q lets %q through", tt.glob, p)
			}
		}
	}
}

// FuzzPath: what "/a/*" lets through has no way to mean another place.
func FuzzPath(f *testing.F) {
	for _, s := range []string{"/a/b", "/a/%2e%2e", "/a/%252e%252e%252f", "/a/b;c", "/a//b", "/a/%", "/a/\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, path string) {
		r := []exchange.Right{right("a", func(r *exchange.Right) { r.Path = "/a/*" })}
		if _, err := exchange.Decide(r, nil, ask(func(a *exchange.Ask) { a.Path = path })); err != nil {
			return
		}
		low := strings.ToLower(path)
		for _, s := range []string{"..", "%2f", "%5c", "%3b", "%25", "%00", "//", ";", `\`} {
			if s == ".." {
				if rest := strings.TrimPrefix(low, "/a/"); strings.ReplaceAll(rest, "%2e", ".") == ".." {
					t.Errorf("lets %q through", path)
				}
				continue
			}
			if strings.Contains(low, s) {
				t.Errorf("lets %q through", path)
			}
		}
	})
}

func TestCheckRight(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(r *exchange.Right)
		want   string // field
	}{
		{"good", nil, ""},
		{"group", func(r *exchange.Right) { r.Subject, r.Group = xroad.ID{}, "g" }, ""},
		{"nobody", func(r *exchange.Right) { r.Subject = xroad.ID{} }, "subject"},
		{"two", func(r *exchange.Right) { r.Group = "g" }, "subject"},
		{"a member", func(r *exchange.Right) { r.Subject = province.MemberID() }, "subject"},
		{"no service", func(r *exchange.Right) { r.Service = match.SubsystemID() }, "service"},
		{"meta service", func(r *exchange.Right) { r.Service = match.Of(xroad.ListMethods) }, "service"},
		{"method", func(r *exchange.Right) { r.Method = "get" }, "method"},
		{"glob", func(r *exchange.Right) { r.Path = "/a/../b" }, "path"},
		{"glob with stars", func(r *exchange.Right) { r.Path = "/a**b" }, "path"},
		{"relative glob", func(r *exchange.Right) { r.Path = "a" }, "path"},
		{"purpose twice", func(r *exchange.Right) { r.Purposes = []string{"1", "1"} }, "purposes"},
		{"purpose of two", func(r *exchange.Right) { r.Purposes = []string{"1, 2"} }, "purposes"},
		{"no basis", func(r *exchange.Right) { r.LegalBasis = " " }, "legal_basis"},
		{"days", func(r *exchange.Right) { r.Until = r.From.AddDays(-1) }, "until"},
		{"one day", func(r *exchange.Right) { r.Until = r.From }, ""},
		{"period", func(r *exchange.Right) { r.Quota = exchange.Quota{Calls: 1, Per: "week"} }, "quota"},
		{"period alone", func(r *exchange.Right) { r.Quota = exchange.Quota{Per: exchange.Day} }, "quota"},
		{"negative", func(r *exchange.Right) { r.Quota = exchange.Quota{Calls: -1, Per: exchange.Day} }, "quota"},
		{"no fields", func(r *exchange.Right) { r.Fields = nil }, "fields"},
		{"unknown field", func(r *exchange.Right) { r.Fields = []string{"name", "secret"} }, "fields"},
		{"known field", func(r *exchange.Right) { r.Fields = []string{"name"} }, ""},
	}
	for _, tt := range tests {
		err := exchange.CheckRight(right("a", tt.change), "name", "born")
		f := fault.As(err)
		if (tt.want == "") != (err == nil) || (f != nil && f.Field != tt.want) {
			t.Errorf("%s: got %v, want a fault at %q", tt.name, err, tt.want)
		}
	}
}

func TestDecideWithSecurity(t *testing.T) {
	t.Parallel()
	demands := func(r *exchange.Right) { r.Security = true }
	closed := exchange.Clearing{Clearance: exchange.Clearance{ID: province, Why: exchange.NoDossier}}
	a := ask(func(a *exchange.Ask) { a.Clearing = closed })
	_, e := exchange.Decide([]exchange.Right{right("a", demands)}, nil, a)
	if e == nil || e.Code != xroad.SecurityNoDossier || !e.Code.OfSecurity() || xroad.ParseCode(e.Code.In(xroad.StyleNew)) != e.Code {
		t.Errorf("closed: %v", e)
	}
	if r, e := exchange.Decide([]exchange.Right{right("a", demands), right("b", nil)}, nil, a); e != nil || r.ID != "b" {
		t.Errorf("a right without the demand: %v", e)
	}
	a.Clearing.Open = true
	if r, e := exchange.Decide([]exchange.Right{right("b", nil), right("a", demands)}, nil, a); e != nil || r.ID != "a" {
		t.Errorf("of two the one that demands is the narrower: %s %v", r.ID, e)
	}
	// Who is closed and since when stands in one sentence.
	a.Clearing = closed
	a.Clearing.System, a.Clearing.Until = "Y tế", time.Date(2026, 11, 18, 17, 0, 0, 0, time.UTC)
	want := a.Service.String() + " is closed to " + a.Client.String() + " (Y tế) since 2026-11-19 00:00: "
	if _, e := exchange.Decide([]exchange.Right{right("a", demands)}, nil, a); e == nil || !strings.HasPrefix(e.Text, want) {
		t.Errorf("got %v, want %q", e, want)
	}
	// What else is missing is said as before.
	a.Purpose, a.Clearing = "1.000000", closed
	if _, e := exchange.Decide([]exchange.Right{right("a", demands)}, nil, a); e == nil || e.Code != xroad.PurposeRefused {
		t.Errorf("another purpose: %v", e)
	}
	if right("a", nil).Within(right("b", demands)) || !right("a", demands).Within(right("b", nil)) {
		t.Error("to drop the demand is to widen a right")
	}
}
