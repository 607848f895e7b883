package contractsoap

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"net/http"
	"os"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"pgregory.net/rapid"

	"dean06/internal/contract"
)

func FuzzEnvelope(f *testing.F) {
	for _, name := range []string{"TraCuuThongTinCongDan-037.request.xml", "XacMinhThongTinNhanThan.request.xml"} {
		b, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(`<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>`))
	f.Fuzz(func(t *testing.T, b []byte) {
		env, no := readEnvelope(b)
		if no != nil {
			return
		}
		if op, ok := contract.OperationNamed(env.element.Local); ok {
			check(t, op, env.fields)
		}
	})
}

func FuzzPlain(f *testing.F) {
	f.Add([]byte(`{"maYeuCau":"1","maDVC":"1","maCanBo":"canbo.test","soDinhDanh":"001090000001","ngayThangNam":1990}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if all, no := readPlain(b); no == nil {
			check(t, contract.Operation{Name: "TraCuuThongTinCongDan", Codes: []string{"037"}, Kind: contract.KindFacts}, all)
		}
	})
}

// check holds what every later step relies on.
func check(t *testing.T, op contract.Operation, all fields) {
	t.Helper()
	q, no := asked(op, "037", all)
	if no != nil {
		return
	}
	if op.AboutPerson() && q.number.IsZero() && q.old.IsZero() {
		t.Fatal("nobody is asked about")
	}
	for _, s := range []string{q.request, q.purpose, q.officer, q.dossier} {
		if h := header(s); !utf8.ValidString(h) || !wellFormed(h, 4000) {
			t.Fatalf("no header: %q", h)
		}
	}
}

// TestOrderDoesNotMatter: the same fields in any order are the same question.
func TestOrderDoesNotMatter(t *testing.T) {
	t.Parallel()
	parts := []string{
		"<d:MaYeuCau>1</d:MaYeuCau>", "<d:MaDVC>1.001193</d:MaDVC>", "<d:MaTichHop>037</d:MaTichHop>", "<d:MaCanBo>canbo.test</d:MaCanBo>",
		"<d:SoDinhDanh>001090000001</d:SoDinhDanh>", "<d:HoVaTen>NGUYENVANTHU</d:HoVaTen>",
		"<d:NgayThangNamSinh><d:Nam>1990</d:Nam></d:NgayThangNamSinh>",
	}
	rapid.Check(t, func(t *rapid.T) {
		body := `<e:Envelope xmlns:e="` + nsSOAP + `" xmlns:d="` + nsDanCu + `"><e:Body><d:TraCuuThongTinCongDan>`
		for _, p := range rapid.Permutation(parts).Draw(t, "parts") {
			body += p
		}
		env, no := readEnvelope([]byte(body + `</d:TraCuuThongTinCongDan></e:Body></e:Envelope>`))
		if no != nil {
			t.Fatal(no)
		}
		op, _ := contract.OperationNamed(env.element.Local)
		q, no := asked(op, "037", env.fields)
		if no != nil || q.number.Reveal() != "001090000001" ||
			q.name != "NGUYENVANTHU" || q.birth.String() != "1990" || q.officer != "canbo.test" {
			t.Fatalf("%+v, %v", q, no)
		}
	})
}

// FuzzDecode: whatever bytes come under whatever label, what is read is UTF-8, holds no sign
// of a broken letter that was not sent, and what is plain stays as it was.
func FuzzDecode(f *testing.F) {
	for _, name := range []string{"03-soap-utf16-bom.xml", "03-soap-dotnet-decl-utf16-bytes-utf8.xml", "03-soap-decl-UTF8.xml"} {
		b, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, "utf-16")
		f.Add(b, "")
	}
	f.Add([]byte("<a>\xE9</a>"), "windows-1258")
	f.Fuzz(func(t *testing.T, b []byte, label string) {
		text, no := decode(b, label)
		if no != nil {
			if name, _ := no.args["encoding"].(string); name == "" {
				t.Fatalf("refused without naming the encoding: %+v", no)
			}
			return
		}
		if !utf8.Valid(text) {
			t.Fatalf("%q is no UTF-8", text)
		}
		if bytes.ContainsRune(text, utf8.RuneError) && !bytes.Contains(b, []byte("\xFD\xFF")) && !bytes.Contains(b, []byte("\xFF\xFD")) &&
			!bytes.ContainsRune(b, utf8.RuneError) {
			t.Fatalf("a letter of %q was lost: %q", b, text)
		}
		if text, no = withoutDeclaration(text); no == nil {
			_, _ = readEnvelope(text)
		}
	})
}

// TestDecodeRoundTrip: any text comes out of each encoding of Unicode as it went in.
func TestDecodeRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := "<a>" + rapid.String().Draw(t, "text") + "</a>"
		for name, order := range map[string]binary.AppendByteOrder{"utf-16le": binary.LittleEndian, "utf-16be": binary.BigEndian} {
			var b []byte
			for _, u := range utf16.Encode([]rune(want)) {
				b = order.AppendUint16(b, u)
			}
			for _, label := range []string{name, "utf-16", "utf-8", ""} {
				if got, no := decode(b, label); no != nil || string(got) != want {
					t.Fatalf("%s as %q: %q, %v, want %q", name, label, got, no, want)
				}
			}
		}
		if got, no := decode([]byte(want), "utf8"); no != nil || string(got) != want {
			t.Fatalf("%q, %v, want %q", got, no, want)
		}
	})
}

// FuzzOpen: whatever body comes under whatever type and packing, what is opened is text of a
// bounded length.
func FuzzOpen(f *testing.F) {
	request, err := os.ReadFile("testdata/TraCuuThongTinCongDan-037.request.xml")
	if err != nil {
		f.Fatal(err)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(request); err != nil || z.Close() != nil {
		f.Fatal("cannot pack")
	}
	f.Add(packed.Bytes(), "text/xml", "gzip")
	f.Add(request, "application/soap+xml; charset=utf-8", "")
	f.Add([]byte("--b\r\nContent-Id: <r>\r\n\r\n<a/>\r\n--b--\r\n"), `multipart/related; boundary=b; start="<r>"`, "")
	f.Fuzz(func(t *testing.T, b []byte, kind, coding string) {
		r := &http.Request{Header: http.Header{"Content-Type": {kind}, "Content-Encoding": {coding}}, Body: io.NopCloser(bytes.NewReader(b))}
		m, no := open(r)
		if no != nil {
			return
		}
		// A byte of windows-1258 is three of UTF-8 at most.
		if !utf8.Valid(m.text) || len(m.text) > 3*maxBody {
			t.Fatalf("%d bytes, in UTF-8: %t", len(m.text), utf8.Valid(m.text))
		}
	})
}
