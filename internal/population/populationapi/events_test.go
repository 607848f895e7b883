package populationapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dean06/data"
	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/population"
	"dean06/internal/population/populationapi"
	"dean06/internal/population/populationsql"
)

// village is a couple with the man's parents, and somebody single.
const village = `number,name,birth,sex,marital,permanent,permanent_detail,household,relation,spouse_number,father_number,mother_number
001090000001,Nguyễn Văn Thử,1990-01-01,1,2,01/001/00001,Số 1,000000001,CH01,001192000001,001060000001,001162000001
001192000001,Lê Thị Vợ,1992-03-04,2,2,01/001/00001,Số 1,000000001,CH02,001090000001,,
001060000001,Nguyễn Văn Cha,1960-05-05,1,2,01/001/00001,Số 2,000000002,CH01,001162000001,,
001162000001,Trần Thị Mẹ,1962-05-05,2,2,01/001/00001,Số 2,000000002,CH02,001060000001,,
001195000001,Trần Thị Lan,1995-05-05,2,1,01/001/00001,Số 3,000000003,CH01,,,
001094000001,Vũ Văn Nam,1994-05-05,1,1,01/001/00001,Số 4,000000004,CH01,,,
`

// reporting is the services on a register in a database.
func reporting(t testing.TB, db *sqldb.DB) (*populationapi.API, *population.Register) {
	t.Helper()
	return holding(t, db, village, 6, now)
}

// holding is the services on a register of some people.
func holding(t testing.TB, db *sqldb.DB, rows string, many int, at time.Time) (*populationapi.API, *population.Register) {
	t.Helper()
	ctx := t.Context()
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
		Store: populationsql.New(db, populationsql.Outbox), Units: units, Clock: clock.Fixed(at), NewID: sqldb.NewID, NumberKey: []byte("key"),
	})
	loader := actor.Actor{Account: "1", Roles: []string{population.Administrator}}
	report, err := reg.Load(ctx, strings.NewReader(rows), population.LoadOptions{Actor: loader, Name: "people.csv"})
	if err != nil || report.Loaded != many {
		t.Fatalf("loaded %+v, %v", report, err)
	}
	words, err := i18n.Load(populationapi.Messages, citizen.Messages, population.Messages)
	if err != nil {
		t.Fatal(err)
	}
	return populationapi.New(populationapi.Parts{
		Register: reg, Texts: words, Clock: clock.Fixed(at), Log: slog.New(slog.DiscardHandler),
	}), reg
}

// answered is what a report is answered.
type answered struct {
	Status    int
	Event     string
	Again     bool
	Number    string
	Household string
	Title     string
	Detail    string
	Fields    []string
	Errors    []struct{ Field, Key string }
	Questions []struct {
		Code, Kind, Text, Member, Answer string
		Facts                            []struct {
			As, Choice string
			Fields     []string
			Person     map[string]any
			Event      *struct{ ID, Kind, On, Basis string }
		}
	}
	body string
}

func send(t testing.TB, api *populationapi.API, dossier, body string, header ...string) answered {
	t.Helper()
	h := map[string]string{"X-Road-Issue": dossier}
	for i := 0; i+1 < len(header); i += 2 {
		h[header[i]] = header[i+1]
	}
	w := do(t, api, ask{service: "events", body: body, header: h})
	return read(t, api, w, "#/paths/~1/post/responses/%d/content/application~1json/schema")
}

func read(t testing.TB, api *populationapi.API, w *httptest.ResponseRecorder, at string) answered {
	t.Helper()
	a := answered{body: w.Body.String()}
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		t.Fatalf("%d %s: %v", w.Code, w.Body, err)
	}
	a.Status = w.Code
	if strings.Contains(at, "%d") {
		at = fmt.Sprintf(at, w.Code)
	}
	if w.Code >= 400 {
		at = "#/components/schemas/Problem"
	}
	s, _ := api.Service("events")
	if one, ok := t.(*testing.T); ok {
		schema, err := compile(one, s, at)
		if err != nil {
			t.Fatalf("%s: %v", at, err)
		}
		var v any
		_ = json.Unmarshal(w.Body.Bytes(), &v)
		if err := schema.Validate(v); err != nil {
			t.Errorf("the document says otherwise: %v\n%s", err, w.Body)
		}
	}
	return a
}

func birth(name, more string) string {
	return `{"kind":"birth","on":"2026-11-01","basis":"Giấy chứng sinh 12","child":{"name":"` + name +
		`","sex":"2","birthplace":{"province":"01","commune":"00097"}},` +
		`"mother":{"number":"001192000001","name":"LE THI VO"},"father":{"number":"001090000001","name":"Nguyễn Văn Thử"}` + more + `}`
}

const death = `{"kind":"death","on":"2026-11-10","basis":"Giấy báo tử 3","person":{"number":"001090000001","name":"Nguyễn Văn Thử"}}`

// TestReport: each kind is recorded, once; another content is refused; what is asked is answered.
func TestReport(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		api, reg := reporting(t, db)
		born := send(t, api, "H55-1", birth("Nguyễn Thị Bé", ""))
		if born.Status != 201 || born.Again || !strings.HasPrefix(born.Number, "001326") || born.Household != "000000001" {
			t.Fatalf("born = %+v", born)
		}
		again := send(t, api, "H55-1", birth("Nguyễn  Thị Bé", ""))
		if again.Status != 200 || !again.Again || again.Number != born.Number || again.Event != born.Event {
			t.Errorf("again = %+v", again)
		}
		other := send(t, api, "H55-1", birth("Nguyễn Thị Khác", ""))
		if other.Status != 409 || !strings.Contains(other.Detail, "child.name") || len(other.Questions) > 0 {
			t.Errorf("another content = %+v", other)
		}
		// Another system's dossier of the same name is another; the register asks.
		asked := send(t, api, "H55-1", birth("Nguyễn Thị Bé", ""), "X-Road-Client", "VN/GOV/H55/MOTCUA")
		if asked.Status != 409 || len(asked.Questions) != 1 {
			t.Fatalf("the same child = %s", asked.body)
		}
		q := asked.Questions[0]
		if asked.Title != "Cần trả lời trước khi ghi" || other.Title != "Khác với nội dung đã ghi" {
			t.Errorf("titles are %q and %q", asked.Title, other.Title)
		}
		if q.Kind != "birth_again" || q.Answer != "reason" || q.Member != "child.name" || q.Facts[0].Person["number"] != born.Number ||
			q.Facts[0].Event.Basis != "Giấy chứng sinh 12" {
			t.Errorf("question = %+v", q)
		}
		looked, err := reg.Store.Lookups(t.Context(), citizen.MustNumber(born.Number), population.Period{}, "", 10)
		if err != nil || !slices.ContainsFunc(looked, func(l population.Lookup) bool {
			return l.Client == "VN/GOV/H55/MOTCUA" && l.Service == "events" && l.Outcome == population.Answered && slices.Contains(l.Fields, "name")
		}) {
			t.Errorf("the child's look-ups = %+v, %v", looked, err)
		}
		short := send(t, api, "H55-1", birth("Nguyễn Thị Bé", `,"answers":{"`+q.Code+`":"ok"}`), "X-Road-Client", "VN/GOV/H55/MOTCUA")
		if short.Status != 422 || len(short.Errors) != 1 || short.Errors[0].Field != "answers."+q.Code {
			t.Errorf("a short reason = %s", short.body)
		}
		with := birth("Nguyễn Thị Bé", `,"answers":{"`+q.Code+`":"Sinh đôi, giấy chứng sinh 13"}`)
		twin := send(t, api, "H55-1", with, "X-Road-Client", "VN/GOV/H55/MOTCUA")
		if twin.Status != 201 || twin.Number == born.Number {
			t.Errorf("answered = %s", twin.body)
		}
		v, err := reg.View(t.Context(), population.Inquiry{
			By: actor.Actor{Account: "2", Roles: []string{population.Registrar}}, Purpose: "correction", Granted: []population.Field{"*"},
		}, citizen.MustNumber(twin.Number))
		if err != nil {
			t.Fatal(err)
		}
		e := v.Events[0]
		if e.Agency != "H55" || e.ByName != "canbo.test" || e.By != "gateway:VN/GOV/H55/MOTCUA" || e.Reported == nil || e.Reported.Dossier != "H55-1" ||
			e.Answers[q.Code] != "Sinh đôi, giấy chứng sinh 13" {
			t.Errorf("event = %+v", e)
		}

		// The others.
		married := `{"kind":"marriage","on":"2026-11-05","basis":"GCN kết hôn 7","person":{"number":"001195000001","name":"Trần Thị Lan"},` +
			`"spouse":{"number":"001094000001","name":"Vũ Văn Nam","birth":"1994"}}`
		if a := send(t, api, "H55-2", married); a.Status != 201 || a.Number != "001195000001" {
			t.Errorf("married = %s", a.body)
		}
		moved := `{"kind":"move_permanent","on":"2026-11-06","basis":"CT01 số 5","person":{"number":"001195000001","name":"Trần Thị Lan"},` +
			`"place":{"province":"01","commune":"00097","detail":"Số 4"},"household":"000000004","relation":"CH02"}`
		if a := send(t, api, "H55-2", moved); a.Status != 201 || a.Household != "000000004" {
			t.Errorf("moved = %s", a.body)
		}
		temporary := `{"kind":"move_temporary","on":"2026-11-07","basis":"CT01 số 6","person":{"number":"001094000001","name":"Vũ Văn Nam"},` +
			`"place":{"province":"79","commune":"26734"}}`
		if a := send(t, api, "H55-3", temporary); a.Status != 422 || a.Errors[0].Field != "place" {
			t.Errorf("to a commune that has ended = %s", a.body)
		}
		temporary = strings.Replace(temporary, `"province":"79","commune":"26734"`, `"province":"01","commune":"00004"`, 1)
		if a := send(t, api, "H55-3", temporary); a.Status != 201 {
			t.Errorf("temporarily = %s", a.body)
		}
		ended := `{"kind":"move_temporary","on":"2026-11-09","basis":"CT01 số 8","item":2,"person":{"number":"001094000001","name":"Vũ Văn Nam"},"end":true}`
		if a := send(t, api, "H55-3", ended); a.Status != 201 {
			t.Errorf("ended = %s", a.body)
		}
		if a := send(t, api, "H55-4", death); a.Status != 201 || a.Number != "001090000001" {
			t.Errorf("dead = %s", a.body)
		}
		w := do(t, api, ask{service: "events", method: "GET", path: "/H55-3"})
		if read(t, api, w, "#/paths/~1%7Bid%7D/get/responses/200/content/application~1json/schema"); w.Code != 200 ||
			strings.Count(w.Body.String(), `"event":"r-`) != 2 {
			t.Errorf("status = %d %s", w.Code, w.Body)
		}
		if w = do(t, api, ask{service: "events", method: "GET", path: "/H55-9"}); w.Code != 404 {
			t.Errorf("of no report = %d %s", w.Code, w.Body)
		}
		if w = do(t, api, ask{
			service: "events", method: "GET", path: "/H55-3", header: map[string]string{"X-Road-Client": "VN/GOV/H55/MOTCUA"},
		}); w.Code != 404 {
			t.Errorf("of another system = %d %s", w.Code, w.Body)
		}
		n, err := sqldb.One[int64](t.Context(), db, `SELECT COUNT(*) FROM job WHERE kind = $1`, "outbox."+populationsql.Topic)
		if err != nil || n < 8 {
			t.Errorf("%d changes for the feed, %v", n, err)
		}
	})
}

// TestReportsAreRead strictly, and told by the member.
func TestReportsAreRead(t *testing.T) {
	t.Parallel()
	api, reg := reporting(t, sqldbtest.OpenSQLite(t))
	who := `"person":{"number":"001090000001","name":"Nguyễn Văn Thử"}`
	tests := []struct {
		name, body string
		header     []string
		status     int
		want       string
	}{
		{"no kind", `{"on":"2026-11-10"}`, nil, 422, `"field":"kind"`},
		{"a kind that is not reported", `{"kind":"card","on":"2026-11-10","basis":"x"}`, nil, 422, `"field":"kind"`},
		{"no day", `{"kind":"death","basis":"Giấy 1",` + who + `}`, nil, 422, `"field":"on"`},
		{"no paper", `{"kind":"death","on":"2026-11-10",` + who + `}`, nil, 422, `"field":"basis"`},
		{"an empty paper", `{"kind":"death","on":"2026-11-10","basis":" . ",` + who + `}`, nil, 422, `"field":"basis"`},
		{"nobody", `{"kind":"death","on":"2026-11-10","basis":"Giấy 1"}`, nil, 422, `"field":"person"`},
		{"an unknown member", `{"kind":"death","on":"2026-11-10","basis":"Giấy 1",` + who + `,"cause":"x"}`, nil, 422, `"field":"cause"`},
		{"a member of another kind", `{"kind":"death","on":"2026-11-10","basis":"Giấy 1",` + who + `,"place":{}}`, nil, 422, `"field":"place"`},
		{"a number alone", `{"kind":"death","on":"2026-11-10","basis":"Giấy 1","person":{"number":"001090000001"}}`, nil, 422, `"field":"person.name"`},
		{"a bad number", `{"kind":"death","on":"2026-11-10","basis":"Giấy 1","person":{"number":"1","name":"A"}}`, nil, 422, `"field":"person.number"`},
		{
			"another's name", `{"kind":"death","on":"2026-11-10","basis":"Giấy 1","person":{"number":"001090000001","name":"Trần Thị Lan"}}`, nil, 404,
			`"found":false`,
		},
		{
			"nobody's number", `{"kind":"death","on":"2026-11-10","basis":"Giấy 1","person":{"number":"001090000009","name":"Trần Thị Lan"}}`, nil, 404,
			`"found":false`,
		},
		{"another's birth", strings.Replace(death, `"name":`, `"birth":"1991","name":`, 1), nil, 404, `"found":false`},
		{"tomorrow", strings.Replace(death, "2026-11-10", "2026-11-22", 1), nil, 422, `"field":"on"`},
		{"no officer", death, []string{"X-Road-UserId", ""}, 422, `"field":"X-Road-UserId"`},
		{"no dossier", death, []string{"X-Road-Issue", ""}, 422, `"field":"X-Road-Issue"`},
		{"a long dossier", death, []string{"X-Road-Issue", strings.Repeat("H55-", 30)}, 422, `"field":"X-Road-Issue"`},
		{"not granted", death, []string{"X-Dean06-Fields", "event.birth,name"}, 403, `"fields":["event.death"]`},
		{"granted nothing", death, []string{"X-Dean06-Fields", ""}, 403, ``},
		{"item 0", strings.Replace(death, `{"kind"`, `{"item":0,"kind"`, 1), nil, 422, `"field":"item"`},
		{"item 10", strings.Replace(death, `{"kind"`, `{"item":10,"kind"`, 1), nil, 422, `"field":"item"`},
		{"answers that are none", strings.Replace(death, `{"kind"`, `{"answers":["x"],"kind"`, 1), nil, 422, `"field":"answers"`},
		{"a list", `[]`, nil, 422, `populationapi.not_object`},
		{"of two sexes", strings.Replace(birth("A", ""), `"sex":"2"`, `"sex":"3"`, 1), nil, 422, `"field":"child.sex"`},
		{"with no name", birth("", ""), nil, 422, `"field":"child.name"`},
		{"with a mother without a name", strings.Replace(birth("A", ""), `,"name":"LE THI VO"`, "", 1), nil, 422, `"field":"mother.name"`},
	}
	for _, tt := range tests {
		a := send(t, api, "H55-7", tt.body, tt.header...)
		if a.Status != tt.status || !strings.Contains(a.body, tt.want) {
			t.Errorf("%s: %d %s\nwant %d with %s", tt.name, a.Status, a.body, tt.status, tt.want)
		}
	}
	if at, err := reg.Store.Events(t.Context(), citizen.MustNumber("001090000001")); err != nil || len(at) != 1 {
		t.Errorf("%d events, %v", len(at), err)
	}
}

// TestQuestionsTellWhatIsGranted: a right that grants few fields is told few facts.
func TestQuestionsTellWhatIsGranted(t *testing.T) {
	t.Parallel()
	api, reg := reporting(t, sqldbtest.OpenSQLite(t))
	born := send(t, api, "H55-1", birth("Nguyễn Thị Bé", ""))
	few := []string{"X-Dean06-Fields", "event.birth,name,birth"}
	a := send(t, api, "H55-2", birth("Nguyễn Thị Bé", ""), few...)
	if a.Status != 409 || len(a.Questions) != 1 {
		t.Fatalf("asked = %s", a.body)
	}
	f := a.Questions[0].Facts[0]
	if len(f.Person) != 2 || f.Person["name"] != "Nguyễn Thị Bé" || f.Event == nil || strings.Contains(a.body, born.Number) {
		t.Errorf("told = %s", a.body)
	}
	looked, err := reg.Store.Lookups(t.Context(), citizen.MustNumber(born.Number), population.Period{}, "", 1)
	if err != nil || len(looked) != 1 || !slices.Equal(looked[0].Fields, []population.Field{"name", "birth"}) {
		t.Errorf("logged = %+v, %v", looked, err)
	}
	// On which day somebody died is told only to whom life is granted.
	if d := send(t, api, "H55-3", death); d.Status != 201 {
		t.Fatalf("dead = %s", d.body)
	}
	for fields, want := range map[string]bool{"event.death": false, "event.death,life": true} {
		d := send(t, api, "H55-4", death, "X-Dean06-Fields", fields)
		if d.Status != 422 || strings.Contains(d.body, "10/11/2026") != want || strings.Contains(d.body, "2026-11-10") {
			t.Errorf("%s: %s", fields, d.body)
		}
	}
}

// TestHeadIsChosen: questions that want a choice are answered by it.
func TestHeadIsChosen(t *testing.T) {
	t.Parallel()
	api, reg := reporting(t, sqldbtest.OpenSQLite(t))
	for i, join := range []string{"001195000001,Trần Thị Lan", "001094000001,Vũ Văn Nam"} {
		number, name, _ := strings.Cut(join, ",")
		move := fmt.Sprintf(`{"kind":"move_permanent","on":"2026-11-06","basis":"CT01","person":{"number":%q,"name":%q},`+
			`"place":{"province":"01","commune":"00097"},"household":"2","relation":"CH10"}`, number, name)
		if a := send(t, api, fmt.Sprintf("H55-%d", i), move); a.Status != 201 {
			t.Fatalf("moved = %s", a.body)
		}
	}
	for i, n := range []string{"001162000001,Trần Thị Mẹ", "001060000001,Nguyễn Văn Cha"} {
		number, name, _ := strings.Cut(n, ",")
		body := func(answers string) string {
			return fmt.Sprintf(`{"kind":"death","on":"2026-11-1%d","basis":"Giấy báo tử","person":{"number":%q,"name":%q},"answers":{%s}}`,
				i, number, name, answers)
		}
		a := send(t, api, "H55-d"+number, body(""), "X-Dean06-Fields", "event.death,name")
		if i == 0 { // the wife of the head
			if a.Status != 201 {
				t.Fatalf("dead = %s", a.body)
			}
			continue
		}
		if a.Status != 409 || a.Questions[0].Kind != "head_next" || a.Questions[0].Answer != "choice" || strings.Contains(a.body, "001094000001") {
			t.Fatalf("asked = %s", a.body)
		}
		choice := ""
		for _, f := range a.Questions[0].Facts {
			if f.Person["name"] == "Vũ Văn Nam" {
				choice = f.Choice
			}
		}
		for _, none := range []string{"0", "99", "Vũ Văn Nam, theo đơn"} {
			w := send(t, api, "H55-d"+number, body(fmt.Sprintf("%q:%q", a.Questions[0].Code, none)))
			if w.Status != 422 || len(w.Errors) != 1 || w.Errors[0].Field != "answers."+a.Questions[0].Code || w.Errors[0].Key != "population.report.choice" {
				t.Errorf("chosen %s: %s", none, w.body)
			}
		}
		head := fmt.Sprintf("%q:%q", a.Questions[0].Code, choice)
		a = send(t, api, "H55-d"+number, body(head))
		if a.Status == 409 && a.Questions[0].Answer == "relation" {
			a = send(t, api, "H55-d"+number, body(head+fmt.Sprintf(",%q:%q", a.Questions[0].Code, "CH10")))
		}
		if a.Status != 201 {
			t.Fatalf("answered = %s", a.body)
		}
	}
	left, err := reg.Store.Members(t.Context(), "000000002")
	if err != nil || len(left) != 2 {
		t.Fatalf("left = %+v, %v", left, err)
	}
	for _, m := range left {
		if want := map[string]string{"Vũ Văn Nam": "CH01", "Trần Thị Lan": "CH10"}[m.Name]; m.Relation != want {
			t.Errorf("%s is %s", m.Name, m.Relation)
		}
	}
}

// TestTwoCallersOneDossier: of callers who send one report at the same moment all get the
// same number, and one child is born.
func TestTwoCallersOneDossier(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		api, reg := reporting(t, db)
		var wg sync.WaitGroup
		out := make([]answered, 6)
		for i := range out {
			wg.Go(func() { out[i] = send(t, api, "H55-1", birth("Nguyễn Thị Bé", "")) })
		}
		wg.Wait()
		first := 0
		for _, a := range out {
			if a.Status == 201 {
				first++
			}
			if a.Number != out[0].Number || a.Number == "" {
				t.Errorf("answered = %d %s", a.Status, a.body)
			}
		}
		children, err := reg.Store.Children(t.Context(), citizen.MustNumber("001192000001"))
		if err != nil || len(children) != 1 || first != 1 {
			t.Errorf("%d children, %d first, %v", len(children), first, err)
		}
	})
}
