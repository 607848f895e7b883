package security

import (
	"slices"

	"dean06/internal/platform/fault"
)

// Service is what a system gives to people and businesses online.
type Service int64

// The services.
const (
	NoService   Service = 0
	Information Service = 1 // information, forms to print
	Partial     Service = 2 // online, with a way to the office (level 3 before 2022)
	Full        Service = 3 // online from end to end (level 4 before 2022)
)

// Shared is for whom a system is infrastructure.
type Shared int64

// Who shares a system.
const (
	OwnAgency Shared = 0
	Province  Shared = 1 // or a sector
	Nation    Shared = 2
)

// Harm is what the sabotage of a system would do to national defence and security.
type Harm int64

// The harms.
const (
	NoHarm     Harm = 0
	Grave      Harm = 1
	MostGrave  Harm = 2
	mostPeople      = 200_000_000
)

// Facts are what is asked once of a system; levels are proposed from them by the rules of
// any day.
type Facts struct {
	Service    Service `json:"service"`
	Procedures bool    `json:"procedures"` // handles administrative procedures
	People     int64   `json:"people"`     // whose basic personal data it holds
	Sensitive  int64   `json:"sensitive"`  // of them, whose sensitive data
	Shared     Shared  `json:"shared"`
	Always     bool    `json:"always"` // runs at all hours and may not stop unplanned
	Secret     bool    `json:"secret"` // holds state secrets
	Harm       Harm    `json:"harm"`
}

// FactNames are the facts as criteria name them.
var FactNames = []string{"service", "procedures", "people", "sensitive", "shared", "always", "secret", "harm"}

func (f Facts) value(name string) int64 {
	yes := func(b bool) int64 {
		if b {
			return 1
		}
		return 0
	}
	switch name {
	case "service":
		return int64(f.Service)
	case "procedures":
		return yes(f.Procedures)
	case "people":
		return max(f.People, f.Sensitive) // who has sensitive data there has data there
	case "sensitive":
		return f.Sensitive
	case "shared":
		return int64(f.Shared)
	case "always":
		return yes(f.Always)
	case "secret":
		return yes(f.Secret)
	case "harm":
		return int64(f.Harm)
	}
	return 0
}

// Check fails with a fault.List that names the facts that cannot be.
func (f Facts) Check() error {
	var wrong fault.List
	bad := func(field, key string, args fault.Args) {
		wrong = append(wrong, fault.New(fault.Invalid, key, args).At(field))
	}
	for name, v := range map[string]int64{"people": f.People, "sensitive": f.Sensitive} {
		if v < 0 || v > mostPeople {
			bad(name, "security.facts.people", fault.Args{"most": mostPeople})
		}
	}
	if f.Service < NoService || f.Service > Full {
		bad("service", "security.facts.choose", nil)
	}
	if f.Shared < OwnAgency || f.Shared > Nation {
		bad("shared", "security.facts.choose", nil)
	}
	if f.Harm < NoHarm || f.Harm > MostGrave {
		bad("harm", "security.facts.choose", nil)
	}
	if len(wrong) == 0 && f.People > 0 && f.Sensitive > f.People {
		bad("sensitive", "security.facts.more_sensitive", fault.Args{"people": f.People})
	}
	slices.SortFunc(wrong, func(a, b *fault.Error) int {
		return slices.Index(FactNames, a.Field) - slices.Index(FactNames, b.Field)
	})
	return wrong.Err()
}

// Together are the facts of several systems that are one: people are added up, of all else
// the most counts. Whoever splits a system gains nothing by it.
func Together(parts ...Facts) Facts {
	var all Facts
	for _, f := range parts {
		all.Service = max(all.Service, f.Service)
		all.Procedures = all.Procedures || f.Procedures
		all.People = min(all.People+max(f.People, 0), mostPeople)
		all.Sensitive = min(all.Sensitive+max(f.Sensitive, 0), mostPeople)
		all.Shared = max(all.Shared, f.Shared)
		all.Always = all.Always || f.Always
		all.Secret = all.Secret || f.Secret
		all.Harm = max(all.Harm, f.Harm)
	}
	return all
}

// Proposal is the level that the rules give, with the criteria that hold, the highest first.
type Proposal struct {
	Level   Level
	Rules   string // code of the rules
	Reasons []Criterion
}

// Propose gives the level of a system: the highest of the criteria that hold.
func Propose(r Rules, f Facts) Proposal {
	p := Proposal{Level: Lowest, Rules: r.Code}
	for _, c := range r.Criteria {
		if c.holds(f) {
			p.Reasons = append(p.Reasons, c)
			p.Level = max(p.Level, c.Level)
		}
	}
	slices.SortStableFunc(p.Reasons, func(a, b Criterion) int { return int(b.Level - a.Level) })
	return p
}

// CheckLevel says whether a dossier may claim a level for a system. whole are the facts of
// all systems that are one with it, its own among them. A higher level than the rules ask is
// the owner's to choose; a lower one is refused, also when it comes of a split.
func CheckLevel(r Rules, l Level, own, whole Facts) error {
	if l < Lowest || l > Highest {
		return fault.New(fault.Invalid, "security.level.none", fault.Args{"lowest": int(Lowest), "highest": int(Highest)}).At("level")
	}
	if p := Propose(r, own); l < p.Level {
		return fault.New(fault.Invalid, "security.level.low", fault.Args{"level": int(l), "least": int(p.Level), "rules": r.Code}).At("level")
	}
	if p := Propose(r, whole); l < p.Level {
		return fault.New(fault.Invalid, "security.level.split", fault.Args{"level": int(l), "least": int(p.Level), "rules": r.Code}).At("level")
	}
	return nil
}
