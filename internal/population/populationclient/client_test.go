package populationclient_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"dean06/data"
	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/population"
	"dean06/internal/population/populationapi"
	"dean06/internal/population/populationclient"
	"dean06/internal/population/populationsql"
	"dean06/internal/xroad"
)

// village is a couple with a child, the man's parents, and somebody single.
const village = `number,name,birth,sex,ethnicity,marital,permanent,permanent_detail,household,relation,spouse_number,father_number,mother_number,cards
001090000001,Nguyễn Văn Thử,1990-01-01,1,01,2,01/001/00001,Số 1,000000001,CH01,001192000001,001060000001,001162000001,
001192000001,Lê Thị Vợ,1992-03-04,2,01,2,01/001/00001,Số 1,000000001,CH02,001090000001,,,"[{""serial"":""079000123456"",""kind"":""CC""}]"
001060000001,Nguyễn Văn Cha,1960-05-05,1,01,2,01/001/00001,Số 2,000000002,CH01,001162000001,,,
001162000001,Trần Thị Mẹ,1962-05-05,2,01,2,01/001/00001,Số 2,000000002,CH02,001060000001,,,
001195000001,Trần Thị Lan,1995-05-05,2,01,1,01/001/00001,Số 3,000000003,CH01,,,,
`

var (
	now    = time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)
	mother = citizen.MustNumber("001192000001")
	father = citizen.MustNumber("001090000001")
	asker  = populationclient.Asker{Officer: "canbo.test", Dossier: "H55.12-20261121-0000001", Purpose: "1.001193"}
)

// register is the services on a real register.
func register(t *testing.T) (*populationapi.API, *population.Register) {
	t.Helper()
	ctx, db := t.Context(), sqldbtest.OpenSQLite(t)
	for _, migrate := range []func(context.Context, *sqldb.DB) error{audit.Migrate, jobs.Migrate, populationsql.Migrate} {
		if err := migrate(ctx, db); err != nil {
			t.Fatal(err)
		}
	}
	units, err := population.NewUnits(data.FS)
	if err != nil {
		t.Fatal(err)
	}
	reg := population.New(population.Parts{
		Store: populationsql.New(db, populationsql.Outbox), Units: units, Clock: clock.Fixed(now), NewID: sqldb.NewID, NumberKey: []byte("key"),
	})
	loader := actor.Actor{Account: "1", Roles: []string{population.Administrator}}
	report, err := reg.Load(ctx, strings.NewReader(village), population.LoadOptions{Actor: loader, Name: "people.csv"})
	if err != nil || report.Loaded != 5 {
		t.Fatalf("loaded %+v, %v", report, err)
	}
	words, err := i18n.Load(populationapi.Messages, citizen.Messages, population.Messages)
	if err != nil {
		t.Fatal(err)
	}
	return populationapi.New(populationapi.Parts{Register: reg, Texts: words, Clock: clock.Fixed(now), Log: slog.New(slog.DiscardHandler)}), reg
}

var dancu = xroad.ID{Instance: "VN", Class: "GOV", Member: "G01", Subsystem: "DANCU"}

// calling is a client whose calls get the fields of a right, and go to the services.
func calling(api *populationapi.API, fields string, seen *[]*http.Request) *populationclient.Client {
	return through(func(_ context.Context, r *http.Request) (*http.Response, error) {
		if seen != nil {
			*seen = append(*seen, r)
		}
		service := strings.Split(r.URL.Path, "/")[6]
		in := r.Clone(r.Context())
		in.Header.Set(xroad.HeaderClient, "VN/GOV/H55/MOTCUA")
		in.Header.Set(xroad.HeaderFields, fields)
		s, ok := api.Service(service)
		if !ok {
			return nil, errors.New("no service " + service)
		}
		w := httptest.NewRecorder()
		s.Handler.ServeHTTP(w, in)
		return w.Result(), nil
	})
}

func through(call func(context.Context, *http.Request) (*http.Response, error)) *populationclient.Client {
	return &populationclient.Client{Call: call, Register: func() (xroad.ID, bool) { return dancu, true }}
}

// TestFacts asks a real register.
func TestFacts(t *testing.T) {
	t.Parallel()
	api, reg := register(t)
	var seen []*http.Request
	c := calling(api, "*", &seen)
	fields := []population.Field{"name", "birth", "sex", "ethnicity", "permanent", "spouse", "household", "members", "cards", "marital", "origin"}
	f, err := c.Facts(t.Context(), asker, populationclient.Key{Number: mother}, fields, nil)
	if err != nil {
		t.Fatal(err)
	}
	p := f.Person
	if p.Name != "Lê Thị Vợ" || p.Birth != citizen.MustDay("1992-03-04") || p.Sex != citizen.Female || p.Permanent.Commune != "00001" ||
		p.Spouse.Number != father || p.Spouse.Name != "Nguyễn Văn Thử" || f.Head.Number != father || len(f.Members) != 1 ||
		len(p.Cards) != 1 || p.Marital != population.Married || f.AsOf.IsZero() || p.Number != mother {
		t.Errorf("facts = %+v", f)
	}
	if !f.Has("origin") || !p.Origin.IsZero() || f.Has("blood") {
		t.Errorf("fields = %v: what is not known is told as such, what was not asked is not", f.Fields)
	}
	h := seen[0].Header
	if h.Get(xroad.HeaderUserID) != asker.Officer || h.Get(xroad.HeaderIssue) != asker.Dossier || h.Get(xroad.HeaderPurpose) != asker.Purpose ||
		h.Get("Accept-Language") != "vi" || h.Get(xroad.HeaderID) == "" {
		t.Errorf("headers = %v", h)
	}
	if _, err := c.Facts(t.Context(), asker, populationclient.Key{Number: mother}, fields, nil); err != nil {
		t.Fatal(err)
	}
	if seen[1].Header.Get(xroad.HeaderID) == h.Get(xroad.HeaderID) {
		t.Error("two calls have one id: the other gateway refuses the second")
	}
	looked, err := reg.Store.Lookups(t.Context(), mother, population.Period{}, "", 10)
	if err != nil || len(looked) != 2 || looked[0].Officer != asker.Officer || looked[0].Dossier != asker.Dossier || looked[0].Purpose != "1.001193" {
		t.Errorf("the mother reads %+v, %v", looked, err)
	}

	_, err = c.Facts(t.Context(), asker, populationclient.Key{Number: citizen.MustNumber("001199999999")}, fields, nil)
	if fault.Of(err) != fault.NotFound {
		t.Errorf("of nobody: %v", err)
	}
	if _, err = c.Facts(t.Context(), asker, populationclient.Key{Number: mother}, nil, nil); fault.Of(err) != fault.Invalid {
		t.Errorf("for no field: %v", err)
	}

	narrow := calling(api, "name,birth", nil)
	_, err = narrow.Facts(t.Context(), asker, populationclient.Key{Number: mother}, []population.Field{"name", "marital"}, nil)
	if fault.Of(err) != fault.Denied {
		t.Errorf("beyond the right: %v", err)
	}
	f, err = narrow.Facts(t.Context(), asker, populationclient.Key{Number: mother}, []population.Field{"name"}, []population.Field{"marital", "birth"})
	if err != nil || !slices.Equal(f.Fields, []population.Field{"name", "birth"}) {
		t.Errorf("as far as the right grants: %v, %v", f.Fields, err)
	}

	v, err := c.Match(t.Context(), asker, populationclient.Claim{Number: mother, Name: "LE THI VO", Birth: citizen.MustDay("1992-03-05")})
	if err != nil || !v.Found || !v.Name || v.Birth {
		t.Errorf("verdict = %+v, %v", v, err)
	}
	v, err = c.Match(t.Context(), asker, populationclient.Claim{Number: mother, Name: "Trần Thị Lan"})
	if err != nil || v.Found {
		t.Errorf("of another name = %+v, %v", v, err)
	}
	if _, err = c.Match(t.Context(), asker, populationclient.Claim{Number: mother}); fault.Of(err) != fault.Invalid {
		t.Errorf("a number alone: %v", err)
	}
	house, err := c.Household(t.Context(), asker, populationclient.Key{Number: mother})
	if err != nil || house.Number != "000000001" || len(house.Members) != 2 || house.Head.Number != father {
		t.Errorf("household = %+v, %v", house, err)
	}
	home, err := c.Residence(t.Context(), asker, populationclient.Key{Number: mother})
	if err != nil || home.Permanent.Detail != "Số 1" || home.Household != "000000001" || home.Number != mother {
		t.Errorf("residence = %+v, %v", home, err)
	}
}

func birth() populationclient.Event {
	return populationclient.Event{
		Kind: population.Birth, On: citizen.MustDay("2026-11-01"), Basis: "Giấy chứng sinh 12",
		Child:  &populationclient.Child{Name: "Nguyễn Thị Bé", Sex: "2", Birthplace: &population.Place{Province: "01", Commune: "00097"}},
		Mother: &populationclient.Person{Number: mother, Name: "Lê Thị Vợ"}, Father: &populationclient.Person{Number: father, Name: "Nguyễn Văn Thử"},
	}
}

// TestReport tells a real register of a birth.
func TestReport(t *testing.T) {
	t.Parallel()
	api, _ := register(t)
	c := calling(api, "*", nil)
	none, err := c.EventsOf(t.Context(), asker)
	if err != nil || len(none) != 0 {
		t.Errorf("before anything: %+v, %v", none, err)
	}
	born, err := c.Report(t.Context(), asker, birth())
	if err != nil || born.Again || !strings.HasPrefix(born.Number.Reveal(), "001326") {
		t.Fatalf("born = %+v, %v", born, err)
	}
	again, err := c.Report(t.Context(), asker, birth())
	if err != nil || !again.Again || again.Number != born.Number || again.Event != born.Event {
		t.Errorf("again = %+v, %v", again, err)
	}
	other := birth()
	other.Child.Name = "Nguyễn Thị Khác"
	if _, err = c.Report(t.Context(), asker, other); fault.Of(err) != fault.Conflict || !strings.Contains(fault.As(err).Args["said"].(string), "child.name") {
		t.Errorf("another content = %v", err)
	}
	later := asker
	later.Dossier = "H55.12-20261121-0000002"
	_, err = c.Report(t.Context(), later, birth())
	var asked populationclient.Questions
	if !errors.As(err, &asked) || len(asked) != 1 || asked[0].Answer != populationclient.ByReason || asked[0].Facts[0].Person.Number != born.Number ||
		asked[0].Facts[0].Past.Basis != "Giấy chứng sinh 12" {
		t.Fatalf("the same child in another dossier = %v %+v", err, asked)
	}
	twin := birth()
	twin.Answers = map[string]string{asked[0].Code: "ngắn"}
	if _, err = c.Report(t.Context(), later, twin); fault.Of(err) != fault.Invalid {
		t.Errorf("a short reason = %v", err)
	}
	twin.Answers[asked[0].Code] = "Sinh đôi, giấy chứng sinh số 13"
	if got, err := c.Report(t.Context(), later, twin); err != nil || got.Number == born.Number {
		t.Errorf("the twin = %+v, %v", got, err)
	}
	found, err := c.EventsOf(t.Context(), asker)
	if err != nil || len(found) != 1 || found[0].Number != born.Number {
		t.Errorf("events of the dossier = %+v, %v", found, err)
	}
	stranger := birth()
	stranger.Mother.Name = "Trần Thị Lan"
	later.Dossier = "H55.12-20261121-0000003"
	if _, err = c.Report(t.Context(), later, stranger); fault.Of(err) != fault.NotFound {
		t.Errorf("a number with another's name = %v", err)
	}
	if _, err = calling(api, "event.death", nil).Report(t.Context(), later, birth()); fault.Of(err) != fault.Denied {
		t.Errorf("without a right to births = %v", err)
	}
}

// said is an answer of somebody who need not be the register.
func said(status int, body string, header ...string) func(context.Context, *http.Request) (*http.Response, error) {
	return func(context.Context, *http.Request) (*http.Response, error) {
		h := http.Header{}
		for i := 0; i+1 < len(header); i += 2 {
			h.Set(header[i], header[i+1])
		}
		return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body))}, nil
	}
}

// endless never stops sending, and never sends anything that ends.
type endless struct{ slow time.Duration }

func (e endless) Read(b []byte) (int, error) {
	time.Sleep(e.slow)
	for i := range b {
		b[i] = ' '
	}
	if e.slow > 0 {
		return 1, nil
	}
	return len(b), nil
}

func (endless) Close() error { return nil }

// told is an answer with facts.
func told(fields, person string) string {
	return `{"found":true,"as_of":"2026-11-21T03:00:00Z","fields":` + fields + `,"person":` + person + `}`
}

// TestLiar: nothing that cannot be true is taken for an answer.
func TestLiar(t *testing.T) {
	t.Parallel()
	const person = `"person":{"number":"001192000001","name":"Lê Thị Vợ"}`
	ask := func(c *populationclient.Client) error {
		_, err := c.Facts(t.Context(), asker, populationclient.Key{Number: mother}, []population.Field{"name"}, nil)
		return err
	}
	match := func(c *populationclient.Client) error {
		_, err := c.Match(t.Context(), asker, populationclient.Claim{Number: mother, Name: "Lê Thị Vợ"})
		return err
	}
	report := func(c *populationclient.Client) error {
		_, err := c.Report(t.Context(), asker, birth())
		return err
	}
	const recorded = `{"event":"r-1","again":false,"kind":"birth","item":1,"on":"2026-11-01","recorded_at":"2026-11-21T03:00:00Z","number":"001326000001"}`
	tests := []struct {
		name   string
		do     func(*populationclient.Client) error
		status int
		body   string
		want   fault.Kind
	}{
		{"true", ask, 200, `{"found":true,"as_of":"2026-11-21T03:00:00Z","fields":["number","name"],` + person + `}`, ""},
		{"nothing", ask, 200, ``, fault.Unavailable},
		{"a page", ask, 200, `<html>đăng nhập</html>`, fault.Unavailable},
		{"a list", ask, 200, `[]`, fault.Unavailable},
		{"null", ask, 200, `null`, fault.Unavailable},
		{"two answers", ask, 200, `{"found":true,"as_of":"2026-11-21T03:00:00Z","fields":["name"],"person":{"name":"A"}}{}`, fault.Unavailable},
		{"not found with 200", ask, 200, `{"found":false}`, fault.Unavailable},
		{"without the moment", ask, 200, `{"found":true,"fields":["number","name"],` + person + `}`, fault.Unavailable},
		{"an impossible moment", ask, 200, `{"found":true,"as_of":"hôm nay","fields":["number","name"],` + person + `}`, fault.Unavailable},
		{"another's number", ask, 200, told(`["number","name"]`, `{"number":"001195000001","name":"Trần Thị Lan"}`), fault.Unavailable},
		{"no number though it is told", ask, 200, told(`["number","name"]`, `{"name":"Lê Thị Vợ"}`), fault.Unavailable},
		{"a field is left out", ask, 200, told(`["number"]`, `{"number":"001192000001"}`), fault.Unavailable},
		{"more than was asked", ask, 200, told(`["number","name","blood"]`, `{"number":"001192000001","name":"A","blood":"01"}`), fault.Unavailable},
		{"more than is told", ask, 200, told(`["number","name"]`, `{"number":"001192000001","name":"A","blood":"01"}`), fault.Unavailable},
		{"a name that is a number", ask, 200, told(`["number","name"]`, `{"number":"001192000001","name":7}`), fault.Unavailable},
		{"a name that is null", ask, 200, told(`["number","name"]`, `{"number":"001192000001","name":null}`), fault.Unavailable},
		{"a number of nine digits", ask, 200, told(`["number","name"]`, `{"number":"001192000","name":"A"}`), fault.Unavailable},
		{"not UTF-8", ask, 200, "{\"found\":true,\"as_of\":\"2026-11-21T03:00:00Z\",\"fields\":[\"name\"],\"person\":{\"name\":\"L\xea\"}}", fault.Unavailable},
		{"moved", ask, 302, ``, fault.Unavailable},
		{"teapot", ask, 418, `{"status":418,"detail":"trà"}`, fault.Unavailable},
		{"a plain 404", ask, 404, `not found`, fault.Unavailable},
		{"a 404 about the path", ask, 404, `{"status":404,"detail":"Không có"}`, fault.Unavailable},
		{"nobody", ask, 404, `{"status":404,"detail":"Không có ai","found":false}`, fault.NotFound},
		{"a problem of another status", ask, 404, `{"status":403,"detail":"Không","found":false}`, fault.Unavailable},
		{"failed", ask, 500, `boom`, fault.Unavailable},
		{"later", ask, 503, `{"status":503,"detail":"bận"}`, fault.Unavailable},
		{"denied", ask, 403, `{"status":403,"detail":"Quyền không gồm: tên","fields":["name"]}`, fault.Denied},
		{"denied without a word", ask, 403, `{}`, fault.Unavailable},
		{"a verdict without a verdict", match, 200, `{}`, fault.Unavailable},
		{"a verdict of what was not claimed", match, 200, `{"found":true,"fields":{"name":true,"birth":true}}`, fault.Unavailable},
		{"a verdict that is found and fits nothing", match, 200, `{"found":true,"fields":{"name":false}}`, fault.Unavailable},
		{"a verdict", match, 200, `{"found":true,"fields":{"name":true}}`, ""},
		{"recorded", report, 201, recorded, ""},
		{"recorded with 202", report, 202, recorded, fault.Unavailable},
		{"recorded without a number", report, 201, strings.Replace(recorded, "001326000001", "", 1), fault.Unavailable},
		{"recorded with the mother's number", report, 201, strings.Replace(recorded, "001326000001", "001192000001", 1), fault.Unavailable},
		{"another kind", report, 201, strings.Replace(recorded, `"birth"`, `"death"`, 1), fault.Unavailable},
		{"another day", report, 201, strings.Replace(recorded, `2026-11-01`, `2026-11-02`, 1), fault.Unavailable},
		{"again with 201", report, 201, strings.Replace(recorded, `"again":false`, `"again":true`, 1), fault.Unavailable},
		{"without an id", report, 201, strings.Replace(recorded, `r-1`, ``, 1), fault.Unavailable},
		{
			"a question without a code", report, 409,
			`{"status":409,"detail":"hỏi","questions":[{"text":"?","answer":"reason","facts":[]}]}`, fault.Unavailable,
		},
		{
			"a question that is answered somehow", report, 409,
			`{"status":409,"detail":"hỏi","questions":[{"code":"a-1","text":"?","answer":"dance","facts":[]}]}`, fault.Unavailable,
		},
		{"refused", report, 409, `{"status":409,"detail":"Khác với nội dung đã ghi"}`, fault.Conflict},
		{"against a rule", report, 422, `{"status":422,"detail":"Chưa đúng","errors":[{"field":"on","detail":"Ngày sau hôm nay"}]}`, fault.Invalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := tt.do(through(said(tt.status, tt.body)))
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("%v", err)
			case tt.want != "" && (err == nil || fault.Of(err) != tt.want):
				t.Errorf("%v, want %s", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "001195000001") {
				t.Errorf("the log would name a person: %v", err)
			}
		})
	}
}

// TestAway: whatever stands in the way, it is said, and in time.
func TestAway(t *testing.T) {
	t.Parallel()
	ask := func(c *populationclient.Client) error {
		_, err := c.Facts(t.Context(), asker, populationclient.Key{Number: mother}, []population.Field{"name"}, nil)
		return err
	}
	tests := []struct {
		name string
		call func(context.Context, *http.Request) (*http.Response, error)
		want fault.Kind
		key  string
	}{
		{"not joined", func(context.Context, *http.Request) (*http.Response, error) {
			return nil, errors.New("not joined")
		}, fault.Unavailable, "populationclient.away.provider"},
		{"a fault of the gateway's", func(context.Context, *http.Request) (*http.Response, error) {
			return nil, fault.New(fault.Unavailable, "exchange.own.missing", nil)
		}, fault.Unavailable, "exchange.own.missing"},
		{"deaf", func(ctx context.Context, _ *http.Request) (*http.Response, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}, fault.Unavailable, "populationclient.away.provider"},
		{"drop by drop", func(context.Context, *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: endless{10 * time.Millisecond}}, nil
		}, fault.Unavailable, "populationclient.away.provider"},
		{"without end", func(context.Context, *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: endless{}}, nil
		}, fault.Unavailable, "populationclient.away.answer"},
		{
			"no right", said(500, `{"type":"x","message":"no right to call"}`, xroad.HeaderError, string(xroad.AccessDenied)),
			fault.Denied, "populationclient.denied.right",
		},
		{"purpose", said(500, ``, xroad.HeaderError, string(xroad.PurposeRefused)), fault.Denied, "populationclient.denied.purpose"},
		{"quota", said(500, ``, xroad.HeaderError, string(xroad.QuotaExceeded)), fault.Denied, "populationclient.denied.quota"},
		{"not named", said(500, ``, xroad.HeaderError, string(xroad.NotNamed)), fault.Denied, "populationclient.denied.named"},
		{"the new way to write it", said(500, ``, xroad.HeaderError, xroad.QuotaExceeded.In(xroad.StyleNew)), fault.Denied, "populationclient.denied.quota"},
		{"stopped", said(500, ``, xroad.HeaderError, string(xroad.NetworkError)), fault.Unavailable, "populationclient.away.provider"},
		{"no such service", said(500, ``, xroad.HeaderError, string(xroad.UnknownService)), fault.Unavailable, "populationclient.away.service"},
		{"an error with 200", said(200, `{"found":true}`, xroad.HeaderError, "Server.Something"), fault.Unavailable, "populationclient.away.provider"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := through(tt.call)
			c.Patience = 300 * time.Millisecond
			if err := ask(c); fault.Of(err) != tt.want || fault.As(err).Key != tt.key {
				t.Errorf("%v, want %s %s", err, tt.want, tt.key)
			}
		})
	}
	unknown := through(nil)
	unknown.Register = func() (xroad.ID, bool) { return xroad.ID{}, false }
	if err := ask(unknown); fault.Of(err) != fault.Unavailable {
		t.Errorf("before the node has joined: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	gone := through(func(ctx context.Context, _ *http.Request) (*http.Response, error) { return nil, ctx.Err() })
	if _, err := gone.Match(ctx, asker, populationclient.Claim{Number: mother, Name: "A"}); !errors.Is(err, context.Canceled) {
		t.Errorf("who has gone is told %v", err)
	}
}

// FuzzAnswer: no answer brings the client down, or is taken for more than it says.
func FuzzAnswer(f *testing.F) {
	f.Add(200, told(`["number","name"]`, `{"number":"001192000001","name":"Lê Thị Vợ"}`))
	f.Add(409,
		`{"status":409,"detail":"hỏi","questions":[{"code":"a-1","kind":"a","text":"?","answer":"choice",`+
			`"facts":[{"as":"head","choice":"1","fields":["name"],"person":{"name":"A"}}]}]}`)
	f.Add(201, `{"event":"r-1","kind":"birth","item":1,"on":"2026-11-01","recorded_at":"2026-11-21T03:00:00Z","number":"001326000001"}`)
	f.Fuzz(func(t *testing.T, status int, body string) {
		c := through(said(status, body))
		facts, err := c.Facts(t.Context(), asker, populationclient.Key{Number: mother}, []population.Field{"number", "name"}, nil)
		if err == nil && (facts.Person.Number != mother || facts.AsOf.IsZero()) {
			t.Errorf("facts = %+v", facts)
		}
		done, err := c.Report(t.Context(), asker, birth())
		if err == nil && (done.Number.IsZero() || done.Number == mother || done.Event == "") {
			t.Errorf("recorded = %+v", done)
		}
	})
}
