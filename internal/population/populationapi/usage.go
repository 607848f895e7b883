package populationapi

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/population"
)

// The services findUsage, usagePeriod and heartbeat are those of Estonia's Data Tracker
// (github.com/e-gov/AJ, protocol 2.0), so that one national page can gather what
// several registers told about a person, to whom and why.
const (
	usageDefault = 1000
	usageMax     = 10_000
)

// usageQuery is what findUsage asks.
type usageQuery struct {
	user          string
	from, until   string
	offset, limit string
}

// findUsage is the form that the protocol has, with the number in the query.
func (a *API) findUsage(q *request) error {
	v := q.r.URL.Query()
	for _, name := range []string{"offset", "limit"} {
		if v.Has(name) && v.Get(name) == "" {
			return fault.New(fault.Invalid, "populationapi.limit", fault.Args{"max": usageMax}).At(name)
		}
	}
	return a.usage(q, usageQuery{v.Get("userCode"), v.Get("periodStart"), v.Get("periodEnd"), v.Get("offset"), v.Get("limit")})
}

// findUsagePosted is the same with the number in the body, where no log sees it.
func (a *API) findUsagePosted(q *request) error {
	d, err := a.reader(q.body)
	if err != nil {
		return err
	}
	var u usageQuery
	err = d.object("", "", func(name string) (err error) {
		var n int
		switch name {
		case "userCode":
			u.user, err = d.text("", name)
		case "periodStart":
			u.from, err = d.text("", name)
		case "periodEnd":
			u.until, err = d.text("", name)
		case "offset":
			n, err = d.number(name)
			u.offset = strconv.Itoa(n)
		case "limit":
			n, err = d.number(name)
			u.limit = strconv.Itoa(n)
		default:
			err = d.unknown("", name)
		}
		return err
	})
	if err == nil {
		err = d.end()
	}
	if err != nil {
		return err
	}
	return a.usage(q, u)
}

// usageAnswer is one entry in the protocol's words, and after it ours.
type usageAnswer struct {
	LogTime        time.Time          `json:"logtime"`
	Action         string             `json:"action"`
	ReceiverCode   string             `json:"receiverCode"`
	ReceiverName   string             `json:"receiverName,omitempty"`
	ReceiverSystem string             `json:"receiverSystem"`
	ID             string             `json:"id"`
	Purpose        string             `json:"purpose,omitempty"`
	Dossier        string             `json:"dossier,omitempty"`
	Fields         []population.Field `json:"fields,omitempty"`
	Batch          bool               `json:"bulkProcessing"`
}

func (a *API) usage(q *request, u usageQuery) error {
	number, err := citizen.ParseNumber(strings.TrimPrefix(u.user, "VN"))
	if err != nil {
		return fault.As(err).At("userCode")
	}
	var period population.Period
	if period.From, err = moment("periodStart", u.from); err != nil {
		return err
	}
	if period.Until, err = moment("periodEnd", u.until); err != nil {
		return err
	}
	limit, err := whole("limit", u.limit, usageDefault, 1, usageMax)
	if err != nil {
		return err
	}
	offset, err := whole("offset", u.offset, 0, 0, usageMax)
	if err != nil {
		return err
	}
	found, last, err := a.lookups(q, number, period, offset+limit)
	if err != nil {
		return err
	}
	answer := struct {
		Total  *int          `json:"totalUsages,omitempty"` // when this is the last page
		Usages []usageAnswer `json:"usages"`
	}{Usages: []usageAnswer{}}
	if last {
		n := len(found)
		answer.Total = &n
	}
	for _, l := range found[min(offset, len(found)):] {
		answer.Usages = append(answer.Usages, a.usageOf(q, l))
	}
	q.about(1)
	return write(q, http.StatusOK, answer)
}

// lookups reads up to n look-ups, newest first; last says that there are no more.
func (a *API) lookups(q *request, number citizen.Number, p population.Period, n int) (found []population.Lookup, last bool, err error) {
	before := ""
	for len(found) < n {
		size := min(pageMax, n-len(found))
		page, err := a.Register.Usage(q.r.Context(), q.in, number, p, before, size)
		if err != nil {
			return nil, false, err
		}
		found = append(found, page...)
		if len(page) < size {
			return found, true, nil
		}
		before = page[size-1].ID
	}
	return found, false, nil
}

func (a *API) usageOf(q *request, l population.Lookup) usageAnswer {
	u := usageAnswer{
		LogTime: l.At.In(clock.Zone), ReceiverCode: l.Agency, ReceiverSystem: systemOf(l.Client), ID: l.ID,
		Purpose: l.Purpose, Dossier: l.Dossier, Fields: l.Fields, Batch: l.Persons > 1,
	}
	key := "populationapi.usage." + l.Service
	if !a.Texts.Has(key) {
		key = "populationapi.usage.other"
	}
	u.Action = q.text.T(key)
	if l.Purpose != "" {
		u.Action = q.text.T("populationapi.usage.for", fault.Args{"action": u.Action, "purpose": l.Purpose})
	}
	if a.Agency != nil {
		u.ReceiverName = a.Agency(l.Agency)
	}
	return u
}

// systemOf is the last part of a client's name.
func systemOf(client string) string {
	s, err := url.PathUnescape(client[strings.LastIndexByte(client, '/')+1:])
	if err != nil {
		return client
	}
	return s
}

// moment reads a moment; one without a zone is Vietnam's, as the protocol writes local
// times.
func moment(field, s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return t.UTC(), nil
	}
	t, err := time.ParseInLocation("2006-01-02T15:04:05", s, clock.Zone)
	if err != nil {
		return time.Time{}, fault.New(fault.Invalid, "populationapi.moment", nil).At(field)
	}
	return t.UTC(), nil
}

func whole(field, s string, none, least, most int) (int, error) {
	if s == "" {
		return none, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < least || n > most {
		return 0, fault.New(fault.Invalid, "populationapi.limit", fault.Args{"max": most}).At(field)
	}
	return n, nil
}

func (a *API) usagePeriod(q *request) error {
	p, err := a.Register.UsagePeriod(q.r.Context(), q.in)
	if err != nil {
		return err
	}
	answer := struct {
		From  time.Time `json:"periodStart"`
		Until time.Time `json:"periodEnd,omitzero"`
	}{From: p.From.In(clock.Zone)}
	if !p.Until.IsZero() {
		answer.Until = p.Until.In(clock.Zone)
	}
	q.about(1)
	return write(q, http.StatusOK, answer)
}

// heartbeat says whether the register answers; it answers 200 either way, as the
// protocol wants.
func (a *API) heartbeat(q *request) error {
	status, text := "OK", "populationapi.usage.ok"
	if err := a.Register.Heartbeat(q.r.Context()); err != nil {
		a.Log.ErrorContext(q.r.Context(), "register does not answer", "error", err.Error())
		status, text = "FAIL", "populationapi.usage.fail"
	}
	return write(q, http.StatusOK, struct {
		Status  string `json:"status"`
		Message string `json:"message"`
	}{status, q.text.T(text)})
}
