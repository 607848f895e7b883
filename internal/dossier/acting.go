package dossier

import (
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
)

// party is the one for whom somebody acts by a delegation, as a dossier names them (Nghị định
// 61/2018, Điều 16.2): the provider of identities vouches for both, no paper shows it.
func party(p *actor.Principal) *Party {
	out := &Party{Kind: OfCitizen, Name: p.Name, Ground: p.Ground}
	switch p.Kind {
	case OfOrganisation:
		out.Kind, out.Name, out.Organisation = OfOrganisation, "", &Organisation{Code: p.Number, Name: p.Name}
	case OfForeigner:
		out.Kind, out.Number = OfForeigner, p.Number
	default:
		out.Number = p.Number
	}
	return out
}

// isFor says that a party of a dossier is the one acted for.
func isFor(p *actor.Principal, other *Party) bool {
	switch {
	case other == nil:
		return false
	case p.Kind == OfOrganisation:
		return other.Organisation != nil && other.Organisation.Code == p.Number
	}
	return other.Number != "" && other.Number == p.Number && other.Organisation == nil
}

// fits says that a draft is filled in as it was begun: for another by a delegation only by who
// acts for them now, in a procedure in which they may; by who acts for nobody, only their own.
func fits(who Who, d *Draft) bool {
	byRight := d.For != nil && d.For.Ground != ""
	if who.For == nil {
		return !byRight
	}
	return byRight && isFor(who.For, d.For) && who.For.Covers(d.Procedure)
}

// errScope says that somebody may not act for another in this procedure.
var errScope = fault.New(fault.Denied, "dossier.acting.scope", nil)

// errFixed says that for whom is applied was settled at the sign-in.
var errFixed = fault.New(fault.Conflict, "dossier.acting.fixed", nil)
