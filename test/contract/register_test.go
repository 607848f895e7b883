// Package contract_test asks the contract of older systems with the register itself,
// its services and its tables behind it: the samples pass as they stand, and the one
// who was asked about reads who asked.
package contract_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dean06/data"
	"dean06/internal/citizen"
	"dean06/internal/contract"
	"dean06/internal/contract/contractsoap"
	"dean06/internal/contract/contractsql"
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

// open seals nothing; pki's own tests hold the sealing.
type open struct{}

func (open) Seal(plain, _ []byte) ([]byte, error)  { return plain, nil }
func (open) Open(sealed, _ []byte) ([]byte, error) { return sealed, nil }

var now = time.UnixMilli(1700000000000).UTC()

var units = sync.OnceValue(func() population.Units {
	u, err := population.NewUnits(data.FS)
	if err != nil {
		panic(err)
	}
	return u
})

// country is an agency's contract and the register, with everything between them but
// the two gateways.
type country struct {
	contract http.Handler
	api      *populationapi.API
	register *population.Register
}

var texts = sync.OnceValue(func() *i18n.Catalogue {
	c, err := i18n.Load(contractsoap.Messages, populationapi.Messages, population.Messages, citizen.Messages)
	if err != nil {
		panic(err)
	}
	return c
})

func newCountry(t *testing.T, db *sqldb.DB) *country {
	t.Helper()
	ctx := t.Context()
	for _, err := range []error{audit.Migrate(ctx, db), jobs.Migrate(ctx, db), populationsql.Migrate(ctx, db), contractsql.Migrate(ctx, db)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	c := &country{register: population.New(population.Parts{
		Store: populationsql.New(db, nil), Units: units(), Clock: clock.Fixed(now), NewID: sqldb.NewID, NumberKey: []byte("test"),
	})}
	load(t, c.register)
	c.api = populationapi.New(populationapi.Parts{
		Register: c.register, Texts: texts(), Clock: clock.Fixed(now), Log: slog.New(slog.DiscardHandler),
	})
	store := contractsql.New(db, open{})
	if err := store.SeedDemo(ctx, "VN/GOV/H55/TTHC", now); err != nil {
		t.Fatal(err)
	}
	c.contract = contractsoap.New(contractsoap.Parts{
		Rules:    contract.New(contract.Parts{Store: store, Clock: clock.Fixed(now)}),
		Exchange: c, Register: func() string { return "VN/GOV/G01/DANCU" }, Clock: clock.Fixed(now), NewID: sqldb.NewID, Texts: texts(),
		Logger: slog.New(slog.DiscardHandler),
	})
	return c
}

// Call stands for both gateways: every field is granted.
func (c *country) Call(ctx context.Context, r *http.Request) (*http.Response, error) {
	service, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/r1/VN/GOV/G01/DANCU/"), "/")
	s, ok := c.api.Service(service)
	if !ok {
		return nil, fmt.Errorf("asked %s", r.URL)
	}
	in := r.Clone(ctx)
	if in.Body == nil {
		in.Body = http.NoBody
	}
	in.Header.Set("X-Dean06-Fields", "*")
	in.Header.Set("X-Road-Request-Id", "r-1")
	w := httptest.NewRecorder()
	s.Handler.ServeHTTP(w, in)
	return w.Result(), nil
}

// lookups are those about a person, newest first.
func (c *country) lookups(t *testing.T, number string) ([]population.Lookup, error) {
	t.Helper()
	return c.register.Store.Lookups(t.Context(), citizen.MustNumber(number), population.Period{}, "", 10)
}

// post calls the contract at http://gw.local as test-user.
func (c *country) post(t *testing.T, code, body string) *httptest.ResponseRecorder {
	t.Helper()
	url := "http://gw.local/csdlqgdc/" + code
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	stamp := strconv.FormatInt(now.UnixMilli(), 10)
	r.Header.Set("Content-Type", "text/xml; charset=utf-8")
	r.Header.Set("Timestamp", stamp)
	r.SetBasicAuth("test-user", contract.Password(url, "test-user", stamp, "test-secret"))
	w := httptest.NewRecorder()
	c.contract.ServeHTTP(w, r)
	return w
}

func sample(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile("../../internal/contract/contractsoap/testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func soap(op, inner string) string {
	return `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><x:` + op + ` xmlns:x="http://dancuquocgia.bca">` +
		inner + `</x:` + op + `></s:Body></s:Envelope>`
}

const (
	head   = `<x:MaYeuCau>1</x:MaYeuCau><x:MaDVC>1.001193</x:MaDVC><x:MaCanBo>canbo.test</x:MaCanBo>`
	person = `<x:SoDinhDanh>001090000001</x:SoDinhDanh>`
)

func commune(detail string) population.Place {
	return population.Place{Province: "01", District: "001", Commune: "00001", Detail: detail, Country: "VN"}
}

func relative(number, name string) population.Relative {
	return population.Relative{Number: citizen.MustNumber(number), Name: name, Nationality: "VN"}
}

func thu() population.Person {
	return population.Person{
		Number: citizen.MustNumber("001090000001"), OldNumbers: []citizen.OldNumber{citizen.OldFromInt(12345678)}, Name: "Nguyễn Văn Thử",
		Birth: citizen.MustDay("1990-01-01"), Sex: citizen.Male, Ethnicity: "01", Religion: "00", Nationality: "VN", Blood: "00", Marital: "2",
		Birthplace: commune(""), Origin: commune(""), Permanent: commune("Số 1 phố Thử"), Present: commune("Số 1 phố Thử"),
		Household: "000000001", Relation: "CH01", Life: population.Alive,
		Father: relative("001060000001", "Nguyễn Văn Cha"), Mother: relative("001162000001", "Trần Thị Mẹ"),
		Spouse: relative("001192000001", "Lê Thị Vợ"),
	}
}

// load puts the family of the samples into the register.
func load(t *testing.T, r *population.Register) {
	t.Helper()
	man := thu()
	kin := func(relative population.Relative, birth string, sex citizen.Sex) population.Person {
		return population.Person{
			Number: relative.Number, Name: relative.Name, Birth: citizen.MustDay(birth), Sex: sex, Ethnicity: "01", Religion: "00",
			Nationality: "VN", Blood: "00", Marital: "2", Permanent: commune("Số 1 phố Thử"), Present: commune("Số 1 phố Thử"),
			Life: population.Alive,
		}
	}
	wife := kin(man.Spouse, "1992-03-04", citizen.Female)
	wife.Household, wife.Relation = man.Household, "CH02"
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.Write(population.Columns)
	for _, p := range []population.Person{man, kin(man.Father, "1960", citizen.Male), kin(man.Mother, "1962", citizen.Female), wife} {
		_ = w.Write(population.Row(p))
	}
	w.Flush()
	report, err := r.Load(t.Context(), strings.NewReader(b.String()), population.LoadOptions{
		Actor: actor.Actor{Account: "a", Name: "A", Agency: "G01", Roles: []string{population.Administrator, population.Registrar}},
	})
	if err != nil || report.Loaded != 4 {
		t.Fatalf("%+v, %v", report, err)
	}
}

// TestWithTheRegister: the samples pass with the register itself, and the one who was
// asked about reads who asked.
func TestWithTheRegister(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		c := newCountry(t, db)
		request := sample(t, "TraCuuThongTinCongDan-037.request.xml")
		w := c.post(t, "037", request)
		if diff := cmp.Diff(sample(t, "TraCuuThongTinCongDan.response.xml"), w.Body.String()); w.Code != 200 || diff != "" {
			t.Errorf("%d (-want +got):\n%s", w.Code, diff)
		}
		w = c.post(t, "037", strings.NewReplacer("NGUYENVANTHU", "NGUYENVANAN", "8f14", "8f15").Replace(request))
		if diff := cmp.Diff(sample(t, "TraCuuThongTinCongDan.notfound.response.xml"), w.Body.String()); w.Code != 200 || diff != "" {
			t.Errorf("another name: %d (-want +got):\n%s", w.Code, diff)
		}
		seen, err := c.lookups(t, "001090000001")
		if err != nil || len(seen) != 2 ||
			seen[1].Officer != "canbo.test" || seen[1].Agency != "H55" || seen[1].Purpose != "1.001193" || seen[1].Outcome != "answered" {
			t.Errorf("%+v, %v", seen, err)
		}
		for i, tt := range []struct{ code, body, want string }{
			{
				"033", soap("XacThucThongTinCongDan", head+person+`<x:HoVaTen>NGUYENVANTHU</x:HoVaTen><x:NgayThangNamSinh>1990</x:NgayThangNamSinh>`),
				"<ns1:TonTai>true<",
			},
			{"033", soap("XacThucThongTinCongDan", head+person+`<x:HoVaTen>NGUYENVANAN</x:HoVaTen>`), "<ns1:TonTai>false<"},
			{"001", sample(t, "XacMinhThongTinNhanThan.request.xml"), "<ns1:SoCMND>012345678<"},
			{"099", soap("CungCapThongTinHoGiaDinh", head+person), "<ns1:QuanHe>CH02</ns1:QuanHe>"},
			{"099", soap("XacMinhTinhTrangHonNhan", head+`<x:SoCMND>012345678</x:SoCMND>`), "<ns1:TinhTrangHonNhan>2<"},
			{"099", soap("XacMinhTinhTrangChetMatTich", head+person), "<ns1:TinhTrangChetMatTich>0<"},
		} {
			w := c.post(t, tt.code, strings.Replace(tt.body, ">1<", ">"+strings.Repeat("1", i+2)+"<", 1))
			if w.Code != 200 || !strings.Contains(w.Body.String(), tt.want) {
				t.Errorf("%d: %d %s\nwant %s", i, w.Code, w.Body, tt.want)
			}
		}
	})
}

// TestListWithTheRegister: a list is asked for, put together, read and deleted.
func TestListWithTheRegister(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		c := newCountry(t, db)
		n := 0
		ask := func(op, inner, want string) string {
			t.Helper()
			n++
			w := c.post(t, "099", strings.Replace(soap(op, head+inner), ">1<", ">"+strings.Repeat("1", n)+"<", 1))
			if w.Code != 200 || !strings.Contains(w.Body.String(), want) {
				t.Fatalf("%s: %d %s\nwant %s", op, w.Code, w.Body, want)
			}
			return w.Body.String()
		}
		text := ask("CungCapDanhSachTheoGioiTinh", `<x:GioiTinh>2</x:GioiTinh><x:MaTinhThanh>01</x:MaTinhThanh>`, "<ns1:TrangThai>CHO_XU_LY<")
		_, id, _ := strings.Cut(text, "<ns1:IdYeuCau>")
		id, _, _ = strings.Cut(id, "<")
		list := `<x:IdYeuCau>` + id + `</x:IdYeuCau>`
		if err := c.register.RunList(t.Context(), id, nil); err != nil {
			t.Fatal(err)
		}
		ask("GetRequestStatus", list, "<ns1:TrangThai>HOAN_THANH<")
		ask("GetRequests", "", id)
		ask("GetRequestHistory", list, "<ns1:LichSu>")
		if got := strings.Count(ask("GetResultDetailAsRecords", list, "LÊ THỊ VỢ"), "<ns1:CongDan>"); got != 2 {
			t.Errorf("%d people, want 2", got)
		}
		ask("GetResultDetailAsFile", list, "<ns1:NoiDung>")
		ask("DeleteRequest", list, "DA_XOA")
		seen, err := c.lookups(t, "001192000001")
		if err != nil || len(seen) == 0 || seen[len(seen)-1].Service != population.ServiceList {
			b, _ := json.Marshal(seen)
			t.Errorf("%s, %v", b, err)
		}
	})
}
