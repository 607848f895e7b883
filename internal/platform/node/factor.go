package node

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"dean06/internal/platform/config"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/health"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/pki"
	"dean06/internal/platform/session"
)

// factorFile is the key, in session.dir, that opens the seeds of second factors.
const factorFile = "seal.key"

func factorPath(c config.Config) string { return filepath.Join(c.Session.Dir, factorFile) }

// factorKey gives what seals the seeds of second factors: the key is read when it is first
// needed, and made when there is none and something is to be sealed. A node without second
// factors has none.
func (n *Node) factorKey() func(bool) (session.Sealer, error) {
	var mu sync.Mutex
	var sealer *pki.Sealer
	return func(makeKey bool) (session.Sealer, error) {
		mu.Lock()
		defer mu.Unlock()
		if sealer != nil {
			return sealer, nil
		}
		open := pki.ReadSealer
		if makeKey && !n.ReadOnly {
			open = pki.FileSealer
		}
		s, err := open(factorPath(n.Config))
		if err != nil {
			return nil, err // asked again the next time: the disk may have been away
		}
		sealer = s
		return s, nil
	}
}

// asksSecond says whether the holders of a role sign in with a second factor: as the node's
// settings say, which by default leave it to the modules. The demo's accounts have known
// passwords, and none.
func (n *Node) asksSecond(r Role) bool {
	named := n.Config.Session.SecondFactor
	return slices.Contains(named, r.Code) || r.Second && slices.Contains(named, config.UsualRoles) && !n.Demo
}

// namesOf are the names around an account, of which no password is made: of the node and who
// runs it, of its agency, and of the offices and places that modules know.
func (n *Node) namesOf(ctx context.Context, account, agency string, at time.Time) ([]string, error) {
	out := []string{n.Config.Node.Name, n.Config.Node.Owner}
	if agency != "" {
		out = append(out, n.Agencies.NameOf(agency))
	}
	for _, p := range n.parts {
		if p.NamesOf == nil {
			continue
		}
		more, err := p.NamesOf(ctx, account, at)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}

// beginFactors seals what a program of before left open, and says when the key is not the one
// that sealed the rest.
func (n *Node) beginFactors(ctx context.Context) error {
	if err := n.Sessions.SealFactors(ctx); err != nil {
		return err
	}
	for _, f := range n.askFactors(ctx, health.Vital) {
		if f.Level == health.Failing {
			n.Log.Error("second factors cannot be opened", "found", n.Messages.In(i18n.En).T(f.Key, f.Args))
		}
	}
	return nil
}

// askFactors looks whether the second factors of accounts can be opened.
func (n *Node) askFactors(ctx context.Context, _ health.Depth) []health.Finding {
	const check = "second_factor"
	path := factorPath(n.Config)
	args := fault.Args{"file": path}
	sealer, err := pki.ReadSealer(path)
	var with session.Sealer
	if err == nil {
		with = sealer
	}
	all, closed, askErr := n.Sessions.Seals(ctx, with)
	if askErr != nil || all == 0 { // that the database is away, another check says
		return nil
	}
	args["n"], args["all"] = closed, all
	var f health.Finding
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f = failing(check, "factor.missing", args)
	case err != nil:
		args["reason"] = err.Error()
		f = failing(check, "factor.unreadable", args)
	case closed > 0:
		f = failing(check, "factor.other", args)
	default:
		return []health.Finding{fine(check, "factor.fine", args)}
	}
	f.Subject, f.Stops = path, false // recovery codes still work, and whoever has none
	return []health.Finding{f}
}
