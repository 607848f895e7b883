package contractsoap_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"io"
	"net/http"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"
)

// inUTF16 writes a text in UTF-16.
func inUTF16(order binary.AppendByteOrder, mark bool, s string) string {
	var b []byte
	if mark {
		b = order.AppendUint16(b, 0xFEFF)
	}
	for _, u := range utf16.Encode([]rune(s)) {
		b = order.AppendUint16(b, u)
	}
	return string(b)
}

func in1252(s string) string {
	b, err := charmap.Windows1252.NewEncoder().String(s)
	if err != nil {
		panic(err)
	}
	return b
}

func as(kind string, more ...string) func(*http.Request) {
	return func(r *http.Request) {
		r.Header.Set("Content-Type", kind)
		for i := 0; i < len(more); i += 2 {
			r.Header.Set(more[i], more[i+1])
		}
	}
}

const (
	thuNamed   = "<x:HoVaTen>Nguyễn Văn Thử</x:HoVaTen>"
	foundThu   = "<ns1:SoDinhDanh>001090000001</ns1:SoDinhDanh>"
	thuInRefs  = "<x:HoVaTen>Nguy&#7877;n V&#x103;n Th&#7917;</x:HoVaTen>"
	le         = "<x:SoDinhDanh>001190000033</x:SoDinhDanh>"
	leNamed    = le + "<x:HoVaTen>Lê Hoàng Hân</x:HoVaTen>"
	foundLe    = "LÊ HOÀNG HÂN"
	unreadable = "<ns1:MaLoi>encoding"
)

// TestEncodings: what a message is written in is read, or refused by its name.
func TestEncodings(t *testing.T) {
	t.Parallel()
	declared := func(name, inner string) string {
		return `<?xml version="1.0" encoding="` + name + `"?>` + "\n" + soap("TraCuuThongTinCongDan", head+inner)
	}
	thu := person + thuNamed
	vietnamese, err := charmap.Windows1258.NewEncoder().String(declared("windows-1258", le+"<x:HoVaTen>Lê Hoa\u0300ng Hân</x:HoVaTen>"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, kind, body, want string }{
		{"UTF-16 with a mark", "text/xml", sample(t, "03-soap-utf16-bom.xml"), foundThu},
		{"UTF-16 as .NET declares it, in UTF-8", "text/xml", sample(t, "03-soap-dotnet-decl-utf16-bytes-utf8.xml"), foundThu},
		{"UTF8", "text/xml", sample(t, "03-soap-decl-UTF8.xml"), foundThu},
		{"UTF-16LE without a mark", "text/xml; charset=utf-16", inUTF16(binary.LittleEndian, false, declared("utf-16", thu)), foundThu},
		{"UTF-16BE without a mark or a label", "text/xml", inUTF16(binary.BigEndian, false, declared("utf-16", thu)), foundThu},
		{"UTF-16BE with a mark, declared UTF-8", "text/xml", inUTF16(binary.BigEndian, true, declared("UTF-8", thu)), foundThu},
		{"a mark wins over the charset", "text/xml; charset=iso-8859-1", inUTF16(binary.LittleEndian, true, declared("x", thu)), foundThu},
		{"UTF-16 in a message said to be UTF-8", "text/xml; charset=utf-8", inUTF16(binary.LittleEndian, false, declared("utf-16", thu)), foundThu},
		{"UTF-8 in a message said to be UTF-16", `text/xml; charset="UTF-16"`, declared("utf-16", thu), foundThu},
		{"UTF-8 with a mark, declared windows-1252", "text/xml; charset=x-none", "\xEF\xBB\xBF" + declared("windows-1252", thu), foundThu},
		{"the charset wins over the declaration", "text/xml; charset=utf-8", declared("windows-1258", thu), foundThu},
		{"a charset in single quotes", "text/xml; charset='utf-8';", declared("TCVN3", thu), foundThu},
		{"ISO-8859-1", "text/xml", in1252(declared("ISO-8859-1", leNamed)), foundLe},
		{"latin1 by its charset alone", "text/xml; charset=ISO-8859-1", in1252(declared("UTF-8", leNamed)), foundLe},
		{"windows-1252", "text/xml", in1252(declared("Windows-1252", leNamed)), foundLe},
		{"windows-1258", "text/xml", vietnamese, foundLe},
		{"US-ASCII with references", "text/xml; charset=us-ascii", declared("US-ASCII", person+thuInRefs), foundThu},
		{"references in no encoding said", "text/xml", soap("TraCuuThongTinCongDan", head+person+thuInRefs), foundThu},
		{"a declaration with all of it, in single quotes", "text/xml", `<?xml version='1.0' encoding='utf-8' standalone='yes' ?>` +
			soap("TraCuuThongTinCongDan", head+thu), foundThu},
		{"XML 1.1", "text/xml", `<?xml version="1.1"?>` + soap("TraCuuThongTinCongDan", head+thu), foundThu},
		{"blanks before it", "text/xml", "\r\n " + declared("UTF-8", thu), foundThu},

		{"TCVN3", "text/xml", declared("TCVN3", thu), "TCVN3"},
		{"a charset that nobody knows", "text/xml; charset=x-vni", declared("UTF-8", thu), "x-vni"},
		{"UTF-7", "text/xml", declared("UTF-7", thu), "(encoding) UTF-7"},
		{"UTF-32", "text/xml", "\xFF\xFE\x00\x00<\x00\x00\x00", "UTF-32"},
		{"UTF-8 said to be ISO-8859-1", "text/xml", declared("ISO-8859-1", thu), "UTF-8"},
		{"UTF-8 said to be US-ASCII", "text/xml; charset=us-ascii", declared("UTF-8", thu), "US-ASCII"},
		{"latin1 said to be UTF-8", "text/xml", in1252(declared("UTF-8", leNamed)), "UTF-8"},
		{"latin1 said to be nothing", "text/xml", in1252(soap("TraCuuThongTinCongDan", head+leNamed)), "UTF-8"},
		{"half a letter of UTF-16", "text/xml", sample(t, "03-soap-utf16-bom.xml") + "x", "UTF-16LE"},
		{"half a pair of UTF-16", "text/xml", inUTF16(binary.LittleEndian, true, "<a>") + "\x00\xD8\x20\x00", "UTF-16LE"},
	} {
		w := newCountry(t).post(t, "037", tt.body, as(tt.kind))
		text := w.Body.String()
		if read := tt.want == foundThu || tt.want == foundLe; !strings.Contains(text, tt.want) ||
			read != (w.Code == 200) || read == strings.Contains(text, unreadable) {
			t.Errorf("%s: %d %s\nwant %s", tt.name, w.Code, text, tt.want)
		}
	}
	for name, order := range map[string]binary.AppendByteOrder{"LE": binary.LittleEndian, "BE": binary.BigEndian} {
		body := soap("TraCuuThongTinCongDan", head+"<x:SoDinhDanh>&e;</x:SoDinhDanh>")
		body = inUTF16(order, true, `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e "x">]>`+body)
		if w := newCountry(t).post(t, "037", body, as("text/xml")); !strings.Contains(w.Body.String(), "<ns1:MaLoi>doctype") {
			t.Errorf("a document type in UTF-16%s: %s", name, w.Body)
		}
	}
	broken := strings.Replace(soap("TraCuuThongTinCongDan", head), "</s:Body>", "\n\n&", 1)
	w := newCountry(t).post(t, "037", inUTF16(binary.LittleEndian, true, broken), as("text/xml"))
	if !strings.Contains(w.Body.String(), "line 3") {
		t.Errorf("the line of what is broken: %s", w.Body)
	}
}

func packed(t *testing.T, how func(io.Writer) io.WriteCloser, s string) string {
	t.Helper()
	var b bytes.Buffer
	w := how(&b)
	if _, err := io.WriteString(w, s); err != nil || w.Close() != nil {
		t.Fatal("cannot pack")
	}
	return b.String()
}

func TestPacked(t *testing.T) {
	t.Parallel()
	gz := func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }
	zl := func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }
	fl := func(w io.Writer) io.WriteCloser { f, _ := flate.NewWriter(w, 9); return f }
	good := soap("TraCuuThongTinCongDan", head+person+thuNamed)
	whole := packed(t, gz, good)
	bomb := packed(t, gz, strings.Replace(good, "<s:Body>", "<s:Body>"+strings.Repeat(" ", 8<<20), 1))
	if len(bomb) > 60<<10 {
		t.Fatalf("the bomb has %d bytes", len(bomb))
	}
	for _, tt := range []struct {
		name, coding, body string
		status             int
		want               string
	}{
		{"gzip", "gzip", whole, 200, foundThu},
		{"in capitals", "GZIP", whole, 200, foundThu},
		{"x-gzip", "x-gzip", whole, 200, foundThu},
		{"deflate", "deflate", packed(t, zl, good), 200, foundThu},
		{"bare deflate", "deflate", packed(t, fl, good), 200, foundThu},
		{"identity", "identity", good, 200, foundThu},
		{"in two pieces", "gzip", packed(t, gz, good[:50]) + packed(t, gz, good[50:]), 200, foundThu},
		{"a bomb", "gzip", bomb, 500, "<ns1:MaLoi>too_large"},
		{"bombs of deflate", "deflate", packed(t, fl, strings.Repeat(" ", 8<<20)), 500, "<ns1:MaLoi>too_large"},
		{"half of it", "gzip", whole[:len(whole)/2], 500, "<ns1:MaLoi>coding_broken"},
		{"with something after it", "gzip", whole + "more", 500, "<ns1:MaLoi>coding_broken"},
		{"not packed", "gzip", good, 500, "<ns1:MaLoi>coding_broken"},
		{"packed, and not said", "", whole, 500, "<ns1:MaLoi>packed"},
		{"brotli", "br", whole, 415, "br"},
		{"twice", "gzip, gzip", packed(t, gz, whole), 415, "gzip, gzip"},
	} {
		w := newCountry(t).post(t, "037", tt.body, as("text/xml", "Content-Encoding", tt.coding))
		if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.want) {
			t.Errorf("%s: %d %s\nwant %d %s", tt.name, w.Code, w.Body, tt.status, tt.want)
		}
		if accepts := w.Header().Get("Accept-Encoding"); (tt.status == 415) != (accepts != "") {
			t.Errorf("%s: Accept-Encoding %q", tt.name, accepts)
		}
	}
}

// multi writes parts of a message, each a header and a body.
func multi(parts ...string) string {
	var b strings.Builder
	for i := 0; i < len(parts); i += 2 {
		b.WriteString("--b\r\n" + parts[i] + "\r\n\r\n" + parts[i+1] + "\r\n")
	}
	return b.String() + "--b--\r\n"
}

func TestMultipart(t *testing.T) {
	t.Parallel()
	good := soap("TraCuuThongTinCongDan", head+person+thuNamed)
	newer := strings.Replace(good, "http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope", 1)
	const (
		related = `multipart/related; boundary=b; type="text/xml"`
		started = related + `; start="<root@x>"`
		mtom    = `multipart/related; type="application/xop+xml"; boundary="b"; start="<root@x>"; start-info="application/soap+xml"`
		picture = "Content-Type: image/png\r\nContent-ID: <p@x>"
	)
	include := strings.Replace(good, "001090000001", `<xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:p@x"/>`, 1)
	for _, tt := range []struct {
		name, kind, body string
		status           int
		want             string
	}{
		{"the first is the root", related, multi("Content-Type: text/xml; charset=utf-8", good, picture, "\x89PNG"), 200, foundThu},
		{"start names the root", started, multi(picture, "\x89PNG", "Content-Type: text/xml\r\nContent-Id: <root@x>", good), 200, foundThu},
		{"MTOM", mtom, multi("Content-Type: application/xop+xml; charset=UTF-8\r\nContent-ID: <root@x>", newer), 200, foundThu},
		{
			"the root in UTF-16", related, multi("Content-Type: text/xml; charset=utf-16", inUTF16(binary.LittleEndian, true, good)), 200, foundThu,
		},
		{
			"the root in base64", related,
			multi("Content-Transfer-Encoding: base64", base64.StdEncoding.EncodeToString([]byte(good))), 200, foundThu,
		},
		{
			"the root quoted", related,
			multi("Content-Transfer-Encoding: quoted-printable", strings.ReplaceAll(good, "=", "=3D")), 200, foundThu,
		},
		{"a value in an attachment", related, multi("Content-Type: text/xml", include, picture, "1"), 500, "<ns1:MaLoi>elsewhere"},
		{"no such root", started, multi(picture, "\x89PNG"), 500, "<ns1:MaLoi>multipart"},
		{"no boundary", "multipart/related", good, 500, "<ns1:MaLoi>multipart"},
		{"a form", "multipart/form-data; boundary=b", multi("Content-Disposition: form-data; name=a", good), 500, "multipart/form-data"},
		{"cut short", related, strings.TrimSuffix(multi("Content-Type: text/xml", good), "--b--\r\n"), 500, "<ns1:MaLoi>multipart"},
		{"a value in another element", "text/xml", strings.Replace(good, "<x:HoVaTen>", `<x:HoVaTen href="#a">`, 1), 500, "HoVaTen"},
	} {
		w := newCountry(t).post(t, "037", tt.body, as(tt.kind))
		if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.want) {
			t.Errorf("%s: %d %s\nwant %d %s", tt.name, w.Code, w.Body, tt.status, tt.want)
		}
	}
}

// TestPlainEncodings: JSON is read in the same encodings.
func TestPlainEncodings(t *testing.T) {
	t.Parallel()
	const good = `{"maYeuCau":"1","maDVC":"1.001193","maCanBo":"canbo.test","soDinhDanh":"001090000001","hoVaTen":"Nguyễn Văn Thử"}`
	for _, tt := range []struct{ name, kind, body, want string }{
		{"with a mark", "application/json", "\xEF\xBB\xBF" + good, `"SoDinhDanh":"001090000001"`},
		{"UTF-16", "application/json; charset=utf-16", inUTF16(binary.LittleEndian, true, good), `"SoDinhDanh":"001090000001"`},
		{"another", "application/json; charset=big5", good, `"maLoi":"encoding"`},
		{"broken", "application/json", strings.Replace(good, "ễ", "\xEA", 1), `"maLoi":"encoding_broken"`},
	} {
		if w := newCountry(t).post(t, "037", tt.body, as(tt.kind)); !strings.Contains(w.Body.String(), tt.want) {
			t.Errorf("%s: %d %s\nwant %s", tt.name, w.Code, w.Body, tt.want)
		}
	}
}
