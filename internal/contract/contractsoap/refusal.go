package contractsoap

import (
	"encoding/xml"
	"errors"
	"net/http"

	"dean06/internal/contract"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
)

// refusal is why a call is not answered. Its text is a message in both languages:
// the caller's people read Vietnamese, its programmers perhaps English.
type refusal struct {
	who     string // of SOAP 1.1: "Client", "Server", versionMismatch, mustUnderstandFault
	status  int    // of the JSON variant; SOAP's is in soapStatus
	code    string // of the systems in the field: "004", "005"; or a word of ours
	key     string
	args    fault.Args
	outcome string       // for the log
	why     *fault.Error // said after the text; nil when there is no more to say
	cause   error        // for the operator's log

	blocks []xml.Name // of the header, that were not understood
}

// Codes of SOAP that are the same in both versions.
const (
	versionMismatch     = "VersionMismatch"
	mustUnderstandFault = "MustUnderstand"
)

// soapStatus is the status that goes with the refusal: 500, which SOAP 1.1 asks for (6.2), or
// in SOAP 1.2 400 for a mistake of the caller's (part 2, 7.5.2.2); and what HTTP itself says
// of password, method and packing.
func (r *refusal) soapStatus(newer bool) int {
	switch r.status {
	case http.StatusUnauthorized, http.StatusMethodNotAllowed, http.StatusUnsupportedMediaType:
		return r.status
	}
	if newer && r.who == "Client" {
		return http.StatusBadRequest
	}
	return http.StatusInternalServerError
}

// Error is for the log.
func (r *refusal) Error() string {
	if r.cause != nil {
		return r.code + ": " + r.cause.Error()
	}
	return r.code
}

// refused says in the contract's words why the agency did not let a call in.
func refused(err error, q question) *refusal {
	var no *contract.Refusal
	if !errors.As(err, &no) {
		return server("store", err)
	}
	switch no.Outcome {
	case contract.ClockOff:
		return clockOff(int(no.Off.Minutes()))
	case contract.Repeated:
		return client("repeated", nil)
	case contract.NoCode:
		return forbidden("code", "contractsoap.code", fault.Args{"code": q.code})
	case contract.NoRight:
		return forbidden(contract.NoRight, "contractsoap.officer", fault.Args{"officer": q.officer, "operation": q.op.Name})
	case contract.OtherAgency:
		no := forbidden(contract.NoRight, "contractsoap.officer_agency", fault.Args{"officer": q.officer})
		no.outcome = contract.OtherAgency
		return no
	case contract.NoProcedure:
		return noProcedure(q)
	}
	return unauthorized(no.Outcome)
}

func noProcedure(q question) *refusal {
	return forbidden(contract.NoProcedure, "contractsoap.procedure", fault.Args{"procedure": q.purpose})
}

// client refuses for the caller's mistake; the code and the message's key are one word.
func client(code string, args fault.Args) *refusal {
	return &refusal{who: "Client", status: http.StatusBadRequest, code: code, key: "contractsoap." + code, args: args, outcome: code}
}

// missing refuses for a field that is not there or cannot be read.
func missing(field string) *refusal { return client("missing", fault.Args{"field": field}) }

func badField(field string) *refusal {
	return client("bad_field", fault.Args{"field": field})
}

// badValue refuses a value in the words of who read it: a number that is all zeros, a day that
// there is not, a name that lost letters.
func badValue(field string, err error) *refusal {
	no := badField(field)
	no.why = fault.As(err)
	return no
}

func unauthorized(outcome string) *refusal {
	return &refusal{who: "Client", status: http.StatusUnauthorized, code: "401", key: "contractsoap.unauthorized", outcome: outcome}
}

func clockOff(minutes int) *refusal {
	no := unauthorized(contract.ClockOff)
	no.key, no.args = "contractsoap.clock", fault.Args{"minutes": minutes}
	return no
}

func forbidden(code, key string, args fault.Args) *refusal {
	return &refusal{who: "Client", status: http.StatusForbidden, code: code, key: key, args: args, outcome: code}
}

func server(code string, cause error) *refusal {
	return &refusal{who: "Server", status: http.StatusServiceUnavailable, code: code, key: "contractsoap." + code, outcome: code, cause: cause}
}

// texts are the refusal in both languages.
func (r *refusal) texts(c *i18n.Catalogue) (vi, en string) {
	in := func(lang i18n.Lang) string {
		text := c.In(lang).T(r.key, r.args)
		if r.why != nil {
			text += " " + c.In(lang).T(r.why.Key, r.why.Args)
		}
		return text
	}
	return in(i18n.Vi), in(i18n.En)
}
