package identity

import (
	"strings"

	"dean06/internal/platform/i18n"
)

// Say is what happened, in the reader's words. site is what the client is called that was told
// or signed in to; "" for none.
func (e Entry) Say(p *i18n.Printer, site string) string {
	args := map[string]any{"client": site}
	for k, v := range e.Args {
		args[k] = v
	}
	args["claims"] = ClaimNames(p, strings.Fields(e.Args["claims"]))
	text := p.T("identity.entry."+e.What, args)
	if more := e.more(p); more != "" {
		text += ": " + more
	}
	return text
}

// more is what an entry holds beside its text: who for whom, why, for what.
func (e Entry) more(p *i18n.Printer) string {
	switch {
	case e.Client != "" && e.Args["for"] != "":
		return p.T("identity.entry.acting", map[string]any{"by": e.Args["by"], "for": e.Args["for"]})
	case e.Client != "": // its text says all
		return ""
	case e.Args["ground"] != "":
		return p.T(Ground(e.Args["ground"]).Key())
	case e.Args["purpose"] != "":
		return e.Args["purpose"]
	case p.Has("identity.why." + e.Args["why"]):
		return p.T("identity.why." + e.Args["why"])
	}
	return e.Args["guardian"]
}

// ClaimNames are facts as people call them, in the order in which one says them.
func ClaimNames(p *i18n.Printer, claims []string) string {
	var out []string
	for _, c := range Claims {
		for _, one := range claims {
			if one == c {
				out = append(out, p.T("identity.claim."+c))
			}
		}
	}
	return strings.Join(out, ", ")
}
