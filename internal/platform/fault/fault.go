// Package fault is the one error type that people get to see.
//
// A fault says what went wrong as a message key with arguments, so that the
// same fault can be read in Vietnamese and in English, and what kind it is, so
// that one adapter turns it into a page, a problem+json answer or an exit code.
// An error that is not a fault is internal: it is logged whole and shown as a
// reference number only.
package fault

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Kind is the class of a fault. It decides the HTTP status and nothing else.
type Kind string

// The kinds of fault.
const (
	Invalid     Kind = "invalid"     // the input is wrong; 422
	NotFound    Kind = "not_found"   // the thing asked for is not there, or not for this caller; 404
	Unsigned    Kind = "unsigned"    // nobody is signed in; 401
	Denied      Kind = "denied"      // the caller may not do this; 403
	Conflict    Kind = "conflict"    // somebody else changed it meanwhile; 409
	TooLarge    Kind = "too_large"   // more than the limit allows; 413
	TooMany     Kind = "too_many"    // too often in too short a time; 429
	Unavailable Kind = "unavailable" // a peer or a store is away, try again; 503
	Internal    Kind = "internal"    // our own mistake; 500
)

// Args are the named arguments of a message: "{file}" in the text is Args["file"].
type Args map[string]any

// Error is a fault. Key names a message in both languages; Args fill it in.
type Error struct {
	Kind  Kind
	Key   string
	Args  Args
	Field string // the form field that the message belongs to, if one
	Cause error  // for the log, never shown
}

// New makes a fault. It is meant for package-level use such as
// fault.New(fault.Denied, "readiness.denied.other_agency", nil).
func New(kind Kind, key string, args Args) *Error {
	return &Error{Kind: kind, Key: key, Args: args}
}

// At returns a copy of e that belongs to a form field.
func (e *Error) At(field string) *Error {
	c := *e
	c.Field = field
	return &c
}

// Because returns a copy of e that carries its cause for the log.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.Cause = cause
	return &c
}

// Error is the text for the log: the kind, the key and the arguments in order.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", e.Kind, e.Key)
	for _, k := range slices.Sorted(maps.Keys(e.Args)) {
		fmt.Fprintf(&b, " %s=%v", k, e.Args[k])
	}
	if e.Cause != nil {
		fmt.Fprintf(&b, ": %v", e.Cause)
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Of gives the kind of any error: Internal for one that is no fault.
func Of(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// As finds the fault in err, or nil.
func As(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// List is several faults at once, as a form or a file has them.
type List []*Error

// Error joins the texts for the log.
func (l List) Error() string {
	s := make([]string, len(l))
	for i, e := range l {
		s[i] = e.Error()
	}
	return strings.Join(s, "; ")
}

// Err is nil when the list is empty, so that a nil list never becomes a non-nil error.
func (l List) Err() error {
	if len(l) == 0 {
		return nil
	}
	return l
}

// Moved points the faults of one field at another: at the control where they are mended.
func (l List) Moved(from, to string) List {
	out := make(List, len(l))
	for i, e := range l {
		if out[i] = e; e.Field == from {
			out[i] = e.At(to)
		}
	}
	return out
}

// Unwrap lets errors.As look inside.
func (l List) Unwrap() []error {
	errs := make([]error, len(l))
	for i, e := range l {
		errs[i] = e
	}
	return errs
}
