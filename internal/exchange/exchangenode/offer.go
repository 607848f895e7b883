package exchangenode

import (
	"context"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/node"
	"dean06/internal/xroad"
)

// ErrNotJoined leaves what is to be sent in the outbox until the node has joined.
var ErrNotJoined = errors.New("the gateway has not joined the exchange")

// errNotShown is while the hub has not seen yet where the node's logs stand.
var errNotShown = errors.New("the hub has not seen the node's logs yet")

// everybody is the group of all subsystems of the exchange, for services that every
// member may ask.
const everybody = exchange.Everybody

// Call makes a signed call through the exchange, as the node's own subsystem when it
// names no client. It fails with ErrNotJoined before the node has joined.
func (g *Gateway) Call(ctx context.Context, r *http.Request) (*http.Response, error) {
	j := g.joined.Load()
	if j == nil {
		return nil, ErrNotJoined
	}
	if r.Header.Get(xroad.HeaderClient) == "" {
		own, ok := g.Own()
		if !ok {
			return nil, fault.New(fault.Unavailable, "exchange.own.missing", fault.Args{
				"subsystem": own.String(), "code": own.Subsystem, "instead": g.self(j).String(),
			})
		}
		r = r.Clone(ctx)
		r.Header.Set(xroad.HeaderClient, own.String())
	}
	return j.Call(ctx, r)
}

// Member is the member whose gateway it is, with the instance; false before it has joined.
func (g *Gateway) Member() (xroad.ID, bool) {
	j := g.joined.Load()
	if j == nil {
		return xroad.ID{}, false
	}
	return j.Saved().Member, true
}

// Certificate is the one that the gateway speaks with now; false before it has joined.
func (g *Gateway) Certificate() (*x509.Certificate, bool) {
	j := g.joined.Load()
	if j == nil {
		return nil, false
	}
	return j.Gateway.Certificate(), true
}

// Agency is the code of the agency whose gateway it is; "" before the node has joined.
func (g *Gateway) Agency() string {
	id, _ := g.Member()
	return id.Member
}

// Instance is the exchange's name; "" before the node has joined.
func (g *Gateway) Instance() string {
	id, _ := g.Member()
	return id.Instance
}

// Dir is the folder of the gateway's keys, in which others keep theirs.
func (g *Gateway) Dir() string { return g.cfg.Dir }

// ContractURLs are other addresses under which older systems know the population contract.
func (g *Gateway) ContractURLs() []string { return g.cfg.ContractURLs }

// Subsystems are those as which the agency's own systems may ask, with their names: all
// for which the gateway speaks but those that the node is itself.
func (g *Gateway) Subsystems() iter.Seq2[xroad.ID, string] {
	return func(yield func(xroad.ID, string) bool) {
		inside := g.inside()
		for id, name := range g.spokenFor() {
			if !slices.Contains(inside, id.Subsystem) && !yield(id, name) {
				return
			}
		}
	}
}

// spokenFor are all subsystems for which the gateway speaks, with their names.
func (g *Gateway) spokenFor() iter.Seq2[xroad.ID, string] {
	return func(yield func(xroad.ID, string) bool) {
		j := g.joined.Load()
		if j == nil {
			return
		}
		d := j.Directory()
		if d == nil {
			return
		}
		self, _ := d.Gateway(j.Saved().Gateway)
		for _, id := range self.Subsystems {
			name := id.String()
			if s, ok := d.Subsystem(id); ok {
				name = s.Name
			}
			if !yield(id, name) {
				return
			}
		}
	}
}

// Directory is the configuration in use; nil before the node has joined.
func (g *Gateway) Directory() *exchange.Directory {
	if j := g.joined.Load(); j != nil {
		return j.Directory()
	}
	return nil
}

// Clear says at the hub how secure systems are. It fails with ErrNotJoined before the node
// has joined, and with Denied when the hub has named another node to say it. The hub has seen
// the node's logs before: it takes from a database that went back only what closes.
func (g *Gateway) Clear(ctx context.Context, s exchange.Security) error {
	j := g.joined.Load()
	if j == nil {
		return ErrNotJoined
	}
	if _, at := g.teller.Said(); at.IsZero() {
		g.settle(ctx, j)
		g.Show(ctx)
		if _, at := g.teller.Said(); at.IsZero() {
			return errNotShown
		}
	}
	return j.Membership.Clear(ctx, s)
}

// Await waits until the gateway has joined and takes calls, or ctx ends.
func (g *Gateway) Await(ctx context.Context) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for g.joined.Load() == nil {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
	return nil
}

// AwaitSecurity waits until the gateway knows who is secure, and asks the hub meanwhile: for
// the demo, which begins with everything at once.
func (g *Gateway) AwaitSecurity(ctx context.Context) {
	for {
		if j := g.joined.Load(); j != nil {
			if d := j.Directory(); d != nil && d.Configuration().Security != nil {
				return
			}
			_ = j.Refresh(ctx) // the gateway's state says what went wrong
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Second):
		}
	}
}

// program is who acts when a module offers what it answers.
func program() actor.Actor { return actor.OfSystem(exchange.Administrator, exchange.Program) }

// Grant gives a right to one of the gateway's services, unless the subject has one. It
// is how the program itself gives rights; people do it on pages, with a second person.
func (g *Gateway) Grant(ctx context.Context, r exchange.Right) error {
	return g.desk.Grant(ctx, program(), r)
}

// ReloadRights takes in rights that were given.
func (g *Gateway) ReloadRights(ctx context.Context) error {
	if j := g.joined.Load(); j != nil {
		return j.ReloadRights(ctx)
	}
	return nil
}

// Services are what the node's modules offer on the exchange, by their identifiers.
func (g *Gateway) Services() []node.Service { return g.services }

// provide offers the services of the node's modules.
func (g *Gateway) provide(ctx context.Context, j *joined) error {
	p := g.base.Messages.In(i18n.Vi) // a catalogue is read by officials
	forAll := false
	for _, s := range g.services {
		id := j.Saved().Member
		id.Subsystem, id.Service = s.Subsystem, s.Code
		j.Provide(id, s.Handler)
		if err := g.desk.Provide(
			ctx, program(), exchange.LocalService{ID: id, Name: p.T(s.NameKey), Type: s.Type, OpenAPI: s.OpenAPI, OwnFields: true},
		); err != nil {
			return err
		}
		if !s.Members {
			continue
		}
		forAll = true
		if err := g.Grant(ctx, exchange.Right{
			Group: everybody, Service: id, LegalBasis: p.T("exchange.members.basis"), Fields: []string{"*"}, From: clock.DayOf(g.base.Clock.Now()),
		}); err != nil {
			return err
		}
	}
	if !forAll {
		return j.ReloadRights(ctx)
	}
	w := &welcome{g: g}
	j.beside = append(j.beside, w.run)
	return w.now(ctx, j)
}

// welcome keeps the group of everybody up to date with the configuration.
type welcome struct {
	g    *Gateway
	mu   sync.Mutex
	seen int64 // serial of the configuration that the group was made of
}

func (w *welcome) now(ctx context.Context, j *joined) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	ids, serial, err := w.g.members(ctx)
	if err != nil || serial == w.seen {
		return err
	}
	group := exchange.Group{Code: everybody, Name: w.g.base.Messages.In(i18n.Vi).T("exchange.members"), Members: ids}
	if len(ids) > 0 {
		if err := w.g.desk.SetGroup(ctx, program(), group); err != nil {
			return err
		}
	}
	w.seen = serial
	return j.ReloadRights(ctx)
}

// run welcomes who joins, until ctx ends.
func (w *welcome) run(ctx context.Context, j *joined) error {
	tick := time.NewTicker(joinEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := w.now(ctx, j); err != nil && ctx.Err() == nil {
				w.g.log.Error("welcome the members", "error", err)
			}
		}
	}
}

// Welcome lets those who have just joined ask what every member may.
func (g *Gateway) Welcome(ctx context.Context) error {
	if j := g.joined.Load(); j != nil {
		return (&welcome{g: g}).now(ctx, j)
	}
	return nil
}

// knownMembers are the subsystems of the configuration that this gateway holds.
func (g *Gateway) knownMembers(context.Context) ([]xroad.ID, int64, error) {
	j := g.joined.Load()
	if j == nil {
		return nil, 0, nil
	}
	conf, ok := g.configuration(j)
	if !ok {
		return nil, 0, nil
	}
	return subsystemsOf(conf), conf.Serial, nil
}

func subsystemsOf(c exchange.Configuration) []xroad.ID {
	var out []xroad.ID
	for _, m := range c.Members {
		for _, s := range m.Subsystems {
			out = append(out, s.ID)
		}
	}
	return out
}

// nameOf names another node by its system in the exchange.
func (g *Gateway) nameOf(subsystem string) string {
	id, err := xroad.ParseID(subsystem, 4, 4)
	if err != nil {
		return subsystem
	}
	return g.called(id)
}

// SignFile signs that a file of a size and a SHA-256 was given out by this node at a moment,
// in the form of a head of a log with the name kind: text is what was signed, der the
// certificate. It fails with ErrNotJoined before the node has joined.
func (g *Gateway) SignFile(kind, sha256 string, size int64, at time.Time) (text string, signature, der []byte, err error) {
	j := g.joined.Load()
	if j == nil {
		return "", nil, nil, ErrNotJoined
	}
	h := ledger.Head{Chain: kind, Size: size, At: at}
	if n, err := hex.Decode(h.Root[:], []byte(sha256)); err != nil || n != len(h.Root) {
		return "", nil, nil, fmt.Errorf("sign a file: %q is no SHA-256", sha256)
	}
	if err := j.SignHead(&h); err != nil {
		return "", nil, nil, err
	}
	return string(h.Text()), h.Signature, j.Certificate().Raw, nil
}

// CheckFile says that a file of a size and a SHA-256 was given out by a subsystem, as SignFile
// signs it: the certificate is that of a gateway which spoke for the subsystem at the moment
// that was signed. It fails with Conflict ("exchange.file.unsigned"), and with ErrNotJoined
// before the node has joined.
func (g *Gateway) CheckFile(kind, sha256 string, size int64, by xroad.ID, text string, signature, der []byte) (at time.Time, err error) {
	dir := g.Directory()
	if dir == nil {
		return at, ErrNotJoined
	}
	unsigned := func(format string, args ...any) error {
		return fault.New(fault.Conflict, "exchange.file.unsigned", fault.Args{"by": g.called(by)}).Because(fmt.Errorf(format, args...))
	}
	lines := strings.Split(text, "\n")
	if len(lines) != 7 {
		return at, unsigned("%d lines", len(lines))
	}
	h := ledger.Head{Chain: kind, Size: size, KeyID: lines[5], Signature: signature}
	if n, err := hex.Decode(h.Root[:], []byte(sha256)); err != nil || n != len(h.Root) {
		return at, unsigned("%q is no SHA-256", sha256)
	}
	if h.At, err = time.Parse(time.RFC3339Nano, lines[4]); err != nil {
		return at, unsigned("%w", err)
	}
	if string(h.Text()) != text || !h.SignedBy(der) {
		return at, unsigned("the signature is over something else, or by another key")
	}
	if _, err := dir.Speaks(h.KeyID, by, h.At); err != nil {
		return at, unsigned("%w", err)
	}
	return h.At, nil
}
