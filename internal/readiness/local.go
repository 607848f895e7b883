package readiness

import (
	"slices"
	"strings"

	"dean06/internal/platform/clock"
)

// locals are the committees of districts and communes that there are on a day, by their
// names. A round that asks them looks for them, because the roll of agencies that texts
// are held against has only ministries and provinces.
type locals struct {
	byName map[string][]Agency
}

// localsOf are those of the day of a round; nil when it asks none.
func localsOf(agencies Agencies, c Campaign) *locals {
	asks := func(kind string) bool { return kind == District || kind == Commune }
	if !slices.ContainsFunc(c.Recipients.Kinds, asks) {
		return nil
	}
	l := &locals{byName: map[string][]Agency{}}
	for _, a := range agencies.Of([]string{District, Commune}, c.Recipients.On) {
		name := localName(a.Name)
		l.byName[name] = append(l.byName[name], a)
	}
	return l
}

// localName is a committee's own name, without the province in which it lies.
func localName(s string) string {
	s, _, _ = strings.Cut(s, ",")
	name := strings.Replace(Fold(s), "uy ban nhan dan", "ubnd", 1)
	for _, within := range []string{" tinh ", " thanh pho ", " tp "} {
		if at := strings.Index(name, within); at > len("ubnd ") {
			name = name[:at]
		}
	}
	return name
}

// named are the committees that a text may mean.
func (l *locals) named(text string) []Agency {
	if l == nil || text == "" {
		return nil
	}
	return l.byName[localName(text)]
}

// province is the code of the agency in whose province a local committee lies.
func (a Agency) province() string {
	code, _, _ := strings.Cut(a.Code, ".")
	return code
}

// only is the one committee that a paper means: the texts above its form name no other,
// and every province that it shows is the one in which the committee lies. Many are
// called the same: then the provinces tell which, or nobody does.
func (l *locals) only(ret Return, find func(string) Finding) (Agency, bool) {
	var found []Agency
	name := ""
	for _, text := range append([]string{ret.Heading}, ret.Seen.Names...) {
		matches := l.named(text)
		if len(matches) == 0 {
			continue
		}
		if name != "" && localName(text) != name {
			return Agency{}, false
		}
		name, found = localName(text), matches
	}
	texts := append([]string{ret.Heading, ret.Contact.Organisation, ret.Seen.Form.Name}, ret.Seen.Names...)
	for _, domain := range mailDomains(ret.Contact.Email) {
		for label := range strings.SplitSeq(domain, ".") {
			if len(label) > 3 {
				texts = append(texts, label)
			}
		}
	}
	for _, text := range texts {
		if _, after, ok := strings.Cut(text, ","); ok {
			text = after // "UBND xã Đại Từ, tỉnh Thái Nguyên"
		} else if len(l.named(text)) > 0 {
			continue
		}
		m, ok := find(text).only()
		if !ok {
			continue
		}
		found = slices.DeleteFunc(slices.Clone(found), func(a Agency) bool { return a.province() != m.Code })
	}
	if at := ret.Contact.Organisation; len(l.named(at)) > 0 && localName(at) != name {
		return Agency{}, false
	}
	if made := ret.Seen.Form.Agency; made != "" {
		found = slices.DeleteFunc(slices.Clone(found), func(a Agency) bool { return a.Code != made })
	}
	if len(found) != 1 {
		return Agency{}, false
	}
	return found[0], true
}

// whoseAmong is whose, in a round that may ask local committees.
func whoseAmong(agencies Agencies, among *locals, on clock.Date, ret Return, file string) owner {
	made, coded := agencies.Agency(ret.Agency, on)
	coded = coded && ret.Agency != ""
	if among != nil && coded && isLocal(made) && ret.Heading != "" {
		// Our own form says for whom it was made; all else on it must say the same.
		ret.Seen.Form.Agency = made.Code
		if _, ok := among.only(ret, func(text string) Finding { return agencies.Find(text, on) }); ok {
			return owner{Agency: made, Named: made}
		}
		o := owner{Named: made}
		o.doubt(agencyDiffers, ret.Heading, map[string]any{"form": made.Name, "heading": ret.Heading})
		return o
	}
	if among != nil && !coded {
		if a, ok := among.only(ret, func(text string) Finding { return agencies.Find(text, on) }); ok {
			return owner{Agency: a, Named: a}
		}
	}
	return whose(agencies, on, ret, file)
}
