package ledger

import (
	"slices"
	"time"

	"dean06/internal/platform/fault"
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
	// Notes are what people should know beside it; they change nothing.
	Notes []Note `json:"notes,omitempty"`
	// Restores are those that people acknowledged, the oldest first.
	Restores []Restored `json:"restores,omitempty"`
}

// Restored is that a log lawfully went on from a backup: one person asked, another approved.
type Restored struct {
	ID     string    `json:"id"` // of the request
	At     time.Time `json:"at"` // when it was approved or, where only the witness names it, taken there
	Backup string    `json:"backup"`
	Size   int64     `json:"size"` // rows of the log that was given up
	To     int64     `json:"to"`   // rows with which it went on
	// Asked and Decided are names; "" where only the witness names the restore.
	Asked   string `json:"asked,omitempty"`
	Decided string `json:"decided,omitempty"`
	Node    bool   `json:"node"` // the node's audit log names it
	Hub     bool   `json:"hub"`  // the witness does
}

// says names it in a sentence.
func (r Restored) says(p *i18n.Printer) string {
	key := "ledger.check.restored.both"
	switch {
	case !r.Node:
		key = "ledger.check.restored.hub"
	case !r.Hub:
		key = "ledger.check.restored.node"
	}
	return p.T(key, fault.Args{
		"id": r.ID, "at": r.At, "backup": r.Backup, "size": r.Size, "to": r.To, "asked": r.Asked, "decided": r.Decided,
	})
}

// Note is a sentence: a message and what fills it in.
type Note struct {
	Key  string     `json:"key"`
	Args fault.Args `json:"args,omitempty"`
}

// Fine says that nothing has to be done: the log is whole, and the witness says nothing
// else. That it cannot be asked, or has not been told yet, is no fault of the log.
func (f Found) Fine() bool { return f.State == Whole }

// named are the chains that have a name in words; a module's own go by theirs.
var named = []string{Audit, Lookups, Messages, Dossiers, DossierLooks, Identities}

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
		out = append(out, p.T("ledger.check.witness."+string(f.By), args))
	} else {
		out = append(out, p.T("ledger.check.do."+string(f.State)))
	}
	for _, n := range f.Notes {
		out = append(out, p.T(n.Key, n.Args))
	}
	for _, r := range f.Restores {
		out = append(out, r.says(p))
	}
	return out
}
