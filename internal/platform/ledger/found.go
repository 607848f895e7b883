package ledger

import (
	"slices"

	"dean06/internal/platform/i18n"
	"dean06/internal/platform/permit"
)

// CheckJob is the kind of the job that checks all logs of a node.
const CheckJob = "log.verify"

// PagePath is the page that shows what it found.
const PagePath = "/log/verify"

// Action is something that people do with the logs of a node as a whole.
type Action string

// ActCheck is seeing what the last check found, and asking for another.
const ActCheck Action = "check"

// Permissions are who may do so on a node: those who look after it, and those who read
// its logs.
func Permissions(keepers, readers []string) permit.Table[Action] {
	roles := slices.Clone(keepers)
	for _, r := range readers {
		if !slices.Contains(roles, r) {
			roles = append(roles, r)
		}
	}
	return permit.Table[Action]{Module: "log", Rows: []permit.Row[Action]{{Action: ActCheck, Roles: roles, Command: true}}}
}

// Found is what a check found of a chain, and what its witness says.
type Found struct {
	Result
	By   Witness `json:"witness"`
	Held int64   `json:"held"` // rows under the head that the witness holds
}

// Fine says that nothing has to be done: the log is whole, and the witness says nothing
// else. That it cannot be asked, or has not been told yet, is no fault of the log.
func (f Found) Fine() bool { return f.State == Whole }

// named are the chains that have a name in words; a module's own go by theirs.
var named = []string{Audit, Lookups, Messages}

// NameOf is what people call a chain.
func NameOf(p *i18n.Printer, chain string) string {
	if slices.Contains(named, chain) {
		return p.T("ledger.chain." + chain)
	}
	return chain
}

// Says is what was found in sentences: what holds, what the witness says, and what a
// person should do.
func (f Found) Says(p *i18n.Printer) []string {
	args := map[string]any{"chain": NameOf(p, f.Chain), "rows": f.Rows, "held": f.Held, "signed": int64(0)}
	if f.Signed != nil {
		args["signed"] = f.Signed.Size
	}
	out := []string{p.T("ledger.check.state."+string(f.State), args)}
	if f.Why != "" {
		out = append(out, p.T(f.Why, f.Args))
	}
	if f.Fine() {
		return append(out, p.T("ledger.check.witness."+string(f.By), args))
	}
	return append(out, p.T("ledger.check.do."+string(f.State)))
}
