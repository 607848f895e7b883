package sheet

import "fmt"

// Reason says why a file cannot be read as a workbook.
type Reason string

// The reasons. Each is a different thing for its sender to mend.
const (
	Empty     Reason = "empty"     // no bytes at all
	TooLarge  Reason = "too_large" // the file itself is larger than the limit
	Encrypted Reason = "encrypted" // opens with a password only
	OldFormat Reason = "old_format"
	Macros    Reason = "macros"    // .xlsm: holds programs
	Truncated Reason = "truncated" // the end is missing, as after a broken transfer
	Damaged   Reason = "damaged"   // the archive or its XML is broken
	Bomb      Reason = "bomb"      // unpacks to far more than a form can hold
	Another   Reason = "another"   // another kind of file; Found says which
)

// Refusal is the error of Open.
type Refusal struct {
	Reason Reason
	Found  string // for Another: "docx", "pdf", "ods", "text", …
	Cause  error  // for the log
}

// Error is the text for the log.
func (r *Refusal) Error() string {
	s := "open workbook: " + string(r.Reason)
	if r.Found != "" {
		s += " " + r.Found
	}
	if r.Cause != nil {
		return fmt.Sprintf("%s: %v", s, r.Cause)
	}
	return s
}

// Unwrap gives the cause.
func (r *Refusal) Unwrap() error { return r.Cause }

func refuse(reason Reason, cause error) error { return &Refusal{Reason: reason, Cause: cause} }
