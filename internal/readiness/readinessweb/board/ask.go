package board

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
)

// ask is what the address of a page asks: the question to the register and how
// the page is to be shown.
type ask struct {
	campaign  string
	round     string // another round, chosen in the form
	known     clock.Date
	true      clock.Date
	geography clock.Date
	combine   readiness.CombineRule

	group     string
	status    string
	component string
	sort      string
	view      string
	key       string
	typed     map[string]string // the days to show in the form, a wrong one as it was typed
}

var combineRules = []readiness.CombineRule{readiness.CombineAll, readiness.CombineAny, readiness.CombineWeighted}

// readAsk reads the address. A day that is none is a fault at its field; the
// rest is read all the same.
func readAsk(r *http.Request) (ask, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return ask{}, err
	}
	a := ask{
		campaign: r.PathValue("campaign"), round: f.Text("round"), group: f.Text("group"), status: f.Text("status"),
		component: f.Text("component"), sort: f.Text("sort"), view: f.Text("view"), key: f.Text("key"), typed: map[string]string{},
	}
	var wrong fault.List
	for name, to := range map[string]*clock.Date{"known": &a.known, "true": &a.true, "geography": &a.geography} {
		a.typed[name] = f.Text(name)
		day, err := f.Date(name)
		if err != nil {
			wrong = append(wrong, web.FormErrors(err)...)
		} else if !day.IsZero() {
			a.typed[name] = fmt.Sprintf("%02d/%02d/%04d", day.Day(), day.Month(), day.Year())
		}
		*to = day
	}
	slices.SortFunc(wrong, func(x, y *fault.Error) int { return strings.Compare(x.Field, y.Field) })
	if c := readiness.CombineRule(f.Text("combine")); slices.Contains(combineRules, c) && c != readiness.CombineAll {
		a.combine = c
	}
	return a, wrong.Err()
}

func (a ask) question() readiness.Question {
	return readiness.Question{Campaign: a.campaign, KnownOn: a.known, TrueOn: a.true, Geography: a.geography, Combine: a.combine}
}

// times are the parts of the query that belong to the question.
func (a ask) times() url.Values {
	q := url.Values{}
	set := func(key, value string) {
		if value != "" {
			q.Set(key, value)
		}
	}
	set("known", a.known.String())
	set("true", a.true.String())
	set("geography", a.geography.String())
	set("combine", string(a.combine))
	return q
}

// at is the address of a page under this question; query is more of it, by
// key and value, and an empty value leaves the key out.
func (a ask) at(campaign, path string, query ...string) string {
	q := a.times()
	for i := 0; i+1 < len(query); i += 2 {
		q.Del(query[i])
		if query[i+1] != "" {
			q.Set(query[i], query[i+1])
		}
	}
	u := url.URL{Path: "/board/" + campaign}
	if path != "" {
		u.Path += "/" + path
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// plain is the address of a page for the plain question: as known now.
func plain(campaign, path string) string { return ask{}.at(campaign, path) }

// canonical is the whole of what the page depends on, for keeping its body.
func (a ask) canonical() string {
	return strings.Join([]string{a.times().Encode(), a.group, a.status, a.component, a.sort, a.view, a.key}, "\x00")
}

// elsewhere is the address of the same page of another round, when that was chosen.
func (v *view) elsewhere(r *http.Request) string {
	if v.ask.round == "" || v.ask.round == v.ask.campaign {
		return ""
	}
	return v.sameIn(v.ask.round, r.URL.Path)
}

// sameIn is the address of the same page of another round; its first page when that round
// is on another form, which may not have it.
func (v *view) sameIn(campaign, path string) string {
	i := slices.IndexFunc(v.Rounds, func(c readiness.Campaign) bool { return c.ID == campaign })
	if i >= 0 && v.Rounds[i].Form() != v.Campaign.Form() {
		path = "/board/" + v.ask.campaign
	}
	return v.ask.sameIn(campaign, path)
}

// sameIn is the address of the same page of another round; where that round may
// not have the same, of the page above it.
func (a ask) sameIn(campaign, path string) string {
	rest := strings.TrimPrefix(strings.TrimPrefix(path, "/board/"+a.campaign), "/")
	if list, ok := strings.CutPrefix(rest, "entries/"); ok {
		rest = entriesOn(list)
	}
	group, ok := strings.CutPrefix(rest, "figure/")
	if ok && !strings.HasPrefix(group, "ministries/") && !strings.HasPrefix(group, "provinces/") {
		rest = "matrix"
	}
	return a.at(campaign, rest, "group", a.group, "status", a.status, "component", a.component, "sort", a.sort, "view", a.view)
}
