package contractsoap

import (
	"os"
	"testing"
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
		element, all, no := readEnvelope(b)
		if no != nil {
			return
		}
		if op, ok := contract.OperationNamed(element.Local); ok {
			check(t, op, all)
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
		element, all, no := readEnvelope([]byte(body + `</d:TraCuuThongTinCongDan></e:Body></e:Envelope>`))
		if no != nil {
			t.Fatal(no)
		}
		op, _ := contract.OperationNamed(element.Local)
		q, no := asked(op, "037", all)
		if no != nil || q.number.Reveal() != "001090000001" ||
			q.name != "NGUYENVANTHU" || q.birth.String() != "1990" || q.officer != "canbo.test" {
			t.Fatalf("%+v, %v", q, no)
		}
	})
}
