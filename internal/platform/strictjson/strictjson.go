// Package strictjson reads JSON that people write and that must not be read in two
// ways: forms, lists of data, proofs. A member that is unknown, stands twice or is
// written in another case is refused, and whoever wrote it reads on which line it
// stands and in what. Whether the values make sense is the caller's to decide.
package strictjson

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Error says what is wrong with a document, and where.
type Error struct {
	Line int
	At   string // RFC 6901: "/rows/3/kind"; "" for the document itself
	Err  error
}

// Error says the line, the place and what is wrong there.
func (e *Error) Error() string {
	if e.At == "" {
		return fmt.Sprintf("line %d: %v", e.Line, e.Err)
	}
	return fmt.Sprintf("line %d: %s: %v", e.Line, e.At, e.Err)
}

// Unwrap gives what is wrong without the place.
func (e *Error) Unwrap() error { return e.Err }

// What is wrong, where it is neither the text itself nor the kind of a value.
var (
	ErrUnknown = errors.New("there is no such member")
	ErrTwice   = errors.New("this member stands twice")
)

// Read reads one document, and nothing after it, into out. It fails with an *Error.
func Read(document []byte, out any) error {
	err := json.Unmarshal(document, out, json.RejectUnknownMembers(true))
	if err == nil {
		return nil
	}
	e := &Error{Line: 1, Err: err}
	var syntax *jsontext.SyntacticError
	var meaning *json.SemanticError
	switch {
	case errors.As(err, &syntax):
		e.Line, e.At, e.Err = Line(document, syntax.ByteOffset), string(syntax.JSONPointer), syntax.Err
		if errors.Is(err, jsontext.ErrDuplicateName) {
			e.Err = ErrTwice
		}
	case errors.As(err, &meaning):
		e.Line, e.At = Line(document, meaning.ByteOffset), string(meaning.JSONPointer)
		e.Err = cmp.Or(meaning.Err, fmt.Errorf("it cannot be %s", kinds[meaning.JSONKind]))
		if errors.Is(err, json.ErrUnknownName) {
			e.Err = ErrUnknown
		}
	}
	return e
}

var kinds = map[jsontext.Kind]string{
	'n': "null", 't': "true", 'f': "false", '"': "a text", '0': "a number", '{': "an object", '[': "a list", 0: "that",
}

// Line is the line of a document, from 1, on which a byte stands.
func Line(document []byte, offset int64) int {
	return 1 + bytes.Count(document[:min(max(int(offset), 0), len(document))], []byte("\n"))
}

// Lines finds the line on which a part of a document stands, by its RFC 6901 pointer:
// "/rows/3". A pointer that leads nowhere gives the line of the part above it.
func Lines(document []byte) func(pointer string) int {
	at := map[string]int{}
	d := jsontext.NewDecoder(bytes.NewReader(document))
	for {
		before := d.InputOffset()
		t, err := d.ReadToken()
		if err != nil {
			break
		}
		if pointer := string(d.StackPointer()); at[pointer] == 0 && t.Kind() != '}' && t.Kind() != ']' {
			// White space and the comma before the token are not it.
			from := document[before:d.InputOffset()]
			at[pointer] = Line(document, before+int64(len(from)-len(bytes.TrimLeft(from, " \t\r\n,:"))))
		}
	}
	return func(pointer string) int {
		for {
			if n := at[pointer]; n > 0 {
				return n
			}
			i := bytes.LastIndexByte([]byte(pointer), '/')
			if i <= 0 {
				return 1
			}
			pointer = pointer[:i]
		}
	}
}
