package populationsoap_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
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
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/sqldb"
	"dean06/internal/population"
	"dean06/internal/population/populationapi"
	"dean06/internal/population/populationsoap"
)

// clients is one system and two officers.
type clients struct {
	mu    sync.Mutex
	seen  map[string]bool
	calls []population.ContractCall
	down  bool
}

func (c *clients) System(_ context.Context, user string) (population.ContractSystem, error) {
	switch {
	case c.down:
		return population.ContractSystem{}, errors.New("disk")
	case user == "test-user":
		return population.ContractSystem{User: user, Secret: "test-secret", Subsystem: "VN/GOV/H55/TTHC"}, nil
	case user == "ak":
		return population.ContractSystem{User: user, Secret: "sk", Subsystem: "VN/GOV/H55/TTHC", Codes: []string{"037"}, Procedures: []string{"1.001193"}}, nil
	case user == "off":
		return population.ContractSystem{User: user, Secret: "test-secret", Off: true}, nil
	case user == "open": // without a secret nobody is this system
		return population.ContractSystem{User: user}, nil
	}
	return population.ContractSystem{}, fault.New(fault.NotFound, "contract.system", nil)
}

func (c *clients) Officer(_ context.Context, subsystem, code string) (population.ContractOfficer, error) {
	switch {
	case subsystem != "VN/GOV/H55/TTHC":
	case code == "canbo.test":
		return population.ContractOfficer{Code: code, Operations: []string{"*"}, KeyPass: "pass"}, nil
	case code == "canbo.037":
		return population.ContractOfficer{Code: code, Operations: []string{"TraCuuThongTinCongDan"}}, nil
	case code == "canbo.off":
		return population.ContractOfficer{Code: code, Operations: []string{"*"}, Off: true}, nil
	}
	return population.ContractOfficer{}, fault.New(fault.NotFound, "contract.officer", nil)
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

func (c *clients) Log(_ context.Context, k population.ContractCall) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.down {
		return errors.New("disk")
	}
	c.calls = append(c.calls, k)
	return nil
}

// register is a register of a few people behind the services that the exchange calls.
type register struct {
	populationapi.Register

	people []population.Facts
	last   population.Inquiry
	list   population.ListQuery
}

func commune(detail string) population.Place {
	return population.Place{Province: "01", District: "001", Commune: "00001", Detail: detail, Country: "VN"}
}

func rel(number, name string) population.Relative {
	return population.Relative{Number: citizen.MustNumber(number), Name: name, Nationality: "VN"}
}

func thu() population.Facts {
	p := population.Person{
		Number: citizen.MustNumber("001090000001"), OldNumbers: []citizen.OldNumber{citizen.OldFromInt(12345678)}, Name: "Nguyễn Văn Thử",
		Birth: citizen.MustDay("1990-01-01"), Sex: citizen.Male, Ethnicity: "01", Religion: "00", Nationality: "VN", Blood: "00", Marital: "2",
		Birthplace: commune(""), Origin: commune(""), Permanent: commune("Số 1 phố Thử"), Present: commune("Số 1 phố Thử"),
		Household: "000000001", Relation: "CH01", Life: population.Alive,
		Father: rel("001060000001", "Nguyễn Văn Cha"), Mother: rel("001162000001", "Trần Thị Mẹ"), Spouse: rel("001192000001", "Lê Thị Vợ"),
	}
	return population.Facts{Person: p, Head: population.Relative{Number: p.Number, OldNumber: p.OldNumbers[0], Name: p.Name}}
}

func oldWoman() population.Facts {
	return population.Facts{Person: population.Person{
		Number: citizen.MustNumber("001145000009"), Name: "Phạm Thị <Già>", Birth: citizen.MustDay("1945"), Sex: citizen.Female,
		Permanent: population.Place{Province: "01", Commune: "00004", Country: "VN"}, Life: population.Dead, Ended: citizen.MustDay("2020-05-01"),
	}}
}

func (r *register) find(k population.Key) (population.Facts, error) {
	for _, f := range r.people {
		p := f.Person
		if k.Number == p.Number || k.Number.IsZero() && slices.Contains(p.OldNumbers, k.OldNumber) {
			if (k.Name == "" || citizen.SameName(k.Name, p.Name)) && (k.Birth == 0 || k.Birth.Fits(p.Birth)) {
				return f, nil
			}
		}
	}
	return population.Facts{}, fault.New(fault.NotFound, "population.person.not_found", nil)
}

func (r *register) Facts(_ context.Context, in population.Inquiry, k population.Key, fields []population.Field) (population.Facts, error) {
	r.last = in
	for _, f := range fields {
		if !slices.Contains(in.Granted, f) && !slices.Contains(in.Granted, population.AllFields) {
			return population.Facts{}, fault.New(fault.Denied, "population.field.denied", nil)
		}
	}
	f, err := r.find(k)
	f.Fields = fields
	return f, err
}

func (r *register) Match(_ context.Context, in population.Inquiry, claims []population.Claim) ([]population.Verdict, error) {
	r.last = in
	v := population.Verdict{Fields: map[population.Field]bool{}}
	f, err := r.find(population.Key{Number: claims[0].Number, OldNumber: claims[0].OldNumber})
	if v.Found = err == nil; v.Found {
		v.Fields[population.FieldName] = citizen.SameName(claims[0].Name, f.Person.Name)
	}
	return []population.Verdict{v}, nil
}

func (r *register) Household(_ context.Context, _ population.Inquiry, k population.Key) (population.Household, error) {
	f, err := r.find(k)
	return population.Household{Number: f.Person.Household, Head: population.Member{
		Relation: "CH01", Number: f.Person.Number, Name: f.Person.Name, Birth: f.Person.Birth, Sex: f.Person.Sex,
	}}, err
}

func (r *register) RequestList(_ context.Context, _ population.Inquiry, q population.ListQuery) (population.List, error) {
	r.list = q
	return population.List{ID: "l1", State: population.ListWaiting, RequestedAt: now, Query: q}, nil
}

func (r *register) Lists(context.Context, population.Inquiry, string, int) ([]population.List, error) {
	return []population.List{{ID: "l2", State: population.ListRunning, RequestedAt: now}, {ID: "l1", State: population.ListDone, RequestedAt: now}}, nil
}

func (r *register) ListStatus(_ context.Context, _ population.Inquiry, id string) (population.List, error) {
	if id != "l1" {
		return population.List{}, fault.New(fault.NotFound, "population.list.not_found", nil)
	}
	return population.List{ID: "l1", State: population.ListDone, Done: 2, Total: 2, RequestedAt: now, Steps: []population.ListStep{{State: population.ListWaiting, At: now}}}, nil
}

func (r *register) ListRecords(context.Context, population.Inquiry, string, citizen.Number, int) (population.ListPage, error) {
	f := r.people[0]
	f.Fields = []population.Field{population.FieldNumber, population.FieldName}
	return population.ListPage{Records: []population.Facts{f}, Next: f.Person.Number}, nil
}

func (r *register) ListFile(_ context.Context, _ population.Inquiry, _ string, w io.Writer) error {
	_, err := io.WriteString(w, "number,name\n")
	return err
}

func (r *register) DeleteList(context.Context, population.Inquiry, string) error { return nil }

// country is an agency with its contract, and the register at the other end.
type country struct {
	*clients
	register *register
	contract http.Handler
	granted  string // fields
	refuse   string // X-Road-Error of a gateway
	cut      bool
	asked    []*http.Request
	api      *populationapi.API // nil: of register
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
	if strings.Join(parts[:4], "/") != "VN/GOV/G01/DANCU" {
		return nil, fmt.Errorf("asked %s", r.URL)
	}
	in := r.Clone(ctx)
	if in.Body == nil {
		in.Body = http.NoBody
	}
	in.Header.Set("X-Dean06-Fields", c.granted)
	in.Header.Set("X-Road-Request-Id", "r-1")
	api := c.api
	if api == nil {
		api = populationapi.New(populationapi.Parts{Register: c.register, Texts: texts(), Clock: clock.Fixed(now), Log: slog.New(slog.DiscardHandler)})
	}
	s, ok := api.Service(parts[4])
	if !ok {
		return nil, fmt.Errorf("asked %s", r.URL)
	}
	s.Handler.ServeHTTP(w, in)
	return w.Result(), nil
}

var texts = sync.OnceValue(func() *i18n.Catalogue {
	c, err := i18n.Load(populationsoap.Messages, populationapi.Messages, population.Messages, citizen.Messages)
	if err != nil {
		panic(err)
	}
	return c
})

func newCountry(t testing.TB) *country {
	t.Helper()
	c := &country{clients: &clients{}, register: &register{people: []population.Facts{thu(), oldWoman()}}, granted: "*"}
	c.contract = populationsoap.New(populationsoap.Parts{
		Clients: c.clients, Exchange: c, Register: "VN/GOV/G01/DANCU", Clock: clock.Fixed(now), NewID: sqldb.NewID, Texts: texts(),
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

// password is the rule of the contract.
func password(url, user, stamp, secret string) string {
	sum := sha256.Sum256([]byte(url + user + stamp + secret))
	return hex.EncodeToString(sum[:])
}

// post calls the contract at http://gw.local as test-user.
func (c *country) post(t testing.TB, code, body string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	t.Helper()
	url := "http://gw.local/csdlqgdc/" + code
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	stamp := strconv.FormatInt(now.UnixMilli(), 10)
	r.Header.Set("Content-Type", "text/xml; charset=utf-8")
	r.Header.Set("Timestamp", stamp)
	r.SetBasicAuth("test-user", password(url, "test-user", stamp, "test-secret"))
	for _, f := range change {
		f(r)
	}
	w := httptest.NewRecorder()
	c.contract.ServeHTTP(w, r)
	return w
}

func (c *country) lastCall(t testing.TB) population.ContractCall {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.calls) == 0 {
		t.Fatal("nothing is logged")
	}
	return c.calls[len(c.calls)-1]
}
