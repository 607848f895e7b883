package populationsoap

import (
	_ "embed"
	"encoding/json"
	"slices"
	"strings"
)

//go:embed operations.json
var operationTable []byte

// operation is a line of the contract's table: what older systems call, and what is
// asked of the register for it. The integration codes (MaTichHop) are those that have
// been seen; the Ministry gives out more, so operations without a known code answer
// under any that is not another's.
type operation struct {
	Name   string
	Codes  []string
	Kind   kind
	Fields []string // asked for; what the right does not grant is left out
	About  string   // the field without which an answer would say nothing
	By     string   // kind of a list
	Value  string   // element that holds a list's code
}

type kind string

const (
	kindFacts       kind = "facts"
	kindMatch       kind = "match"
	kindHousehold   kind = "household"
	kindList        kind = "list"
	kindLists       kind = "lists"
	kindListStatus  kind = "list_status"
	kindListDetail  kind = "list_detail"
	kindListHistory kind = "list_history"
	kindListResult  kind = "list_result"
	kindListRecords kind = "list_records"
	kindListFile    kind = "list_file"
	kindListDelete  kind = "list_delete"
)

// aboutPerson says that the operation is about one person, who has to be named.
func (o operation) aboutPerson() bool {
	return o.Kind == kindFacts || o.Kind == kindMatch || o.Kind == kindHousehold
}

// aboutList says that the operation is about one list, which has to be named.
func (o operation) aboutList() bool {
	return strings.HasPrefix(string(o.Kind), "list_")
}

var operations = readOperations()

func readOperations() []operation {
	var list []operation
	if err := json.Unmarshal(operationTable, &list); err != nil {
		panic(err) // embedded: a build with a broken table is broken
	}
	return list
}

// Operations are the names of all operations, in the contract's order.
func Operations() []string {
	out := make([]string, len(operations))
	for i, o := range operations {
		out[i] = o.Name
	}
	return out
}

// operationNamed finds an operation by the name of its element, with or without the
// ending that one variant of the contract adds.
func operationNamed(element string) (operation, bool) {
	name := strings.TrimSuffix(element, "Request")
	for _, o := range operations {
		if o.Name == name || o.Name == element {
			return o, true
		}
	}
	return operation{}, false
}

// operationOf is the operation of an integration code, for calls that name none.
func operationOf(code string) (operation, bool) {
	for _, o := range operations {
		if slices.Contains(o.Codes, code) {
			return o, true
		}
	}
	return operation{}, false
}

// answersUnder says whether the operation is answered under an integration code.
func (o operation) answersUnder(code string) bool {
	if len(o.Codes) > 0 {
		return slices.Contains(o.Codes, code)
	}
	_, taken := operationOf(code)
	return !taken
}
