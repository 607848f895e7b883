package contract

import (
	_ "embed"
	"encoding/json"
	"slices"
	"strings"
)

//go:embed operations.json
var operationTable []byte

// Operation is a line of the contract's table: what older systems call, and what is
// asked of the register for it. The integration codes (MaTichHop) are those that have
// been seen; the Ministry gives out more, so operations without a known code answer
// under any that is not another's.
type Operation struct {
	Name   string
	Codes  []string
	Kind   Kind
	Fields []string // asked for; what the right does not grant is left out
	About  string   // the field without which an answer would say nothing
	By     string   // kind of a list
	Value  string   // element that holds a list's code
}

// Kind is what is asked of the register for an operation.
type Kind string

// The kinds; those of lists ask about one list, which was requested before.
const (
	KindFacts       Kind = "facts"
	KindMatch       Kind = "match"
	KindHousehold   Kind = "household"
	KindList        Kind = "list"
	KindLists       Kind = "lists"
	KindListStatus  Kind = "list_status"
	KindListDetail  Kind = "list_detail"
	KindListHistory Kind = "list_history"
	KindListResult  Kind = "list_result"
	KindListRecords Kind = "list_records"
	KindListFile    Kind = "list_file"
	KindListDelete  Kind = "list_delete"
)

// AboutPerson says that the operation is about one person, who has to be named.
func (o Operation) AboutPerson() bool {
	return o.Kind == KindFacts || o.Kind == KindMatch || o.Kind == KindHousehold
}

// AboutList says that the operation is about one list, which has to be named.
func (o Operation) AboutList() bool {
	return strings.HasPrefix(string(o.Kind), "list_")
}

var operations = readOperations()

func readOperations() []Operation {
	var list []Operation
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

func isOperation(name string) bool {
	return slices.ContainsFunc(operations, func(o Operation) bool { return o.Name == name })
}

// OperationNamed finds an operation by the name of its element, with or without the
// ending that one variant of the contract adds.
func OperationNamed(element string) (Operation, bool) {
	name := strings.TrimSuffix(element, "Request")
	for _, o := range operations {
		if o.Name == name || o.Name == element {
			return o, true
		}
	}
	return Operation{}, false
}

// OperationOf is the operation of an integration code, for calls that name none.
func OperationOf(code string) (Operation, bool) {
	for _, o := range operations {
		if slices.Contains(o.Codes, code) {
			return o, true
		}
	}
	return Operation{}, false
}

// AnswersUnder says whether the operation is answered under an integration code.
func (o Operation) AnswersUnder(code string) bool {
	if len(o.Codes) > 0 {
		return slices.Contains(o.Codes, code)
	}
	_, taken := OperationOf(code)
	return !taken
}
