package xroad

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ID names a member, a subsystem or a service as X-Road does: from the instance
// down, parts that are not meant are empty. It is comparable.
//
//	VN/GOV/H55              a member
//	VN/GOV/H55/TTHC         a subsystem
//	VN/GOV/G01/DANCU/match  a service
type ID struct {
	Instance, Class, Member, Subsystem, Service string
}

// MaxPart is how many bytes a part of an ID may have.
const MaxPart = 100

// ParseID reads an ID of at least low and at most high parts, each percent-encoded
// on its own.
func ParseID(s string, low, high int) (ID, error) {
	raw := strings.Split(s, "/")
	if len(raw) < low || len(raw) > high || len(raw) > 5 {
		return ID{}, notID(s)
	}
	var parts [5]string
	for i, p := range raw {
		part, err := url.PathUnescape(p)
		if err != nil || !validPart(part) {
			return ID{}, notID(s)
		}
		parts[i] = part
	}
	return ID{parts[0], parts[1], parts[2], parts[3], parts[4]}, nil
}

// notID names at most the beginning of what somebody else wrote.
func notID(s string) error { return fmt.Errorf("%.120q is no identifier of the exchange", s) }

// MustID is ParseID for constants and tests.
func MustID(s string) ID {
	id, err := ParseID(s, 1, 5)
	if err != nil {
		panic(err)
	}
	return id
}

func validPart(p string) bool {
	if p == "" || len(p) > MaxPart || p == "." || p == ".." || !utf8.ValidString(p) {
		return false
	}
	for _, r := range p {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) {
			return false
		}
	}
	return true
}

// String writes the parts with "/" between, each percent-encoded on its own.
func (id ID) String() string {
	parts := []string{id.Instance, id.Class, id.Member, id.Subsystem, id.Service}
	for len(parts) > 0 && parts[len(parts)-1] == "" {
		parts = parts[:len(parts)-1]
	}
	for i, p := range parts {
		if !plain(p) {
			parts[i] = url.PathEscape(p)
		}
	}
	return strings.Join(parts, "/")
}

func plain(p string) bool {
	for i := range len(p) {
		c := p[i]
		if c|0x20 < 'a' || c|0x20 > 'z' {
			if (c < '0' || c > '9') && c != '-' && c != '_' && c != '.' {
				return false
			}
		}
	}
	return true
}

// MarshalText writes String.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads String; empty text is the zero ID.
func (id *ID) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*id = ID{}
		return nil
	}
	v, err := ParseID(string(b), 1, 5)
	*id = v
	return err
}

// IsZero says that the ID names nothing.
func (id ID) IsZero() bool { return id == ID{} }

// MemberID is the member that id is, or is part of.
func (id ID) MemberID() ID {
	return ID{Instance: id.Instance, Class: id.Class, Member: id.Member}
}

// SubsystemID is the subsystem that id is, or is a service of.
func (id ID) SubsystemID() ID { id.Service = ""; return id }

// Of gives the service of a subsystem.
func (id ID) Of(service string) ID { id.Service = service; return id }
