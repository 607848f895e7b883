package contractsoap

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"dean06/internal/citizen"
	"dean06/internal/contract"
)

// fields are what a call carries, by the contract's names: MaYeuCau, SoDinhDanh …
// Others than those that are known are kept and not looked at.
type fields map[string]string

// question is a call that was read and found whole.
type question struct {
	op        contract.Operation
	namespace string // of the element, for the answer that is in the same
	request   string // MaYeuCau
	purpose   string // MaDVC or MaDichVu
	code      string // MaTichHop
	office    string // MaDonVi
	officer   string // MaCanBo
	dossier   string
	number    citizen.Number
	old       citizen.OldNumber
	name      string
	birth     citizen.Day
	all       fields
}

// lengths are the longest values that the contract has, in characters.
var lengths = []struct {
	name  string
	limit int
}{
	{"MaYeuCau", 40},
	{"MaDVC", 20},
	{"MaDichVu", 20},
	{"MaTichHop", 20},
	{"MaDonVi", 35},
	{"MaCanBo", 20},
	{"SoDinhDanh", 12},
	{"SoCMND", 12},
	{"HoVaTen", 100},
	{"NgayThangNamSinh", 10},
	{"MaHoSo", 100},
	{"SoHoSo", 100},
	{"IdYeuCau", 64},
}

// asked checks the fields of a call. It names the first that is wrong by the name that
// the caller wrote.
func asked(op contract.Operation, code string, f fields) (question, *refusal) {
	q := question{
		op: op, all: f, request: f["MaYeuCau"], purpose: f["MaDVC"], code: code,
		office: f["MaDonVi"], officer: f["MaCanBo"], dossier: f["MaHoSo"],
	}
	if q.purpose == "" {
		q.purpose = f["MaDichVu"]
	}
	if q.dossier == "" {
		q.dossier = f["SoHoSo"]
	}
	for _, must := range []struct{ name, value string }{{"MaYeuCau", q.request}, {purposeName(op), q.purpose}, {"MaCanBo", q.officer}} {
		if must.value == "" {
			return q, missing(must.name)
		}
	}
	for _, l := range lengths {
		if !wellFormed(f[l.name], l.limit) {
			return q, badField(l.name)
		}
	}
	if other := f["MaTichHop"]; other != "" && other != code {
		return q, client("other_code", map[string]any{"code": other, "path": code})
	}
	if op.AboutPerson() {
		if no := q.person(f); no != nil {
			return q, no
		}
	}
	if op.AboutList() && f["IdYeuCau"] == "" {
		return q, missing("IdYeuCau")
	}
	if !op.AnswersUnder(code) {
		return q, client("other_operation", map[string]any{"operation": op.Name, "code": code})
	}
	return q, nil
}

func purposeName(op contract.Operation) string {
	if op.Kind == contract.KindMatch {
		return "MaDichVu"
	}
	return "MaDVC"
}

// wellFormed says that a value is no longer than it may be and holds nothing that a
// header or a log line could not.
func wellFormed(s string, limit int) bool {
	return len(s) <= 4*limit && utf8.RuneCountInString(s) <= limit && strings.IndexFunc(s, unicode.IsControl) < 0
}

// person reads who is meant. Systems of the field put either number into either place.
func (q *question) person(f fields) *refusal {
	for _, name := range []string{"SoDinhDanh", "SoCMND"} {
		var err error
		switch s := f[name]; {
		case s == "":
			continue
		case len(s) == 9 && q.old.IsZero():
			q.old, err = citizen.ParseOldNumber(s)
		case q.number.IsZero():
			q.number, err = citizen.ParseNumber(s)
		}
		if err != nil {
			return badValue(name, err)
		}
	}
	if q.number.IsZero() && q.old.IsZero() {
		return missing("SoDinhDanh")
	}
	if s := f["HoVaTen"]; s != "" {
		var err error
		if q.name, err = citizen.ParseName(s); err != nil {
			no := badValue("HoVaTen", err)
			no.code, no.key, no.outcome = "bad_name", "contractsoap.bad_name", "bad_name"
			return no
		}
	}
	if s := f["NgayThangNamSinh"]; s != "" {
		var err error
		if q.birth, err = citizen.ParseDay(s); err != nil {
			return badValue("NgayThangNamSinh", err)
		}
	}
	// The year is in the number: with nothing else there is nothing to compare.
	if q.op.Kind == contract.KindMatch && q.name == "" && q.birth.Month() == 0 {
		return client("nothing_to_match", nil)
	}
	return nil
}
