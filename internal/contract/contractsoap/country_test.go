package contractsoap_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/contract"
	"dean06/internal/contract/contractsoap"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/sqldb"
)

// clients is one system and two officers.
type clients struct {
	contract.Store // the pages' part of it is not asked for

	mu    sync.Mutex
	seen  map[string]bool
	calls []contract.Call
	down  bool
}

func (c *clients) System(_ context.Context, user string) (contract.System, error) {
	switch {
	case c.down:
		return contract.System{}, errors.New("disk")
	case user == "test-user":
		return contract.System{User: user, Secret: "test-secret", Subsystem: "VN/GOV/H55/TTHC"}, nil
	case user == "ak":
		return contract.System{
			User: user, Secret: "sk", Subsystem: "VN/GOV/H55/TTHC", Codes: []string{"037"}, Procedures: []string{"1.001193"},
		}, nil
	case user == "off":
		return contract.System{User: user, Secret: "test-secret", Off: true}, nil
	case user == "open": // without a secret nobody is this system
		return contract.System{User: user}, nil
	}
	return contract.System{}, contract.ErrNoSystem
}

func (c *clients) Officer(_ context.Context, subsystem, code string) (contract.Officer, error) {
	switch {
	case subsystem != "VN/GOV/H55/TTHC":
	case code == "canbo.test":
		return contract.Officer{Code: code, Office: "H55.16", Operations: []string{"*"}, KeyPass: "pass"}, nil
	case code == "canbo.037":
		return contract.Officer{Code: code, Office: "000.00.16.H55", Operations: []string{"TraCuuThongTinCongDan"}}, nil
	case code == "canbo.moved":
		return contract.Officer{Code: code, Office: "H26.16", Operations: []string{"*"}}, nil
	case code == "canbo.off":
		return contract.Officer{Code: code, Operations: []string{"*"}, Off: true}, nil
	}
	return contract.Officer{}, contract.ErrNoOfficer
}

func (c *clients) Take(_ context.Context, user, stamp, request string, _ time.Time, _ time.Duration) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k := user + "|" + stamp + "|" + request
	was := c.seen[k]
	if c.seen == nil {
		c.seen = map[string]bool{}
	}
	c.seen[k] = true
	return !was, nil
}

func (c *clients) Log(_ context.Context, k contract.Call) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.down {
		return errors.New("disk")
	}
	c.calls = append(c.calls, k)
	return nil
}

// register is a register of a few people as its services answer through the exchange.
// What it answers was taken down from the register's own services; test/contract asks
// those themselves.
type register struct {
	granted string // fields, "*" for all
}

const (
	thu = `{"number":"001090000001","old_numbers":["012345678"],"name":"Nguyễn Văn Thử","birth":"1990-01-01","sex":"1","ethnicity":"01",
		"religion":"00","nationality":"VN","blood":"00","marital":"2",
		"birthplace":{"province":"01","district":"001","commune":"00001","country":"VN"},
		"origin":{"province":"01","district":"001","commune":"00001","country":"VN"},
		"permanent":{"province":"01","district":"001","commune":"00001","detail":"Số 1 phố Thử","country":"VN"},
		"present":{"province":"01","district":"001","commune":"00001","detail":"Số 1 phố Thử","country":"VN"},
		"household":"000000001","relation":"CH01","head":{"number":"001090000001","old_number":"012345678","name":"Nguyễn Văn Thử"},
		"father":{"number":"001060000001","name":"Nguyễn Văn Cha","nationality":"VN"},
		"mother":{"number":"001162000001","name":"Trần Thị Mẹ","nationality":"VN"},
		"spouse":{"number":"001192000001","name":"Lê Thị Vợ","nationality":"VN"},"life":"alive"}`
	oldWoman = `{"number":"001145000009","name":"Phạm Thị \u003cGià\u003e","birth":"1945","sex":"2",
		"permanent":{"province":"01","commune":"00004","country":"VN"},"life":"dead","ended":"2020-05-01"}`

	de  = `{"number":"001086000007","name":"Nguyễn Đình Đệ","birth":"1986-01-01","sex":"1","life":"alive"}`
	han = `{"number":"001190000033","name":"Lê Hoàng Hân","birth":"1990-02-03","sex":"2","life":"alive"}`

	requestedAt = `"requested_at":"2023-11-14T22:13:20Z"`
	l1          = `{"id":"l1","query":{"kind":""},"state":"done","done":2,"total":2,` + requestedAt + `,"percent":100}`
	l2          = `{"id":"l2","query":{"kind":""},"state":"running","done":0,"total":0,` + requestedAt + `,"percent":0}`
)

// problem is a refusal of the register's services.
func problem(status int, more string) (int, string) {
	return status, fmt.Sprintf(`{"type":"about:blank","title":"–","status":%d,"detail":"–","instance":"r-1"%s}`, status, more)
}

// question is the body of a question to a service.
type question struct {
	Number    citizen.Number
	OldNumber citizen.OldNumber `json:"old_number"`
	Name      string
	Birth     citizen.Day
	Fields    []string
	Also      []string
	Kind      string
	Place     string
	Province  string
	District  string
	Code      string
	AgeFrom   int `json:"age_from"`
	AgeTo     int `json:"age_to"`
}

// find gives the person who fits, as JSON.
func (q question) find() (person string, ok bool) {
	for _, p := range []struct {
		json, number, old, name, birth string
	}{
		{thu, "001090000001", "012345678", "Nguyễn Văn Thử", "1990-01-01"},
		{oldWoman, "001145000009", "", "Phạm Thị <Già>", "1945"},
		{de, "001086000007", "", "Nguyễn Đình Đệ", "1986-01-01"},
		{han, "001190000033", "", "Lê Hoàng Hân", "1990-02-03"},
	} {
		if q.Number.Reveal() == p.number || q.Number.IsZero() && q.OldNumber.Reveal() == p.old {
			fits := (q.Name == "" || citizen.SameName(q.Name, p.name)) && (q.Birth == 0 || q.Birth.Fits(citizen.MustDay(p.birth)))
			return p.json, fits
		}
	}
	return "", false
}

// answer answers a service: "facts", or "lists" with what follows in its path.
func (g register) answer(method, service, below string, q question) (status int, body string) {
	switch service {
	case "facts":
		return g.facts(q)
	case "match":
		name := q.Name
		q.Name = ""
		if _, ok := q.find(); !ok {
			return 200, `{"found":false}`
		}
		return 200, fmt.Sprintf(`{"found":true,"fields":{"name":%t}}`, citizen.SameName(name, "Nguyễn Văn Thử"))
	case "household":
		if _, ok := q.find(); !ok {
			return problem(404, `,"found":false`)
		}
		return 200, `{"found":true,"number":"000000001",
			"head":{"relation":"CH01","number":"001090000001","name":"Nguyễn Văn Thử","birth":"1990-01-01","sex":"1"}}`
	}
	switch {
	case method == http.MethodPost && (q.Province == "79" || q.District == "760"): // of Hồ Chí Minh City; communes here are of Hà Nội
		return 422, fmt.Sprintf(`{"detail":"Xã %s không thuộc %s%s."}`, q.Place, q.Province, q.District)
	case method == http.MethodPost:
		return 202, fmt.Sprintf(`{"id":"l1","query":{"kind":%q,"place":%q,"code":%q,"age_from":%d,"age_to":%d},"state":"waiting",%s,"percent":0}`,
			q.Kind, q.Place, q.Code, q.AgeFrom, q.AgeTo, requestedAt)
	case method == http.MethodDelete:
		return 204, ""
	case below == "":
		return 200, `{"lists":[` + l2 + `,` + l1 + `]}`
	case below == "l1":
		return 200, l1
	case below == "l1/history":
		return 200, `{"id":"l1","steps":[{"state":"waiting","at":"2023-11-14T22:13:20Z"}]}`
	case below == "l1/records":
		return 200, `{"records":[{"found":true,"fields":["number","name"],"person":{"number":"001090000001","name":"Nguyễn Văn Thử"}}],
			"next":"292088d4a0d28aa55328051833a66c30"}`
	case below == "l1/file":
		return 200, "number,name\n"
	}
	return problem(404, "")
}

func (g register) facts(q question) (int, string) {
	granted := strings.Split(g.granted, ",")
	may := func(f string) bool { return slices.Contains(granted, f) || slices.Contains(granted, "*") }
	for _, f := range q.Also {
		if may(f) && !slices.Contains(q.Fields, f) {
			q.Fields = append(q.Fields, f)
		}
	}
	if len(q.Fields) == 0 {
		q.Fields = q.Also
	}
	denied := slices.DeleteFunc(slices.Clone(q.Fields), may)
	if len(denied) > 0 {
		return problem(403, `,"fields":["`+strings.Join(denied, `","`)+`"]`)
	}
	person, ok := q.find()
	if !ok {
		return problem(404, `,"found":false`)
	}
	return 200, `{"found":true,"fields":["` + strings.Join(q.Fields, `","`) + `"],"person":` + person + `}`
}

// country is an agency with its contract, and the register at the other end.
type country struct {
	*clients
	register

	contract http.Handler
	refuse   string // X-Road-Error of a gateway
	cut      bool
	asked    []*http.Request
}

var now = time.UnixMilli(1700000000000).UTC()

// Call stands for both gateways.
func (c *country) Call(ctx context.Context, r *http.Request) (*http.Response, error) {
	c.asked = append(c.asked, r)
	if c.cut {
		return nil, errors.New("connection reset")
	}
	w := httptest.NewRecorder()
	w.Header().Set("X-Road-Request-Id", "r-1")
	if c.refuse != "" {
		w.Header().Set("X-Road-Error", c.refuse)
		w.WriteHeader(http.StatusInternalServerError)
		fmt.Fprintf(w, `{"type":%q,"message":"no","detail":"d"}`, c.refuse)
		return w.Result(), nil
	}
	parts := strings.SplitN(strings.TrimPrefix(r.URL.Path, "/r1/"), "/", 6)
	if len(parts) < 5 || strings.Join(parts[:4], "/") != "VN/GOV/G01/DANCU" {
		return nil, fmt.Errorf("asked %s", r.URL)
	}
	below := strings.Join(parts[5:], "/")
	var q question
	if r.Body != nil {
		if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
			return nil, err
		}
	}
	status, body := c.answer(r.Method, parts[4], below, q)
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
	return w.Result(), nil
}

var texts = sync.OnceValue(func() *i18n.Catalogue {
	c, err := i18n.Load(contractsoap.Messages, citizen.Messages)
	if err != nil {
		panic(err)
	}
	return c
})

func newCountry(t testing.TB) *country {
	t.Helper()
	c := &country{clients: &clients{}, register: register{granted: "*"}}
	c.contract = contractsoap.New(contractsoap.Parts{
		Rules:    contract.New(contract.Parts{Store: c.clients, Clock: clock.Fixed(now)}),
		Exchange: c, Register: func() string { return "VN/GOV/G01/DANCU" }, Clock: clock.Fixed(now), NewID: sqldb.NewID, Texts: texts(),
		Logger: slog.New(slog.DiscardHandler), PublicURLs: []string{"https://lgsp.example.vn/csdlqgdc"},
	})
	return c
}

func sample(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// post calls the contract at http://gw.local as test-user.
func (c *country) post(t testing.TB, code, body string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	t.Helper()
	url := "http://gw.local/csdlqgdc/" + code
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	stamp := strconv.FormatInt(now.UnixMilli(), 10)
	r.Header.Set("Content-Type", "text/xml; charset=utf-8")
	r.Header.Set("Timestamp", stamp)
	r.SetBasicAuth("test-user", contract.Password(url, "test-user", stamp, "test-secret"))
	for _, f := range change {
		f(r)
	}
	w := httptest.NewRecorder()
	c.contract.ServeHTTP(w, r)
	return w
}

func (c *country) lastCall(t testing.TB) contract.Call {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.calls) == 0 {
		t.Fatal("nothing is logged")
	}
	return c.calls[len(c.calls)-1]
}
