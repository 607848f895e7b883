package readiness

import (
	"net/mail"
	"path/filepath"
	"slices"
	"strings"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/spelling"
)

// Finding is what a text says of agencies. Sure says that there is one match and that
// the text is a name or code of it, not merely like one.
type Finding struct {
	Matches []Match
	Sure    bool
}

// Match is an agency that a text may mean.
type Match struct {
	Agency
	Part  bool // the text names something within it: a department, a district
	Ended bool // the name is not its name on the day: it is of an agency that is gone, or was called otherwise
	Like  bool // the text is only like its name
}

// only is the one agency that a text surely means, whether whole or in part.
func (f Finding) only() (Match, bool) {
	if !f.Sure || len(f.Matches) != 1 || f.Matches[0].Like {
		return Match{}, false
	}
	return f.Matches[0], true
}

// Evidence is what a paper shows of whose it is and what it answers, besides its heading
// and its focal point. It is for taking the paper in, and no part of the return.
type Evidence struct {
	Names []string // other names of agencies: above the form, on the edges of its pages, above the signature
	Cites []string // numbers of letters that it names
	Form  MadeFor  // for whom our own form was made
}

// MadeFor is for whom and for which letter our own form was made.
type MadeFor struct {
	Agency   string // code
	Name     string // as the form printed it
	Campaign string
}

// Why a file is held back until a person says whose it is. A decision to take it in
// settles these.
const (
	agencyUnknown   = "readiness.problem.agency_unknown"
	agencyAmbiguous = "readiness.problem.agency_ambiguous"
	agencyMissing   = "readiness.problem.agency_missing"
	agencyDiffers   = "readiness.problem.agency_differs"
	agencyPart      = "readiness.problem.agency_part"
	agencyEnded     = "readiness.problem.agency_ended"
	agencySeveral   = "readiness.problem.agency_several"
	agencyContact   = "readiness.problem.agency_contact"
	agencyMail      = "readiness.problem.agency_mail"
	otherCampaign   = "readiness.problem.other_campaign"
	otherLetter     = "readiness.problem.other_letter"
	letterEarlier   = "readiness.problem.letter_earlier"
	severalInBatch  = "readiness.problem.several_in_batch"
	secondReturn    = "readiness.problem.second_return"
	cameBack        = "readiness.problem.came_back"
	draftOpen       = "readiness.problem.draft_open"
)

var holding = []string{
	agencyUnknown, agencyAmbiguous, agencyMissing, agencyDiffers, agencyPart, agencyEnded, agencySeveral, agencyContact, agencyMail,
	otherCampaign, otherLetter, letterEarlier, severalInBatch, secondReturn, cameBack, draftOpen,
}

func holdsBack(p Problem) bool { return p.Row == "" && slices.Contains(holding, p.Reason) }

// owner finds whose a paper is. All that it shows must agree: the code that the form
// carries, the heading, other names on it, the focal point's organisation and address.
// Agency is zero when it does not, or names nobody surely; Named is whom the heading
// alone names.
type owner struct {
	Agency   Agency
	Named    Agency
	problems []Problem
}

func (o *owner) doubt(reason, text string, args map[string]any) {
	if args == nil {
		args = map[string]any{}
	}
	args["text"] = text
	o.Agency = Agency{}
	o.problems = append(o.problems, Problem{Severity: Reviews, Text: text, Reason: reason, Args: args})
}

// whose holds everything that a paper shows of its agency against each other.
func whose(agencies Agencies, on clock.Date, ret Return, file string) owner {
	find := func(text string) Finding { return agencies.Find(text, on) }
	heading := find(ret.Heading)
	var o owner
	if m, ok := heading.only(); ok {
		o.Named = m.Agency
	}
	if a, ok := agencies.Agency(ret.Agency, on); ok && ret.Agency != "" {
		o.Agency = a
		o.form(a, ret.Heading, heading)
	} else {
		o.heading(ret, file, heading)
	}
	if o.Agency.Code == "" {
		return o
	}
	a := o.Agency
	if made := find(ret.Seen.Form.Name); len(made.Matches) > 0 && !made.has(a.Code) {
		o.doubt(agencyDiffers, ret.Heading, map[string]any{"form": ret.Seen.Form.Name, "heading": ret.Heading})
	}
	if isLocal(a) {
		return o // a city that is a district may bear the name of its province
	}
	o.names(a, ret, find)
	o.contact(a, ret.Contact, find)
	return o
}

func isLocal(a Agency) bool { return a.Kind == District || a.Kind == Commune }

func (f Finding) has(code string) bool {
	return slices.ContainsFunc(f.Matches, func(m Match) bool { return m.Code == code })
}

// form holds the heading against the agency for which the form was made.
func (o *owner) form(a Agency, heading string, found Finding) {
	m, sure := found.only()
	if heading == "" || isLocal(a) || sure && m.Code == a.Code && !m.Part && !m.Ended {
		return
	}
	o.doubt(agencyDiffers, heading, map[string]any{"form": a.Name, "heading": heading})
}

// heading takes the agency that the heading names.
func (o *owner) heading(ret Return, file string, found Finding) {
	m, sure := found.only()
	switch {
	case sure && m.Part:
		o.doubt(agencyPart, ret.Heading, map[string]any{"name": m.Name})
	case sure && m.Ended:
		o.doubt(agencyEnded, ret.Heading, map[string]any{"name": m.Name})
	case sure:
		o.Agency = m.Agency
	case len(found.Matches) > 0:
		names := make([]string, len(found.Matches))
		for i, a := range found.Matches {
			names[i] = a.Name
		}
		o.doubt(agencyAmbiguous, ret.Heading, map[string]any{"names": strings.Join(names, ", ")})
	case ret.Agency != "":
		o.doubt(agencyUnknown, ret.Agency, nil)
	case ret.Heading != "":
		o.doubt(agencyUnknown, ret.Heading, nil)
	default:
		o.doubt(agencyMissing, strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)), nil)
	}
}

// names holds other names on the paper against the agency: they are of it, and of it as
// a whole.
func (o *owner) names(a Agency, ret Return, find func(string) Finding) {
	for _, name := range ret.Seen.Names {
		found := find(name)
		m, sure := found.only()
		switch {
		case spelling.Fold(name) == spelling.Fold(ret.Heading):
		case sure && m.Code != a.Code, len(found.exact()) > 0 && !found.has(a.Code):
			o.doubt(agencySeveral, name, map[string]any{"name": a.Name})
		case sure && m.Part, len(found.Matches) == 0 && isPart(name):
			o.doubt(agencyPart, ret.Heading+" – "+name, map[string]any{"name": a.Name})
		case sure && m.Ended:
			o.doubt(agencyEnded, name, map[string]any{"name": a.Name})
		}
	}
}

// exact are the matches whose names stand in the text.
func (f Finding) exact() []Match {
	return slices.DeleteFunc(slices.Clone(f.Matches), func(m Match) bool { return m.Like })
}

// partOf are the words with which names of something within an agency begin.
var partOf = []string{
	"so", "huyen", "quan", "thi xa", "thi tran", "xa", "phuong", "phong", "cuc", "vu", "tong cuc", "chi cuc", "trung tam", "ban quan ly",
	"van phong", "vien", "truong", "ubnd huyen", "ubnd quan", "ubnd xa", "ubnd phuong", "ubnd thi xa", "uy ban nhan dan huyen",
	"uy ban nhan dan quan", "uy ban nhan dan xa", "uy ban nhan dan phuong", "uy ban nhan dan thi xa",
}

func isPart(name string) bool {
	folded := spelling.Fold(name)
	return slices.ContainsFunc(partOf, func(w string) bool { return startsWords(folded, w) })
}

// contact holds the focal point's organisation and address against the agency. Where
// they say nothing of any agency they do not disagree.
func (o *owner) contact(a Agency, c Contact, find func(string) Finding) {
	found := find(c.Organisation)
	m, sure := found.only()
	switch {
	case len(found.exact()) > 0 && !found.has(a.Code):
		o.doubt(agencyContact, c.Organisation, map[string]any{"name": a.Name})
	case sure && m.Ended:
		o.doubt(agencyEnded, c.Organisation, map[string]any{"name": m.Name})
	}
	for _, domain := range mailDomains(c.Email) {
		for label := range strings.SplitSeq(domain, ".") {
			if m, ok := find(label).only(); ok && len(label) > 3 && m.Code != a.Code {
				o.doubt(agencyMail, "@"+domain, map[string]any{"name": a.Name, "other": m.Name})
				return
			}
		}
	}
}

// mailDomains are the domains of the addresses in a field.
func mailDomains(s string) []string {
	var out []string
	for one := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '\n' }) {
		if a, err := mail.ParseAddress(one); err == nil {
			_, domain, _ := strings.Cut(a.Address, "@")
			out = append(out, strings.ToLower(domain))
		}
	}
	return out
}

// answers holds the letters that a paper names against the one that it is to answer: its
// own letter is not older than that, none of the issuer's others is answered, and the
// form was made for it.
func answers(c Campaign, ret Return) []Problem {
	var out []Problem
	say := func(reason, text string, args map[string]any) {
		args["text"] = text
		out = append(out, Problem{Severity: Reviews, Reason: reason, Text: text, Args: args})
	}
	from := ret.Campaign
	if from == "" {
		from = ret.Seen.Form.Campaign
	}
	if from != "" && from != c.ID {
		say(otherCampaign, from, map[string]any{"campaign": from, "this": c.ID})
	}
	_, sign, _ := strings.Cut(NormalNumber(c.Number), "/")
	other := ""
	for _, number := range ret.Seen.Cites {
		if _, its, _ := strings.Cut(number, "/"); its == sign && sign != "" {
			other = number
			if number == NormalNumber(c.Number) {
				other = ""
				break
			}
		}
	}
	if other != "" {
		say(otherLetter, other, map[string]any{"this": c.Number})
	}
	if day := ret.Letter.Date; !day.IsZero() && day.Before(c.Issued) {
		say(letterEarlier, shownDay(day), map[string]any{"issued": shownDay(c.Issued), "this": c.Number})
	}
	return out
}
