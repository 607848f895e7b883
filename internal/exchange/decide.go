package exchange

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"

	"dean06/internal/platform/clock"
	"dean06/internal/xroad"
)

// Decide finds the right that lets a call through: the most specific of those that
// fit. What no right allows is denied. Quotas are not looked at; see Permit.
func Decide(rights []Right, groups map[string][]xroad.ID, a Ask) (Right, *xroad.Error) {
	list, err := Fitting(rights, groups, a)
	if err != nil {
		return Right{}, err
	}
	return list[0], nil
}

// Permit is Decide that also keeps to quotas: of the rights that fit it takes the
// most specific that has enough left for the call. used gives how often a right was used in a
// window. It fails with QuotaExceeded when all are used up.
func Permit(rights []Right, groups map[string][]xroad.ID, a Ask, used func(rightID string, window time.Time) int64) (Ruling, *xroad.Error) {
	list, refused := Fitting(rights, groups, a)
	if refused != nil {
		return Ruling{}, refused
	}
	var again time.Time
	var full Right
	for _, r := range list {
		window := Window(r.Quota, a.At)
		cost := r.Quota.Cost(a.Persons)
		if !r.Quota.Bounded() || r.Quota.Left(used(r.ID, window), cost) {
			return Ruling{Right: r, Window: window, Taken: cost}, nil
		}
		if next := r.Quota.next(window); again.IsZero() || next.Before(again) {
			again, full = next, r
		}
	}
	next := again.In(clock.Zone).Format(time.RFC3339)
	switch left := full.Quota.Calls - used(full.ID, Window(full.Quota, a.At)); {
	case full.Quota.Of == OfPersons && full.Quota.Cost(a.Persons) > full.Quota.Calls:
		return Ruling{}, xroad.Errorf(xroad.QuotaExceeded, "the call is about %d persons; %s may ask %s about %d per %s; ask about fewer at once",
			a.Persons, a.Client, a.Service, full.Quota.Calls, full.Quota.Per)
	case full.Quota.Of == OfPersons && left > 0:
		return Ruling{}, xroad.Errorf(xroad.QuotaExceeded, "the call is about %d persons, and %s has %d left of its %d per %s of %s; "+
			"the next period begins at %s", a.Persons, a.Client, left, full.Quota.Calls, full.Quota.Per, a.Service, next)
	}
	return Ruling{}, xroad.Errorf(xroad.QuotaExceeded, "%s has used its %d %s per %s of %s; the next period begins at %s",
		a.Client, full.Quota.Calls, full.Quota.noun(), full.Quota.Per, a.Service, next)
}

// Fitting gives all rights that let a call through, the most specific first. It
// fails with AccessDenied, with PurposeRefused when only the purpose is missing, with
// NotNamed when only the officer or the dossier is, or with a code of SecurityRefused when
// only the security of the client's system is; the text says what would do.
func Fitting(rights []Right, groups map[string][]xroad.ID, a Ask) ([]Right, *xroad.Error) {
	day := clock.DayOf(a.At)
	var fit []Right
	var seen misses
	for _, r := range rights {
		if r.Service != a.Service || !r.isFor(a.Client, groups) {
			continue
		}
		fits := (r.Method == "" || r.Method == a.Method) && pathFits(r.Path, a.Path)
		if over, how := r.over(a.At); !over.IsZero() {
			if fits && over.After(seen.over) {
				seen.over, seen.ended = over, how
			}
			continue
		}
		seen.service = true
		if !fits {
			continue
		}
		seen.endpoint = true
		switch {
		case day.Before(r.From):
			seen.begin(r.From)
		case !r.isForPurpose(a.Purpose):
			seen.purposes = append(seen.purposes, r.Purposes...)
		case r.Officer && !Named(a.Officer), r.Dossier && !Named(a.Dossier):
			seen.officer = seen.officer || r.Officer && !Named(a.Officer)
			seen.dossier = seen.dossier || r.Dossier && !Named(a.Dossier)
		case r.Security && !a.Clearing.Open:
			seen.insecure = true
		default:
			fit = append(fit, r)
		}
	}
	if len(fit) == 0 {
		return nil, seen.refuse(a)
	}
	slices.SortFunc(fit, func(x, y Right) int { return narrower(x, y, a.Purpose) })
	return fit, nil
}

// over says since when the right holds no longer at a moment, and in words by what;
// the zero time while it holds.
func (r Right) over(at time.Time) (since time.Time, how string) {
	if !r.Until.IsZero() && clock.DayOf(at).After(r.Until) {
		since, how = r.Until.End(), "ended on "+r.Until.String()+", its last day"
	}
	if !r.EndedAt.IsZero() && !at.Before(r.EndedAt) && (since.IsZero() || r.EndedAt.Before(since)) {
		local := r.EndedAt.In(clock.Zone)
		since, how = r.EndedAt, "ended on "+local.Format(time.DateOnly)+" at "+local.Format("15:04")+", by the owner of the service"
	}
	return since, how
}

// isFor says whether the right is the client's, by itself or through a group.
func (r Right) isFor(client xroad.ID, groups map[string][]xroad.ID) bool {
	if client.Subsystem == "" || client.Service != "" {
		return false
	}
	if r.Group != "" {
		return slices.Contains(groups[r.Group], client)
	}
	return r.Subject == client
}

// isForPurpose says whether the right holds for what a call is made for: any purpose when
// it names none.
func (r Right) isForPurpose(purpose string) bool {
	_, covered := xroad.PurposeAmong(r.Purposes, purpose)
	return covered || len(r.Purposes) == 0
}

// narrower puts the more specific right first: by path, method, purpose (the case of a
// procedure before the procedure), subject and what a call must name; then the newer one.
func narrower(a, b Right, purpose string) int {
	return cmp.Or(
		cmp.Compare(narrowness(b, purpose), narrowness(a, purpose)),
		cmp.Compare(len(literal(b.Path)), len(literal(a.Path))),
		b.GivenAt.Compare(a.GivenAt),
		cmp.Compare(a.ID, b.ID),
	)
}

func narrowness(r Right, purpose string) int {
	n := 0
	named, _ := xroad.PurposeAmong(r.Purposes, purpose)
	for i, yes := range []bool{
		r.Officer || r.Dossier || r.Security,
		r.Group == "",
		len(r.Purposes) > 0,
		named == purpose && named != "",
		r.Method != "",
		r.Path != "" && !strings.Contains(r.Path, "**"),
		r.Path != "" && !strings.Contains(r.Path, "*"),
		r.Path != "",
	} {
		if yes {
			n |= 1 << i
		}
	}
	return n
}

// Named says that a header names somebody or something: it holds a letter or a digit,
// and not blanks and signs alone.
func Named(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}

func literal(path string) string { return strings.ReplaceAll(path, "*", "") }

// misses is how near the rights came that did not fit.
type misses struct {
	service, endpoint bool
	officer, dossier  bool // are wanted and missing
	insecure          bool // only the security of the client's system is missing
	purposes          []string
	begins            clock.Date
	over              time.Time // since when the last of those that hold no longer does not
	ended             string    // how that came, in words
}

func (m *misses) begin(d clock.Date) {
	if m.begins.IsZero() || d.Before(m.begins) {
		m.begins = d
	}
}

// refuse says what is missing. It never repeats the path, which may name a person.
func (m *misses) refuse(a Ask) *xroad.Error {
	switch {
	case m.insecure:
		return a.Clearing.refuse(a)
	case m.officer || m.dossier:
		var missing []string
		if m.officer {
			missing = append(missing, "its officer in X-Road-UserId")
		}
		if m.dossier {
			missing = append(missing, "its dossier in X-Road-Issue")
		}
		return xroad.Errorf(xroad.NotNamed, "each call of %s by %s must name %s", a.Service, a.Client, strings.Join(missing, " and "))
	case len(m.purposes) > 0 && a.Purpose == "":
		return xroad.Errorf(
			xroad.PurposeRefused, "%s may call %s for named purposes only; send one of them in %s: %s", a.Client, a.Service, xroad.HeaderPurpose,
			names(m.purposes),
		)
	case len(m.purposes) > 0:
		return xroad.Errorf(
			xroad.PurposeRefused, "%s may not call %s for the purpose %q; its right is for: %s", a.Client, a.Service, Clip(a.Purpose),
			names(m.purposes),
		)
	case !m.over.IsZero() && m.begins.IsZero() && m.service:
		return xroad.Errorf(xroad.AccessDenied, "the right of %s to call %s by this method (%s) and path %s", a.Client, a.Service, Clip(a.Method), m.ended)
	case !m.over.IsZero() && m.begins.IsZero():
		return xroad.Errorf(xroad.AccessDenied, "the right of %s to call %s %s", a.Client, a.Service, m.ended)
	case !m.begins.IsZero():
		return xroad.Errorf(xroad.AccessDenied, "the right of %s to call %s begins on %s", a.Client, a.Service, m.begins)
	case m.service && climbs(a.Path):
		return xroad.Errorf(xroad.AccessDenied, `the path of a call of %s holds "." or ".." as a part`, a.Service)
	case m.service && !m.endpoint:
		return xroad.Errorf(
			xroad.AccessDenied, "%s has a right to call %s, but not for this method (%s) and path", a.Client, a.Service, Clip(a.Method),
		)
	}
	return xroad.Errorf(xroad.AccessDenied, "%s has no right to call %s; the owner of the service can give it", a.Client, a.Service)
}

// maxNamed bounds how many purposes a refusal names.
const maxNamed = 20

func names(list []string) string {
	list = slices.Compact(slices.Sorted(slices.Values(list)))
	if len(list) > maxNamed {
		list = append(list[:maxNamed:maxNamed], "…")
	}
	return strings.Join(list, ", ")
}
