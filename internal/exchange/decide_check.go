package exchange

import (
	"slices"
	"strings"
	"unicode/utf8"

	"dean06/internal/platform/fault"
	"dean06/internal/xroad"
)

// Methods are those that a right may name.
var Methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

const (
	maxListed = 200
	maxWord   = 100
	maxBasis  = 500
)

// CheckRight says what is wrong with a right before it is given. fields are those
// that the service can answer, if it says so. It fails with a fault.List, each fault
// at its field of the form: subject, service, method, path, purposes, legal_basis,
// until, quota, fields.
func CheckRight(r Right, fields ...string) error {
	var l fault.List
	add := func(field, key string, args fault.Args) {
		l = append(l, fault.New(fault.Invalid, "exchange.right."+key, args).At(field))
	}
	switch {
	case r.Subject.IsZero() == (r.Group == ""):
		add("subject", "subject_missing", nil)
	case r.Group == "" && (r.Subject.Subsystem == "" || r.Subject.Service != ""):
		add("subject", "subject_no_subsystem", fault.Args{"id": r.Subject.String()})
	}
	if r.Service.Service == "" || xroad.IsMeta(r.Service.Service) {
		add("service", "service_missing", nil)
	}
	if r.Method != "" && !slices.Contains(Methods, r.Method) {
		add("method", "method_unknown", fault.Args{"method": Clip(r.Method)})
	}
	if _, ok := globParts(r.Path); r.Path != "" && !ok {
		add("path", "path_bad", nil)
	}
	if word, ok := words(r.Purposes); !ok {
		add("purposes", "purpose_bad", fault.Args{"purpose": word})
	}
	if b := strings.TrimSpace(r.LegalBasis); b == "" || len(b) > maxBasis || !utf8.ValidString(b) {
		add("legal_basis", "legal_basis_missing", nil)
	}
	if !r.Until.IsZero() && r.Until.Before(r.From) {
		add("until", "until_before_from", nil)
	}
	if q := r.Quota; q != (Quota{}) && (q.Calls <= 0 || !slices.Contains(Periods, q.Per) || !slices.Contains(Units, q.Of)) {
		add("quota", "quota_bad", nil)
	}
	word, ok := words(r.Fields)
	switch {
	case !ok:
		add("fields", "field_unknown", fault.Args{"field": word})
	case len(r.Fields) == 0:
		add("fields", "fields_missing", nil)
	case len(fields) > 0:
		for _, f := range r.Fields {
			if f != "*" && !slices.Contains(fields, f) {
				add("fields", "field_unknown", fault.Args{"field": Clip(f)})
				break
			}
		}
	}
	return l.Err()
}

// words says that each word of a list is short, plain and there once; it names the
// first that is not.
func words(list []string) (string, bool) {
	if len(list) > maxListed {
		return "…", false
	}
	for i, w := range list {
		if w == "" || len(w) > maxWord || strings.ContainsAny(w, " ,;\t\r\n\x00") || !utf8.ValidString(w) || slices.Contains(list[:i], w) {
			return Clip(w), false
		}
	}
	return "", true
}
