// Package parquet reads and writes flat tables as Apache Parquet files: rows of cells, as
// texts. What data sets of today come in is read: required and optional columns of every
// plain type, plain, dictionary, delta and split pages of both versions, uncompressed,
// Snappy, Gzip, Brotli and Zstandard, any number of row groups. Lists and nested columns,
// encryption and other compressions are refused by name. A page of each column is held at a
// time, and what a file claims is believed only as far as its bytes go.
//
// The format: https://parquet.apache.org/docs/file-format/ (format 2.10).
package parquet

import "fmt"

// Reason is why a file is refused.
type Reason string

// The reasons.
const (
	Damaged     Reason = "damaged"     // not as the format says
	Bomb        Reason = "bomb"        // unpacks to more than the limits
	Encrypted   Reason = "encrypted"   // the footer or a column is
	Nested      Reason = "nested"      // a column is a list, a map or a structure
	Unsupported Reason = "unsupported" // an encoding, a compression or a type that is not read
)

// Refusal is the error of reading.
type Refusal struct {
	Reason Reason
	Column string // "" when it is no column's
	Cause  error  // for the log
}

// Error is the text for the log.
func (r *Refusal) Error() string {
	s := "read parquet: " + string(r.Reason)
	if r.Column != "" {
		s += " in column " + r.Column
	}
	if r.Cause != nil {
		s += ": " + r.Cause.Error()
	}
	return s
}

// Unwrap gives the cause.
func (r *Refusal) Unwrap() error { return r.Cause }

func refuse(why Reason, format string, args ...any) *Refusal {
	return &Refusal{Reason: why, Cause: fmt.Errorf(format, args...)}
}

// Limits of what is read.
type Limits struct {
	Rows   int64 // of the file
	Held   int64 // bytes of the pages that are held at a time, unpacked
	Text   int64 // bytes of all cells
	Column int   // columns
}

// DefaultLimits are those of a register of a whole country.
var DefaultLimits = Limits{Rows: 200_000_000, Held: 1 << 30, Text: 64 << 30, Column: 1000}

const magic = "PAR1"

// Physical types of the format.
const (
	typeBoolean = iota
	typeInt32
	typeInt64
	typeInt96
	typeFloat
	typeDouble
	typeBytes
	typeFixed
)

// Encodings of the format.
const (
	encodingPlain           = 0
	encodingPlainDictionary = 2
	encodingRLE             = 3
	encodingDelta           = 5
	encodingDeltaLength     = 6
	encodingDeltaBytes      = 7
	encodingRLEDictionary   = 8
	encodingSplit           = 9
)

// Compressions of the format.
const (
	codecNone   = 0
	codecSnappy = 1
	codecGzip   = 2
	codecBrotli = 4
	codecZstd   = 6
)

// Kinds of pages.
const (
	pageData       = 0
	pageIndex      = 1
	pageDictionary = 2
	pageDataV2     = 3
)
