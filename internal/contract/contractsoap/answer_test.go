package contractsoap

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"dean06/internal/contract"
)

// TestLines: whatever an operation asks for has its element.
func TestLines(t *testing.T) {
	t.Parallel()
	for _, name := range contract.Operations() {
		op, ok := contract.OperationNamed(name)
		if !ok {
			t.Fatalf("no operation %s", name)
		}
		for _, f := range op.Fields {
			if !slices.ContainsFunc(lines, func(l line) bool { return l.field == f }) {
				t.Errorf("%s asks for %s, for which the contract has no element", name, f)
			}
		}
	}
}

// TestAnswerOfAnotherType: an answer that the contract cannot read is refused, without
// telling what it was.
func TestAnswerOfAnotherType(t *testing.T) {
	t.Parallel()
	for member, field := range map[string]string{
		"name": "name", "birth": "birth", "father": "father", "relation": "household", "old_numbers": "old_number",
	} {
		f := facts{Fields: []string{field}, Person: answered{member: json.RawMessage(`7012345`)}}
		if _, err := citizenElement(f); err == nil || strings.Contains(err.Error(), "7012345") {
			t.Errorf("%s: %v", member, err)
		}
	}
	if n, err := citizenElement(facts{Fields: []string{"sex"}, Person: answered{"name": json.RawMessage(`7`)}}); err != nil ||
		len(n.kids) != 1 {
		t.Errorf("what was not asked for: %v, %v", n, err)
	}
}

// TestTypesOfEmpty: in JSON each element has one type, whether it is known or not: text is a
// string, parts are an object, what may repeat is a list.
func TestTypesOfEmpty(t *testing.T) {
	t.Parallel()
	var known, unknown facts
	known.Person = answered{}
	for member, text := range map[string]string{
		"number": `"1"`, "old_numbers": `["2"]`, "name": `"A"`, "sex": `"1"`, "ethnicity": `"01"`, "religion": `"00"`, "marital": `"1"`, "blood": `"00"`,
		"birth": `"1990-01-01"`, "birthplace": `{"province":"01"}`, "origin": `{"province":"01"}`, "nationality": `"VN"`, "permanent": `{"commune":"1"}`,
		"present": `{"commune":"1"}`, "father": `{"name":"B"}`, "mother": `{"name":"C"}`, "spouse": `{"name":"D"}`, "guardian": `{"name":"E"}`,
		"household": `"9"`, "relation": `"CH01"`, "head": `{"name":"A"}`, "life": `"dead"`, "ended": `"2020-01-01"`,
	} {
		known.Person[member] = json.RawMessage(text)
	}
	for _, l := range lines {
		known.Fields, unknown.Fields = append(known.Fields, l.field), append(unknown.Fields, l.field)
	}
	full, err := citizenElement(known)
	if err != nil {
		t.Fatal(err)
	}
	empty, err := citizenElement(unknown)
	if err != nil || len(full.kids) != len(lines) || len(empty.kids) != len(lines) {
		t.Fatalf("%d and %d elements of %d, %v", len(full.kids), len(empty.kids), len(lines), err)
	}
	for i, k := range full.kids {
		if k.name != empty.kids[i].name || k.parts != empty.kids[i].parts || len(k.kids) == 0 == k.parts || len(empty.kids[i].kids) > 0 {
			t.Errorf("%+v is not of the type of %+v", empty.kids[i], k)
		}
	}
	for name, row := range rows {
		b, err := json.Marshal(group(name))
		if want := `{"` + row + `":[]}`; err != nil || string(b) != want {
			t.Errorf("%s, %v, want %s", b, err, want)
		}
		b, err = json.Marshal(group(name, group(row), group(row, leaf("A", "")), leaf("B", "")))
		if want := `{"` + row + `":[{},{"A":""}],"B":""}`; err != nil || string(b) != want {
			t.Errorf("%s, %v, want %s", b, err, want)
		}
	}
	// Every list of the description is one in JSON, and nothing else is.
	for _, name := range contract.Operations() {
		op, _ := contract.OperationNamed(name)
		s, people := gives(op)
		if people {
			s = answerShapes()[len(answerShapes())-1]
		}
		for _, p := range s.parts {
			if p.many != (rows[s.name] == p.name) || p.many != repeats[p.name] {
				t.Errorf("%s: %s is a list in one form only", name, p.name)
			}
		}
	}
	if b, err := json.Marshal(list{}.element()); err != nil || strings.Contains(string(b), "null") || strings.Contains(string(b), "{}") {
		t.Errorf("%s, %v", b, err)
	}
	if b, err := json.Marshal(collection(householdElements(household{Head: member{Number: "1"}})...)); err != nil ||
		!strings.Contains(string(b), `"HoVaTen":{},"GioiTinh":"","NgayThangNamSinh":{},"ChuHo":{`) {
		t.Errorf("%s, %v", b, err)
	}
}
