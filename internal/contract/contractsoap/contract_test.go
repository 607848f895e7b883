package contractsoap_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/contract"
)

// TestSamples: the samples pass as they stand.
func TestSamples(t *testing.T) {
	t.Parallel()
	c := newCountry(t)
	request := sample(t, "TraCuuThongTinCongDan-037.request.xml")
	w := c.post(t, "037", request)
	if diff := cmp.Diff(sample(t, "TraCuuThongTinCongDan.response.xml"), w.Body.String()); w.Code != 200 || diff != "" {
		t.Errorf("%d (-want +got):\n%s", w.Code, diff)
	}
	if got := w.Header().Get("Content-Type"); got != "text/xml; charset=utf-8" {
		t.Errorf("Content-Type %q", got)
	}
	want := contract.Call{
		At: now, System: "test-user", Subsystem: "VN/GOV/H55/TTHC", Officer: "canbo.test", Operation: "TraCuuThongTinCongDan", Code: "037",
		Purpose: "1.001193", Request: "8f14e45f-ceea-467a-9575-2d9e6ad7a0b1", RequestID: "r-1", Outcome: "answered",
	}
	got := c.lastCall(t)
	got.ID = ""
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
	h := c.asked[0].Header
	for name, want := range map[string]string{
		"X-Road-Client": "VN/GOV/H55/TTHC", "X-Road-UserId": "canbo.test", "X-Dean06-Purpose": "1.001193",
		"X-Road-Id": "8f14e45f-ceea-467a-9575-2d9e6ad7a0b1",
	} {
		if h.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, h.Get(name), want)
		}
	}
	w = c.post(t, "037", strings.NewReplacer("001090000001", "001090000002", "8f14", "8f15").Replace(request))
	if diff := cmp.Diff(sample(t, "TraCuuThongTinCongDan.notfound.response.xml"), w.Body.String()); w.Code != 200 || diff != "" {
		t.Errorf("%d (-want +got):\n%s", w.Code, diff)
	}
	if got := c.lastCall(t).Outcome; got != "not_found" {
		t.Errorf("outcome %q", got)
	}
	w = c.post(t, "001", sample(t, "XacMinhThongTinNhanThan.request.xml"))
	const name = "<ns1:HoVaTen><ns1:Ten>NGUYỄN VĂN THỬ</ns1:Ten></ns1:HoVaTen>"
	if w.Code != 200 || !strings.Contains(w.Body.String(), name) || strings.Contains(w.Body.String(), "TinhTrangHonNhan") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if got := c.lastCall(t).Office; got != "H26.16" {
		t.Errorf("office %q", got)
	}
}

// TestAuthVectors: the vectors of both variants.
func TestAuthVectors(t *testing.T) {
	t.Parallel()
	var v struct {
		Direct struct {
			URL, Username, Timestamp, SecretKey, Password, Authorization string
		} `json:"direct_basic"`
		LGSP struct {
			Token    string `json:"lgspaccesstoken"`
			AuthHash string
		} `json:"lgsp_variant"`
	}
	if err := json.Unmarshal([]byte(sample(t, "auth-vectors.json")), &v); err != nil {
		t.Fatal(err)
	}
	d := v.Direct
	if got := contract.Password(d.URL, d.Username, d.Timestamp, d.SecretKey); got != d.Password {
		t.Fatalf("password %s, want %s", got, d.Password)
	}
	c := newCountry(t)
	body := sample(t, "TraCuuThongTinCongDan-037.request.xml")
	w := c.post(t, "037", body, func(r *http.Request) {
		r.Host = "10.0.0.5:8037" // behind a proxy that keeps nothing of the address
		r.Header.Set("Authorization", d.Authorization)
		r.Header.Set("Timestamp", d.Timestamp)
	})
	if w.Code != 200 {
		t.Errorf("direct: %d %s", w.Code, w.Body)
	}
	lgsp := func(token, hash string) func(*http.Request) {
		return func(r *http.Request) {
			r.Header.Del("Authorization")
			r.Header.Del("Timestamp")
			r.Header.Set("lgspaccesstoken", token)
			r.Header.Set("AuthHash", hash)
		}
	}
	if w = c.post(t, "037", body, lgsp(v.LGSP.Token, v.LGSP.AuthHash)); w.Code != 200 {
		t.Errorf("LGSP: %d %s", w.Code, w.Body)
	}
	other := strings.Replace(body, "canbo.test", "canbo.037", 1)
	for name, w := range map[string]*httptest.ResponseRecorder{
		"no AuthHash":      c.post(t, "037", body, lgsp(v.LGSP.Token, "")),
		"wrong key":        c.post(t, "037", body, lgsp(v.LGSP.Token, "Y2FuYm8udGVzdDpwYXNT")),
		"another's":        c.post(t, "037", other, lgsp(v.LGSP.Token, v.LGSP.AuthHash)),
		"wrong token":      c.post(t, "037", body, lgsp("e30=", v.LGSP.AuthHash)),
		"no base64":        c.post(t, "037", body, lgsp("§§§", v.LGSP.AuthHash)),
		"a token too long": c.post(t, "037", body, lgsp(strings.Repeat("A", 10000), v.LGSP.AuthHash)),
	} {
		if w.Code != http.StatusUnauthorized {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	w = c.post(t, "033", strings.ReplaceAll(body, "037", "033"), lgsp(v.LGSP.Token, v.LGSP.AuthHash))
	if w.Code != 500 {
		t.Errorf("a code that it was not given: %d %s", w.Code, w.Body)
	}
}

func soap(op, inner string) string {
	return `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><x:` + op + ` xmlns:x="http://dancuquocgia.bca">` +
		inner + `</x:` + op + `></s:Body></s:Envelope>`
}

const (
	head   = `<x:MaYeuCau>1</x:MaYeuCau><x:MaDVC>1.001193</x:MaDVC><x:MaCanBo>canbo.test</x:MaCanBo>`
	person = `<x:SoDinhDanh>001090000001</x:SoDinhDanh>`
)

func TestForms(t *testing.T) {
	t.Parallel()
	const found = "<ns1:SoDinhDanh>001090000001</ns1:SoDinhDanh>"
	traCuu := func(inner string) string { return soap("TraCuuThongTinCongDan", head+inner) }
	tests := []struct {
		name, code, body, want string
	}{
		{
			"another order", "037",
			soap("TraCuuThongTinCongDan", `<x:NgayThangNamSinh><x:Nam>1990</x:Nam></x:NgayThangNamSinh>`+person+
				`<x:SoDienThoai>1</x:SoDienThoai><x:TaiKhoan/>`+head),
			found,
		},
		{"old number", "037", traCuu(`<x:SoCMND>012345678</x:SoCMND>`), found},
		{
			"old number in the new one's place", "037", traCuu(`<x:SoDinhDanh>012345678</x:SoDinhDanh><x:HoVaTen>nguyễn văn thử</x:HoVaTen>`),
			found,
		},
		{"both numbers", "037", traCuu(person + `<x:SoCMND>012345678</x:SoCMND>`), found},
		{"year as text", "037", traCuu(person + `<x:NgayThangNamSinh>1990</x:NgayThangNamSinh>`), found},
		{"day with dashes", "037", traCuu(person + `<x:NgayThangNamSinh>1990-01-01</x:NgayThangNamSinh>`), found},
		{
			"another day", "037", traCuu(person + `<x:NgayThangNamSinh>1990-01-02</x:NgayThangNamSinh>`),
			`CongdanCollection xmlns:ns1="http://www.mic.gov.vn/dancu/1.0"/>`,
		},
		{"name in parts", "037", traCuu(person + `<x:HoVaTen><x:Ho>NGUYEN</x:Ho><x:ChuDem>VAN</x:ChuDem><x:Ten>THU</x:Ten></x:HoVaTen>`), found},
		{"a comment and CDATA", "037", traCuu(`<!-- - --><x:SoDinhDanh><![CDATA[001090000001]]></x:SoDinhDanh>`), found},
		{
			"no prefixes", "037",
			`<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><TraCuuThongTinCongDan xmlns="http://gtel.vn/qldc">` +
				`<MaYeuCau>1</MaYeuCau><MaDVC>1</MaDVC><MaCanBo>canbo.test</MaCanBo><SoDinhDanh>001090000001</SoDinhDanh>` +
				`</TraCuuThongTinCongDan></Body></Envelope>`,
			found,
		},
		{
			"a name without accents, but for Đ", "037",
			traCuu(`<x:SoDinhDanh>001086000007</x:SoDinhDanh><x:HoVaTen>NGUYENĐINHĐE</x:HoVaTen>`), "NGUYỄN ĐÌNH ĐỆ",
		},
		{"a name with invisible signs", "037", traCuu(person + "<x:HoVaTen>Nguyễn\u200b Văn Thử\ufeff</x:HoVaTen>"), found},
		{"a byte order mark", "037", "\xEF\xBB\xBF" + traCuu(person), found},
		{
			"only the year is known", "037", traCuu(`<x:SoDinhDanh>001145000009</x:SoDinhDanh>`),
			"<ns1:NgayThangNamSinh><ns1:Nam>1945</ns1:Nam></ns1:NgayThangNamSinh>",
		},
		{
			"no district, signs in a name", "037", traCuu(`<x:SoDinhDanh>001145000009</x:SoDinhDanh>`),
			"<ns1:ThuongTru><ns1:MaTinhThanh>01</ns1:MaTinhThanh><ns1:MaPhuongXa>00004</ns1:MaPhuongXa>",
		},
		{"signs in a name", "037", traCuu(`<x:SoDinhDanh>001145000009</x:SoDinhDanh>`), "PHẠM THỊ &lt;GIÀ&gt;"},
		{"all that is known", "099", soap("CungCapThongTinCongDan", head+person), "<ns1:SoSoHoKhau>000000001</ns1:SoSoHoKhau>"},
		{
			"it is so", "033",
			soap("XacThucThongTinCongDan", strings.ReplaceAll(head, "MaDVC", "MaDichVu")+person+`<x:HoVaTen>NGUYENVANTHU</x:HoVaTen>`),
			`<ns1:KetQuaXacThucResponse xmlns:ns1="http://dancuquocgia.bca">` + "\n      <ns1:TonTai>true</ns1:TonTai>",
		},
		{
			"it is not so", "003",
			soap("XacThucThongTinCongDan", strings.ReplaceAll(head, "MaDVC", "MaDichVu")+person+`<x:HoVaTen>NGUYENVANAN</x:HoVaTen>`),
			"<ns1:TonTai>false</ns1:TonTai>",
		},
		{
			"nobody to be so", "003",
			soap("XacThucThongTinCongDan", strings.ReplaceAll(head, "MaDVC", "MaDichVu")+`<x:SoDinhDanh>001090000002</x:SoDinhDanh><x:HoVaTen>A</x:HoVaTen>`),
			"<ns1:TonTai>false</ns1:TonTai>",
		},
		{"guardian", "099", soap("XacMinhThongTinNguoiGiamHo", head+person), "<ns1:NguoiDaiDien/>"},
		{"head of household", "099", soap("XacMinhThongTinChuHo", head+person), "<ns1:QuanHe>CH01</ns1:QuanHe>"},
		{"present residence", "099", soap("XacMinhThongTinNoiOHienTai", head+person), "<ns1:NoiOHienTai><ns1:MaTinhThanh>01"},
		{"household", "099", soap("CungCapThongTinHoGiaDinh", head+person), "<ns1:SoSoHoKhau>000000001</ns1:SoSoHoKhau>"},
		{"blood", "099", soap("CungCapThongTinNhomMau", head+person), "<ns1:NhomMau>00</ns1:NhomMau>"},
		{"marriage", "099", soap("XacMinhTinhTrangHonNhan", head+person), "<ns1:TinhTrangHonNhan>2</ns1:TinhTrangHonNhan>"},
		{
			"death", "099", soap("XacMinhTinhTrangChetMatTich", head+`<x:SoDinhDanh>001145000009</x:SoDinhDanh>`),
			"<ns1:TinhTrangChetMatTich>1</ns1:TinhTrangChetMatTich>\n        <ns1:NgayChetMatTich><ns1:NgayThangNam>20200501",
		},
		{
			"list by place", "099", soap("CungCapDanhSachTheoDiaPhuong", head+`<x:MaTinhThanh>01</x:MaTinhThanh>`),
			"<ns1:TrangThai>CHO_XU_LY</ns1:TrangThai>",
		},
		{
			"list by age", "099", soap("CungCapDanhSachTheoDoTuoi", head+`<x:TuTuoi>18</x:TuTuoi><x:DenTuoi>27</x:DenTuoi>`),
			"<ns1:DenTuoi>27</ns1:DenTuoi>",
		},
		{
			"list of the new-born", "099", soap("CungCapDanhSachTheoDoTuoi", head+`<x:TuTuoi>0</x:TuTuoi><x:DenTuoi>0</x:DenTuoi>`),
			"<ns1:TuTuoi>0</ns1:TuTuoi>",
		},
		{"list by ethnicity", "099", soap("CungCapDanhSachTheoDanToc", head+`<x:DanToc>02</x:DanToc>`), "<ns1:Loai>ethnicity</ns1:Loai>"},
		{"requests", "099", soap("GetRequests", head+`<x:Trang>2</x:Trang><x:SoBanGhi>1</x:SoBanGhi>`), "<ns1:IdYeuCau>l1</ns1:IdYeuCau>"},
		{
			"requests of a period", "099", soap("GetRequests", head+`<x:TuNgay>1800000000000</x:TuNgay>`),
			`<ns1:GetRequestsResponse xmlns:ns1="http://dancuquocgia.bca"/>`,
		},
		{"status", "099", soap("GetRequestStatus", head+`<x:IdYeuCau>l1</x:IdYeuCau>`), "<ns1:TienDo>100</ns1:TienDo>"},
		{"detail", "099", soap("GetRequestDetail", head+`<x:IdYeuCau>l1</x:IdYeuCau>`), "<ns1:TrangThai>HOAN_THANH</ns1:TrangThai>"},
		{"result", "099", soap("GetRequestResult", head+`<x:IdYeuCau>l1</x:IdYeuCau>`), "<ns1:SoCongDan>2</ns1:SoCongDan>"},
		{"history", "099", soap("GetRequestHistory", head+`<x:IdYeuCau>l1</x:IdYeuCau>`), "<ns1:ThoiDiem>1700000000000</ns1:ThoiDiem>"},
		{"records", "099", soap("GetResultDetailAsRecords", head+`<x:IdYeuCau>l1</x:IdYeuCau>`), "<ns1:TrangSau>"},
		{"file", "099", soap("GetResultDetailAsFile", head+`<x:IdYeuCau>l1</x:IdYeuCau>`), "<ns1:NoiDung>bnVtYmVyLG5hbWUK</ns1:NoiDung>"},
		{"deleted", "099", soap("DeleteRequest", head+`<x:IdYeuCau>l1</x:IdYeuCau>`), "<ns1:TrangThai>DA_XOA</ns1:TrangThai>"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newCountry(t).post(t, tt.code, tt.body)
			if w.Code != 200 || !strings.Contains(w.Body.String(), tt.want) {
				t.Errorf("%d %s\nwant %s", w.Code, w.Body, tt.want)
			}
			if err := wellFormed(w.Body.Bytes()); err != nil {
				t.Errorf("%s: %v", w.Body, err)
			}
		})
	}
}

func wellFormed(b []byte) error {
	d := xml.NewDecoder(bytes.NewReader(b))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func TestOldClients(t *testing.T) {
	t.Parallel()
	body := sample(t, "TraCuuThongTinCongDan-037.request.xml")
	for name, change := range map[string]func(*http.Request){
		"SOAP's newer type": func(r *http.Request) { r.Header.Set("Content-Type", "application/soap+xml") },
		"no type":           func(r *http.Request) { r.Header.Del("Content-Type") },
		"an empty action":   func(r *http.Request) { r.Header.Set("SOAPAction", `""`) },
		"seconds": func(r *http.Request) {
			r.Header.Set("Timestamp", "1700000300")
			r.SetBasicAuth("test-user", contract.Password("http://gw.local/csdlqgdc/037", "test-user", "1700000300", "test-secret"))
		},
		"it knows us by TLS": func(r *http.Request) {
			r.SetBasicAuth("test-user", contract.Password("https://gw.local/csdlqgdc/037", "test-user", "1700000000000", "test-secret"))
		},
		"a slash at the end": func(r *http.Request) {
			r.SetBasicAuth("test-user", contract.Password("http://gw.local/csdlqgdc/037/", "test-user", "1700000000000", "test-secret"))
		},
		"an address with a slash at the end": func(r *http.Request) { r.URL.Path += "/" },
		"in capitals": func(r *http.Request) {
			good := contract.Password("http://gw.local/csdlqgdc/037", "test-user", "1700000000000", "test-secret")
			r.SetBasicAuth("test-user", strings.ToUpper(good))
		},
	} {
		if w := newCountry(t).post(t, "037", body, change); w.Code != 200 {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	as := func(user, secret, stamp string) func(*http.Request) {
		return func(r *http.Request) {
			r.Header.Set("Timestamp", stamp)
			r.SetBasicAuth(user, contract.Password("http://gw.local/csdlqgdc/037", user, stamp, secret))
		}
	}
	good := soap("TraCuuThongTinCongDan", head+person)
	const stamp = "1700000000000"
	tests := []struct {
		name, code, body string
		change           func(*http.Request)
		status           int
		want, outcome    string
	}{
		{"no password", "037", good, func(r *http.Request) { r.Header.Del("Authorization") }, 401, "SOAP-ENV:Client", "no_password"},
		{"wrong password", "037", good, as("test-user", "guess", stamp), 401, "SOAP-ENV:Client", "password"},
		{"unknown user", "037", good, as("nobody", "test-secret", stamp), 401, "SOAP-ENV:Client", "password"},
		{"user without a secret", "037", good, as("open", "", stamp), 401, "SOAP-ENV:Client", "password"},
		{"user that is off", "037", good, as("off", "test-secret", stamp), 401, "SOAP-ENV:Client", "password"},
		{"password of another address", "001", good, as("test-user", "test-secret", stamp), 401, "SOAP-ENV:Client", "password"},
		{"eleven minutes ago", "037", good, as("test-user", "test-secret", "1699999340000"), 401, "11 phút", "clock"},
		{"eleven minutes ahead", "037", good, as("test-user", "test-secret", "1700000660"), 401, "11 minutes", "clock"},
		{"no timestamp", "037", good, as("test-user", "test-secret", ""), 401, "SOAP-ENV:Client", "timestamp"},
		{"a timestamp in words", "037", good, as("test-user", "test-secret", "now"), 401, "SOAP-ENV:Client", "timestamp"},
		{"GET", "037", "", func(r *http.Request) { r.Method = "GET" }, 405, "POST", "method"},

		{"officer unknown", "037", strings.Replace(good, "canbo.test", "canbo.none", 1), nil, 500, "<ns1:MaLoi>005</ns1:MaLoi>", "005"},
		{
			"officer of another agency", "037", strings.Replace(good, "canbo.test", "canbo.moved", 1), nil, 500, "<ns1:MaLoi>005</ns1:MaLoi>", "officer_agency",
		},
		{"officer off", "037", strings.Replace(good, "canbo.test", "canbo.off", 1), nil, 500, "<ns1:MaLoi>005</ns1:MaLoi>", "005"},
		{
			"officer without the right", "001", strings.Replace(soap("XacMinhThongTinNhanThan", head+person), "canbo.test", "canbo.037", 1), nil,
			500, "<ns1:MaLoi>005</ns1:MaLoi>", "005",
		},
		{"another operation's code", "033", good, nil, 500, "033", "other_operation"},
		{"code of the path is another's", "099", good, nil, 500, "099", "other_operation"},
		{"two codes", "037", soap("TraCuuThongTinCongDan", head+person+"<x:MaTichHop>033</x:MaTichHop>"), nil, 500, "033", "other_code"},
		{"no operation", "037", soap("TraCuuLuong", head+person), nil, 500, "TraCuuLuong", "no_operation"},
		{
			"no namespace", "037", strings.Replace(good, "http://dancuquocgia.bca", "http://example.vn", 1), nil, 500, "http://gtel.vn/qldc",
			"namespace",
		},

		{"no MaYeuCau", "037", strings.ReplaceAll(good, "MaYeuCau", "MaKhac"), nil, 500, "MaYeuCau", "missing"},
		{"empty MaDVC", "037", strings.Replace(good, "<x:MaDVC>1.001193</x:MaDVC>", "<x:MaDVC/>", 1), nil, 500, "MaDVC", "missing"},
		{"no MaCanBo", "037", strings.ReplaceAll(good, "MaCanBo", "CanBo"), nil, 500, "MaCanBo", "missing"},
		{
			"no MaDichVu", "033", soap("XacThucThongTinCongDan", `<x:MaYeuCau>1</x:MaYeuCau><x:MaCanBo>canbo.test</x:MaCanBo>`+person), nil, 500,
			"MaDichVu", "missing",
		},
		{"no number", "037", soap("TraCuuThongTinCongDan", head+`<x:SoDinhDanh/><x:HoVaTen>A</x:HoVaTen>`), nil, 500, "SoDinhDanh", "missing"},
		{"ten digits", "037", soap("TraCuuThongTinCongDan", head+`<x:SoDinhDanh>0010900000</x:SoDinhDanh>`), nil, 500, "SoDinhDanh", "bad_field"},
		{
			"no such day", "037", soap("TraCuuThongTinCongDan", head+person+`<x:NgayThangNamSinh>19900230</x:NgayThangNamSinh>`), nil, 500,
			"NgayThangNamSinh", "bad_field",
		},
		{
			"day and year", "037",
			soap("TraCuuThongTinCongDan", head+person+
				`<x:NgayThangNamSinh><x:NgayThangNam>19900101</x:NgayThangNam><x:Nam>1991</x:Nam></x:NgayThangNamSinh>`),
			nil, 500, "NgayThangNamSinh", "bad_field",
		},
		{"long MaYeuCau", "037", strings.Replace(good, ">1<", ">"+strings.Repeat("1", 41)+"<", 1), nil, 500, "MaYeuCau", "bad_field"},
		{"a line break in MaCanBo", "037", strings.Replace(good, "canbo.test", "canbo&#13;&#10;x: y", 1), nil, 500, "MaCanBo", "bad_field"},
		{
			"a number alone", "033", soap("XacThucThongTinCongDan", strings.ReplaceAll(head, "MaDVC", "MaDichVu")+person), nil, 500, "HoVaTen",
			"nothing_to_match",
		},
		{
			"a number and its year", "033",
			soap("XacThucThongTinCongDan", strings.ReplaceAll(head, "MaDVC", "MaDichVu")+person+"<x:NgayThangNamSinh>1990</x:NgayThangNamSinh>"), nil, 500,
			"NgayThangNamSinh", "nothing_to_match",
		},
		{"zeros", "037", soap("TraCuuThongTinCongDan", head+"<x:SoDinhDanh>000000000000</x:SoDinhDanh>"), nil, 500, "toàn số 0", "bad_field"},
		{"twice", "037", soap("TraCuuThongTinCongDan", head+person+person), nil, 500, "SoDinhDanh", "twice"},
		{"list of what", "099", soap("CungCapDanhSachTheoDanToc", head), nil, 500, "DanToc", "missing"},
		{"list of where", "099", soap("CungCapDanhSachTheoDiaPhuong", head), nil, 500, "MaDiaPhuong", "missing"},
		{
			"a district alone", "099", soap("CungCapDanhSachTheoDiaPhuong", head+"<x:MaTinhThanh>01</x:MaTinhThanh><x:MaQuanHuyen>001</x:MaQuanHuyen>"),
			nil, 500, "MaQuanHuyen", "bad_field",
		},
		{
			"two places", "099", soap("CungCapDanhSachTheoDiaPhuong", head+"<x:MaTinhThanh>01</x:MaTinhThanh><x:MaDiaPhuong>79</x:MaDiaPhuong>"),
			nil, 500, "MaDiaPhuong", "bad_field",
		},
		{"requests since when", "099", soap("GetRequests", head+"<x:TuNgay>hôm qua</x:TuNgay>"), nil, 500, "TuNgay", "bad_field"},
		{"requests, too many on a page", "099", soap("GetRequests", head+"<x:SoBanGhi>500</x:SoBanGhi>"), nil, 500, "1 đến 100", "bad_field"},
		{"requests, no page", "099", soap("GetRequests", head+"<x:Trang>0</x:Trang>"), nil, 500, "Trang", "bad_field"},
		{
			"too many people at once", "099", soap("GetResultDetailAsRecords", head+"<x:IdYeuCau>l1</x:IdYeuCau><x:SoBanGhi>1001</x:SoBanGhi>"), nil, 500,
			"SoBanGhi", "bad_field",
		},
		{"which list", "099", soap("GetRequestStatus", head), nil, 500, "IdYeuCau", "missing"},
		{"no such list", "099", soap("GetRequestStatus", head+"<x:IdYeuCau>l9</x:IdYeuCau>"), nil, 500, "IdYeuCau", "no_list"},

		{"no XML", "037", "hello", nil, 500, "XML", "xml"},
		{"nothing", "037", "", nil, 500, "XML", "xml"},
		{"broken", "037", strings.TrimSuffix(good, "</s:Envelope>"), nil, 500, "XML", "xml"},
		{"more after it", "037", good + "<a/>", nil, 500, "XML", "xml"},
		{"document type", "037", `<!DOCTYPE a [<!ENTITY e "x">]>` + good, nil, 500, "DOCTYPE", "doctype"},
		{
			"entities in entities", "037",
			`<!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>` + strings.Replace(good, "001090000001", "&b;", 1), nil, 500, "DOCTYPE",
			"doctype",
		},
		{
			"a file of ours", "037",
			`<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>` + strings.Replace(good, "001090000001", "&e;", 1), nil,
			500, "DOCTYPE", "doctype",
		},
		{"an entity of nobody", "037", strings.Replace(good, "001090000001", "&e;", 1), nil, 500, "XML", "xml"},
		{"an instruction", "037", `<?php x?>` + good, nil, 500, "DOCTYPE", "doctype"},
		{"a declaration not at the start", "037", `<!-- x --><?xml version="1.0"?>` + good, nil, 500, "XML", "xml"},
		{"another XML", "037", `<?xml version="2.0"?>` + good, nil, 500, "2.0", "xml_version"},
		{"deep", "037", soap("TraCuuThongTinCongDan", strings.Repeat("<x:a>", 5000)), nil, 500, "XML", "xml"},
		{"many fields", "037", soap("TraCuuThongTinCongDan", func() (s string) {
			for i := range 200 {
				s += fmt.Sprintf("<x:f%d/>", i)
			}
			return s
		}()), nil, 500, "XML", "xml"},
		{"no envelope", "037", "<a/>", nil, 500, "Envelope", "no_envelope"},
		{
			"no SOAP that there is", "037", strings.Replace(good, "http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2001/12/soap-envelope", 1),
			nil, 500, "SOAP-ENV:VersionMismatch", "version",
		},
		{"letters lost", "037", soap("TraCuuThongTinCongDan", head+person+"<x:HoVaTen>NGUY?N V?N TH?</x:HoVaTen>"), nil, 500, "HoVaTen", "bad_name"},
		{
			"a name in TCVN3", "037", soap("TraCuuThongTinCongDan", head+person+"<x:HoVaTen>NguyÔn V¨n Thö</x:HoVaTen>"), nil, 500,
			"TCVN3", "bad_name",
		},
		{"a name of signs", "037", soap("TraCuuThongTinCongDan", head+person+"<x:HoVaTen>.</x:HoVaTen>"), nil, 500, "HoVaTen", "bad_name"},
		{
			"no body", "037", `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header/></s:Envelope>`, nil, 500, "Body",
			"no_body",
		},
		{
			"a header that must be understood", "037",
			strings.Replace(good, "<s:Body>", `<s:Header><Security s:mustUnderstand="1"/></s:Header><s:Body>`, 1), nil, 500,
			"SOAP-ENV:MustUnderstand", "must_understand",
		},
		{"too large", "037", strings.Replace(good, "<s:Body>", "<s:Body>"+strings.Repeat(" ", 70<<10), 1), nil, 500, "64 KB", "too_large"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newCountry(t)
			if tt.change == nil {
				tt.change = func(*http.Request) {}
			}
			w := c.post(t, tt.code, tt.body, tt.change)
			text := w.Body.String()
			if w.Code != tt.status || !strings.Contains(text, tt.want) || !strings.Contains(text, "<faultstring xml:lang=\"vi\">") {
				t.Errorf("%d %s\nwant %d %s", w.Code, w.Body, tt.status, tt.want)
			}
			if got := c.lastCall(t); got.Outcome != tt.outcome {
				t.Errorf("logged %q, want %q", got.Outcome, tt.outcome)
			}
			if strings.Contains(w.Body.String(), "[contractsoap") || wellFormed(w.Body.Bytes()) != nil {
				t.Errorf("%s", w.Body)
			}
			if s := fmt.Sprint(c.lastCall(t)); strings.Contains(s, "001090000001") {
				t.Errorf("the log holds a number: %s", s)
			}
			if len(c.asked) > 0 && tt.outcome != "no_list" {
				t.Error("the register was asked")
			}
		})
	}
}

func TestRepeatedCall(t *testing.T) {
	t.Parallel()
	c := newCountry(t)
	body := soap("TraCuuThongTinCongDan", head+person)
	for i, want := range []struct {
		request string
		status  int
	}{{"1", 200}, {"1", 500}, {"2", 200}} {
		if w := c.post(t, "037", strings.Replace(body, ">1<", ">"+want.request+"<", 1)); w.Code != want.status {
			t.Errorf("call %d: %d %s", i, w.Code, w.Body)
		}
	}
}

// TestProvider: what gateways and the register refuse, in the contract's words.
func TestProvider(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ refuse, want string }{
		{"Server.ServerProxy.PurposeRefused", "<ns1:MaLoi>004</ns1:MaLoi>"},
		{"server.serverproxy.purpose_refused", "<ns1:MaLoi>004</ns1:MaLoi>"},
		{"Server.ServerProxy.AccessDenied", "<ns1:MaLoi>denied</ns1:MaLoi>"},
		{"server.serverproxy.quota_exceeded", "<ns1:MaLoi>quota</ns1:MaLoi>"},
		{"Server.ClientProxy.NetworkError", "SOAP-ENV:Server"},
		{"Server.ServerProxy.ServiceFailed.NetworkError", "SOAP-ENV:Server"},
	} {
		c := newCountry(t)
		c.refuse = tt.refuse
		w := c.post(t, "037", soap("TraCuuThongTinCongDan", head+person))
		if w.Code != 500 || !strings.Contains(w.Body.String(), tt.want) {
			t.Errorf("%s: %d %s", tt.refuse, w.Code, w.Body)
		}
		if got := c.lastCall(t); got.RequestID != "r-1" || got.Outcome == "answered" {
			t.Errorf("%s: logged %+v", tt.refuse, got)
		}
	}
	c := newCountry(t)
	c.cut = true
	w := c.post(t, "037", soap("TraCuuThongTinCongDan", head+person))
	if text := w.Body.String(); w.Code != 500 || !strings.Contains(text, "SOAP-ENV:Server") || strings.Contains(text, "reset") {
		t.Errorf("cut: %d %s", w.Code, w.Body)
	}
	c = newCountry(t)
	c.down = true
	w = c.post(t, "037", soap("TraCuuThongTinCongDan", head+person))
	if w.Code != 500 || !strings.Contains(w.Body.String(), "SOAP-ENV:Server") {
		t.Errorf("no store: %d %s", w.Code, w.Body)
	}
}

// TestNotGranted: what the right does not grant is left out, and what it comes to grant is
// told at once; the register is asked once for each call.
func TestNotGranted(t *testing.T) {
	t.Parallel()
	c := newCountry(t)
	ask := func(n int, name, code string) string {
		t.Helper()
		w := c.post(t, code, strings.Replace(soap(name, head+person), ">1<", ">"+strconv.Itoa(n)+"<", 1))
		if len(c.asked) != n {
			t.Errorf("%s: asked %d times, want %d", name, len(c.asked), n)
		}
		return w.Body.String()
	}
	c.granted = "number,name,birth,marital"
	text := ask(1, "TraCuuThongTinCongDan", "037")
	if !strings.Contains(text, "TinhTrangHonNhan") || strings.Contains(text, "TonGiao") || strings.Contains(text, "SoCMND") {
		t.Errorf("few fields: %s", text)
	}
	c.granted = "number,religion"
	if text = ask(2, "TraCuuThongTinCongDan", "037"); strings.Contains(text, "TinhTrangHonNhan") || !strings.Contains(text, "TonGiao") {
		t.Errorf("other fields: %s", text)
	}
	if text = ask(3, "CungCapThongTinNhomMau", "099"); !strings.Contains(text, "<ns1:MaLoi>denied<") || !strings.Contains(text, "CungCapThongTinNhomMau") {
		t.Errorf("what was asked about is not granted: %s", text)
	}
	c.granted = "life"
	if text = ask(4, "TraCuuThongTinCongDan", "037"); !strings.Contains(text, "<ns1:MaLoi>denied<") {
		t.Errorf("nothing that was asked for is granted: %s", text)
	}
	c.granted = "blood"
	if text = ask(5, "CungCapThongTinNhomMau", "099"); !strings.Contains(text, "<ns1:NhomMau>00<") {
		t.Errorf("granted: %s", text)
	}
}

func TestPlain(t *testing.T) {
	t.Parallel()
	plain := func(r *http.Request) { r.Header.Set("Content-Type", "application/json;charset=UTF-8") }
	good := `{"maYeuCau":"1","maDVC":"1.001193","maCanBo":"canbo.test","soDinhDanh":"001090000001",` +
		`"soCMND":"","hoVaTen":"NGUYENVANTHU","ngayThangNam":"19900101","userNameService":"test-user"}`
	tests := []struct {
		name, code, body string
		status           int
		want             string
	}{
		{
			"found", "037", good, 200,
			`{"CongdanCollection":{"CongDan":[{"SoDinhDanh":"001090000001","SoCMND":"012345678","HoVaTen":{"Ten":"NGUYỄN VĂN THỬ"}`,
		},
		{"year as a number", "037", strings.Replace(good, `"19900101"`, "1990", 1), 200, `"SoSoHoKhau":"000000001"}]}}`},
		{"nobody", "037", strings.Replace(good, "001090000001", "001090000002", 1), 200, `{"CongdanCollection":{"CongDan":[]}}`},
		{
			"little is known", "037",
			strings.NewReplacer("001090000001", "001190000033", "NGUYENVANTHU", "LEHOANGHAN", "19900101", "1990").Replace(good), 200,
			`"NgayThangNamSinh":{"NgayThangNam":"19900203"},"NoiDangKyKhaiSinh":{},"QueQuan":{},"QuocTich":"",`,
		},
		{"it is so", "033", good, 200, `{"KetQuaXacThucResponse":{"TonTai":"true"}}`},
		{"missing", "037", strings.Replace(good, "maCanBo", "canBo", 1), 400, `"maLoi":"missing","moTa":"Thiếu trường MaCanBo`},
		{"officer", "037", strings.Replace(good, "canbo.test", "canbo.none", 1), 403, `"maLoi":"005"`},
		{"no operation under this code", "099", good, 400, "099"},
		{"no JSON", "037", "{", 400, `"maLoi":"json"`},
		{"twice", "037", strings.Replace(good, "{", `{"maYeuCau":"2",`, 1), 400, `"maLoi":"twice"`},
		{"nested", "037", strings.Replace(good, "{", `{"x":{},`, 1), 400, `"maLoi":"bad_field"`},
		{"more", "037", good + "1", 400, `"maLoi":"json"`},
	}
	for _, tt := range tests {
		w := newCountry(t).post(t, tt.code, tt.body, plain)
		if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.want) || !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s: %d %s\nwant %d %s", tt.name, w.Code, w.Body, tt.status, tt.want)
		}
	}
	w := newCountry(t).post(t, "037", good, plain, func(r *http.Request) { r.Header.Set("Timestamp", "1") })
	if w.Code != 401 || !strings.Contains(w.Body.String(), `"maLoi":"401"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestOverTheWire: a client that asks before it sends, and one that goes away.
func TestOverTheWire(t *testing.T) {
	t.Parallel()
	c := newCountry(t)
	s := httptest.NewServer(c.contract)
	defer s.Close()
	url := s.URL + "/csdlqgdc/037"
	body := sample(t, "TraCuuThongTinCongDan-037.request.xml")
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Expect", "100-continue")
	r.Header.Set("Timestamp", "1700000000")
	r.SetBasicAuth("test-user", contract.Password(url, "test-user", "1700000000", "test-secret"))
	res, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil || string(b) != sample(t, "TraCuuThongTinCongDan.response.xml") {
		t.Errorf("%v, %d %s", err, res.StatusCode, b)
	}
}
