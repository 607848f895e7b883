package citizen

import (
	"strings"
	"unicode/utf8"

	"dean06/internal/platform/fault"
)

// Chip is data group 13 of an identity card's chip, the Vietnamese data, as written
// there. Dates and sex are kept as text: cards of different years write them in
// different ways, and what is signed on the chip is the text.
type Chip struct {
	Number      string // tag 1
	Name        string // 2
	Birth       string // 3
	Sex         string // 4
	Nationality string // 5
	Ethnicity   string // 6
	Religion    string // 7
	Origin      string // 8
	Residence   string // 9
	Features    string // 10
	Issued      string // 11
	Expires     string // 12
	Father      string // 13, first
	Mother      string // 13, second
	Spouse      string // 14
	OldNumber   string // 16
	// More holds the values of the tags that have no name here.
	More map[int]string
}

// String hides everything: it is all personal.
func (Chip) String() string { return "citizen.Chip(…)" }

// GoString hides everything.
func (c Chip) GoString() string { return c.String() }

// MaxDG13 is the most bytes that ParseDG13 reads.
const MaxDG13 = 64 << 10

// DER tags of what DG13 is made of.
const (
	derInteger     = 0x02
	derUTF8        = 0x0C
	derPrintable   = 0x13
	derSequence    = 0x30
	derSet         = 0x31
	derApplication = 0x6D // the file's own tag (ICAO Doc 9303, part 10: DG13)
)

// ParseDG13 reads data group 13: SEQUENCE { INTEGER tag, UTF8String value } for each
// value, in the file's tag 0x6D or without it, in sequences around them. The value
// may be several texts (the parents). It fails with Invalid ("citizen.chip.bad") for
// what is not whole, says a value twice, or holds no personal number.
func ParseDG13(der []byte) (Chip, error) {
	bad := fault.New(fault.Invalid, "citizen.chip.bad", nil)
	if len(der) == 0 || len(der) > MaxDG13 {
		return Chip{}, bad
	}
	values := map[int][]string{}
	if !readGroup(der, values, 0) {
		return Chip{}, bad
	}
	return chipOf(values, bad)
}

// readGroup reads elements one after the other and takes the pairs among them, at
// any depth. A version, an object identifier and what newer cards add are left.
func readGroup(der []byte, values map[int][]string, depth int) bool {
	for len(der) > 0 {
		kind, body, rest, ok := readElement(der)
		if !ok || depth > maxDepth || kind == derUTF8 && !utf8.Valid(body) {
			return false
		}
		der = rest
		if kind != derSequence && kind != derSet && kind != derApplication {
			continue
		}
		if tag, texts := readPair(body); tag != 0 {
			values[tag] = append(values[tag], texts...)
		} else if !readGroup(body, values, depth+1) {
			return false
		}
	}
	return true
}

const (
	maxDepth = 8
	maxTexts = 16 // in one value
)

// readPair reads INTEGER tag and what follows it, when all of that is texts, alone or
// in sequences. Tag 0 says that this is no pair.
func readPair(der []byte) (tag int, texts []string) {
	kind, body, rest, ok := readElement(der)
	if !ok || kind != derInteger || len(body) != 1 || body[0] > 0x7F || len(rest) == 0 {
		return 0, nil
	}
	texts, ok = readTexts(nil, rest, 0)
	if !ok || len(texts) == 0 {
		return 0, nil
	}
	return int(body[0]), texts
}

func readTexts(texts []string, der []byte, depth int) ([]string, bool) {
	for len(der) > 0 {
		kind, body, rest, ok := readElement(der)
		if !ok || depth > maxDepth || len(texts) > maxTexts {
			return nil, false
		}
		der = rest
		switch kind {
		case derUTF8, derPrintable:
			if !utf8.Valid(body) {
				return nil, false
			}
			texts = append(texts, Spell(string(body)))
		case derSequence, derSet:
			if texts, ok = readTexts(texts, body, depth+1); !ok {
				return nil, false
			}
		default:
			return nil, false
		}
	}
	return texts, true
}

// readElement reads one DER element with a one-byte tag and a length of at most three
// bytes.
func readElement(der []byte) (kind byte, body, rest []byte, ok bool) {
	if len(der) < 2 || der[0]&0x1F == 0x1F {
		return 0, nil, nil, false
	}
	size, at := int(der[1]), 2
	if size >= 0x80 {
		n := size & 0x7F
		if n == 0 || n > 3 || len(der) < 2+n {
			return 0, nil, nil, false
		}
		size = 0
		for _, b := range der[2 : 2+n] {
			size = size<<8 | int(b)
		}
		at += n
	}
	if len(der)-at < size {
		return 0, nil, nil, false
	}
	return der[0], der[at : at+size], der[at+size:], true
}

func chipOf(values map[int][]string, bad *fault.Error) (Chip, error) {
	var c Chip
	named := map[int]*string{
		1: &c.Number, 2: &c.Name, 3: &c.Birth, 4: &c.Sex, 5: &c.Nationality, 6: &c.Ethnicity, 7: &c.Religion,
		8: &c.Origin, 9: &c.Residence, 10: &c.Features, 11: &c.Issued, 12: &c.Expires, 14: &c.Spouse, 16: &c.OldNumber,
	}
	for tag, texts := range values {
		switch to, ok := named[tag]; {
		case tag == 13:
			c.Father = texts[0]
			if len(texts) > 1 {
				c.Mother = texts[1]
			}
		case ok && len(texts) != 1: // said twice: which one is meant?
			return Chip{}, bad
		case ok:
			*to = texts[0]
		default:
			if c.More == nil {
				c.More = map[int]string{}
			}
			c.More[tag] = strings.Join(texts, "; ")
		}
	}
	if _, err := ParseNumber(c.Number); err != nil {
		return Chip{}, bad
	}
	return c, nil
}
