package dossiernode

import (
	"context"
	"time"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossierweb/apply"
	"dean06/internal/dossier/dossierweb/office"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/health"
	"dean06/internal/platform/node"
)

// The pages to which what waits leads.
const (
	deskPath = office.Path
	ownPath  = apply.Mine
)

// waiting is what waits for somebody: of an officer what their positions have to do, what of
// it is late; of a citizen what they are asked for.
func (n *Node) waiting(ctx context.Context, a actor.Actor) ([]node.Waiting, error) {
	var out []node.Waiting
	add := func(key string, count int, href string) {
		if count > 0 {
			out = append(out, node.Waiting{Key: "work.dossier." + key, Count: count, Href: href})
		}
	}
	if a.Has(dossier.Receiver, dossier.Processor, dossier.Decider) {
		late, err := n.service.Counts(ctx, a, dossier.Page{View: "duty", Late: true})
		if f := fault.As(err); f != nil && f.Kind == fault.Denied {
			return nil, nil // they have no position today: nothing waits for them
		}
		if err != nil {
			return nil, err
		}
		duty, err := n.service.Counts(ctx, a, dossier.Page{View: "duty"})
		if err != nil {
			return nil, err
		}
		add("late", late, deskPath+"?late=1")
		add("duty", duty-late, deskPath)
	}
	if a.Has(dossier.Citizen) {
		own, err := n.service.Own(ctx, a)
		if err != nil {
			return nil, err
		}
		asked := 0
		for _, h := range own {
			if h.Status == dossier.Supplement || h.Status == dossier.FeeDue {
				asked++
			}
		}
		add("asked", asked, ownPath)
	}
	return out, nil
}

// longWait is after how long a decision that the register has not been told of is said to
// whoever looks after the node.
const longWait = time.Hour

// doctor says how many decisions wait for the register, and since when.
func (n *Node) doctor(ctx context.Context, _ health.Depth) []health.Finding {
	f := health.Finding{Check: name, Level: health.Fine, Key: "dossier.doctor.told"}
	count, since, err := n.store.Waiting(ctx)
	switch {
	case err != nil:
		f.Level, f.Key, f.Args = health.Failing, "dossier.doctor.unread", fault.Args{"reason": err.Error()}
	case count > 0 && n.base.Clock.Now().Sub(since) > longWait:
		f.Level, f.Key, f.Args = health.Warning, "dossier.doctor.waits", fault.Args{"n": count, "since": since}
	}
	return []health.Finding{f}
}
