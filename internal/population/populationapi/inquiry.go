package populationapi

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/population"
	"dean06/internal/xroad"
)

// maxWord is how many bytes of an officer, dossier or purpose are kept.
const maxWord = 200

// inquiry reads from the gateway's headers who asks, why, and what may be answered. It
// fails with Denied when there is no client: then this is not behind a gateway.
func (a *API) inquiry(r *http.Request, code string) (population.Inquiry, error) {
	client := r.Header.Get(xroad.HeaderClient)
	parts := strings.Split(client, "/")
	if len(parts) != 4 {
		return population.Inquiry{}, fault.New(fault.Denied, "populationapi.no_client", nil)
	}
	agency, err := url.PathUnescape(parts[2])
	if err != nil {
		agency = parts[2]
	}
	in := population.Inquiry{
		By: population.ThroughExchange(client, agency, said(r, xroad.HeaderUserID)), Client: client,
		RequestID: r.Header.Get(xroad.HeaderRequestID), Service: logged(code),
		Purpose: said(r, xroad.HeaderPurpose), Dossier: said(r, xroad.HeaderIssue), At: a.Clock.Now(),
	}
	for name := range strings.SplitSeq(r.Header.Get(xroad.HeaderFields), ",") {
		if f := population.Field(strings.TrimSpace(name)); f != "" {
			in.Granted = append(in.Granted, f)
		}
	}
	return in, nil
}

func said(r *http.Request, header string) string {
	s := strings.TrimSpace(r.Header.Get(header))
	if len(s) > maxWord {
		s = s[:maxWord]
	}
	return strings.ToValidUTF8(s, "?")
}

// logged is the name under which the register's log keeps a service.
func logged(code string) string {
	switch code {
	case "lists":
		return population.ServiceList
	case "usage":
		return "usage"
	}
	return code
}

// grants says that a field may be answered.
func grants(in population.Inquiry, f population.Field) bool {
	return slices.Contains(in.Granted, f) || slices.Contains(in.Granted, population.AllFields)
}

// refused are the fields that were asked for and are not granted.
func refused(in population.Inquiry, asked []population.Field) []population.Field {
	var no []population.Field
	for _, f := range asked {
		if !grants(in, f) {
			no = append(no, f)
		}
	}
	return no
}

// language is the first language of Accept-Language that we have; Vietnamese without one.
func language(r *http.Request) i18n.Lang {
	best, weight := i18n.Vi, -1.0
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		q := 1.0
		if v, ok := strings.CutPrefix(strings.TrimSpace(params), "q="); ok {
			f, err := strconv.ParseFloat(v, 64)
			if err != nil {
				continue
			}
			q = f
		}
		main, _, _ := strings.Cut(strings.ToLower(tag), "-")
		for _, l := range i18n.Langs {
			if main == string(l) && q > weight && q > 0 {
				best, weight = l, q
			}
		}
	}
	return best
}

// clip shortens a word of the caller's that is told back.
func clip(s string) string {
	const limit = 60
	if len(s) > limit {
		s = s[:limit] + "…"
	}
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "?")
	}
	return s
}
