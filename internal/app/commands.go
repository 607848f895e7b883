package app

import (
	"maps"
	"strings"
)

// ofProgram is what the commands of the program itself ask. "anyone" is whoever has the
// program; what they open is theirs to open or not.
var ofProgram = map[string]string{
	"demo": "anyone", "serve": "anyone", "config check": "anyone", "version": "anyone", "backup": "anyone",
	"bench exchange": "anyone", "bench population": "anyone", "bench dossier": "anyone", "bench identity": "anyone", "bench cleaning": "anyone",
	"bench programme": "anyone",
	"audit verify":    "audit.check", "account create": "session.account.create",
	"jobs list": "jobs.look", "jobs retry": "jobs.retry", "jobs give-up": "jobs.give_up",
}

// Commands is what every command of the program asks, its own and those of modules:
// "population load" asks "population.load".
func Commands() map[string]string {
	out := maps.Clone(ofProgram)
	for _, m := range Every() {
		for _, c := range m.Commands {
			for path, may := range c.May {
				out[strings.TrimSpace(c.Name+" "+path)] = may
			}
		}
	}
	return out
}
