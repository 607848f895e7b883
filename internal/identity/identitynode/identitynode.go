// Package identitynode brings electronic identities to the authority's node: tables, the log,
// keys, roles, settings, jobs, commands, the provider and the pages. What it needs of others
// it states as Needs. It decides nothing: that is the root's.
package identitynode

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"path/filepath"
	"slices"
	"strings"

	"dean06/internal/identity"
	"dean06/internal/identity/identitydesk"
	"dean06/internal/identity/identitysql"
	"dean06/internal/identity/identityweb"
	"dean06/internal/identity/passkey"
	"dean06/internal/identity/provider"
	"dean06/internal/org"
	"dean06/internal/platform/config"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/node"
	"dean06/internal/platform/outbox"
	"dean06/internal/platform/pki"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/throttle"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the names of the module's roles, jobs and commands.
var Messages, _ = fs.Sub(messages, "messages")

// name of the module; roleAuthority is the role of the node that has it.
const (
	name          = "identity"
	roleAuthority = "authority"
)

// Actions are what identities leave in the audit log.
var Actions = []string{identitysql.Action}

// Needs are what identities need of other modules. They are asked only after everything was
// opened, but for Territory.
type Needs struct {
	// Register is the population register of the node.
	Register identity.Register
	// Matters are the procedures in which one may act for another.
	Matters identityweb.Matters
	// Territory is the units of the country, after their last edit; nil knows none. It is asked
	// when the node is opened.
	Territory func(ctx context.Context) (func() *org.Territory, error)
	// Looks are the register's look-ups, for the holder's log; nil shows none.
	Looks identityweb.Looks
}

// Node is the module on one node.
type Node struct {
	needs   Needs
	base    *node.Base
	store   *identitysql.Store
	service *identity.Service
	config  *Config
	shown   *identityweb.Pages
}

// New makes it.
func New(needs Needs) *Node { return &Node{needs: needs} }

// Module is what it brings.
func (n *Node) Module() node.Module {
	return node.Module{
		Name:     name,
		Config:   []config.Section{Section},
		Messages: []fs.FS{identity.Messages, identitysql.Messages, provider.Messages, identityweb.Messages, identitydesk.Messages, Messages},
		Migrate:  identitysql.Migrate,
		Chains:   identitysql.Chains,
		Roles: []node.Role{
			{Code: identity.Registrar, Personal: true, Second: true, Emergency: []string{identity.Administrator}},
			{Code: identity.Operator, Personal: true, Second: true},
			{Code: identity.ClientKeeper},
			{Code: identity.Auditor, ReadsLog: true},
			{Code: identity.Administrator},
		},
		Permissions: identity.Permissions.Lines(),
		Actions:     Actions,
		Commands:    []node.Command{command()},
		Open:        n.open,
	}
}

// The files in the module's folder.
const (
	sealFile     = "seal.key"     // seals what the database keeps
	throttleFile = "throttle.key" // by which tries are counted
)

func (n *Node) open(ctx context.Context, b *node.Base) (*node.Part, error) {
	n.base, n.config = b, config.In[Config](b.Config)
	n.store = identitysql.New(b.DB)
	seal, counts := filepath.Join(n.config.Dir, sealFile), filepath.Join(n.config.Dir, throttleFile)
	part := &node.Part{Self: n, Folders: []string{n.config.Dir}, Keys: []node.KeyFile{
		{Path: seal, Read: func(path string) error {
			_, err := pki.ReadSealer(path)
			return err
		}},
		{Path: counts, Read: func(path string) error {
			_, err := pki.ReadKey(path)
			return err
		}},
	}}
	if b.ReadOnly && part.Keys[0].Read(seal) != nil { // it is looked at as it is
		n.service = identity.NewService(identity.Parts{Store: n.store, Clock: b.Clock})
		return part, nil //nolint:nilerr // the look at the keys says it
	}
	sealer, err := pki.FileSealer(seal)
	if err != nil {
		return nil, err
	}
	key, err := throttleKey(counts)
	if err != nil {
		return nil, err
	}
	keys, err := passkey.New(n.issuer(), b.Messages.In(i18n.Vi).T("identity.name"))
	if err != nil {
		return nil, err
	}
	var territory func() *org.Territory
	if n.needs.Territory != nil {
		if territory, err = n.needs.Territory(ctx); err != nil {
			return nil, fmt.Errorf("read the administrative units: %w", err)
		}
	}
	settings := identity.Settings{Issuer: n.issuer(), Idle: n.config.Idle, Absolute: n.config.Absolute}
	if b.Demo {
		settings.DemoSeed = demoSeed
	}
	n.service = identity.NewService(identity.Parts{
		Store: n.store, Territory: territory, Register: n.needs.Register, Teller: newTeller(b), Sealer: sealer, Throttle: throttle.Rules{Key: key}, Clock: b.Clock,
		Goodbyes: goodbyes{}, Keys: keys, NewID: sqldb.NewID, Settings: settings,
	})
	part.Jobs = map[string]jobs.Handler{newsKind: n.news, sweepKind: n.sweep, termsKind: n.terms}
	n.pages(b, part)
	part.Periodic = periodic
	return part, nil
}

// pages adds the pages, the provider that waits behind them, and the word to clients that a
// sign-in ended.
func (n *Node) pages(b *node.Base, part *node.Part) {
	pages := &identityweb.Pages{Service: n.service, Frame: b.Frame, Secure: b.Secure, Address: n.address, Matters: n.needs.Matters, Looks: n.needs.Looks}
	p := provider.New(provider.Options{Service: n.service, Entrance: pages, Secure: b.Secure, Log: b.Log, Address: n.address})
	pages.Waiting, n.shown = p, pages
	part.Jobs[keysKind] = func(ctx context.Context, _ *jobs.Task) error { return p.TurnKeys(ctx, false) }
	desk := &identitydesk.Pages{Service: n.service, Frame: b.Frame}
	if b.Agencies != nil {
		desk.Agency = b.Agencies.NameOf
	}
	part.Routes = slices.Concat(pages.Routes(), desk.Routes(), p.Routes())
	part.Nav, part.Home = nav, home
	part.Jobs[outbox.Kind(goodbyeTopic)] = outbox.Handler(goodbyeTopic, func(ctx context.Context, m outbox.Message) error {
		var g identity.Goodbye
		if err := json.Unmarshal(m.Payload, &g); err != nil {
			return jobs.Permanent(fmt.Errorf("read a goodbye: %w", err))
		}
		return p.SayGoodbye(ctx, g)
	})
}

// address is where a request comes from: what X-Forwarded-For says is believed of
// http.trusted_proxies alone, else whoever guesses would give themselves a new address each time.
func (n *Node) address(r *http.Request) string { return n.base.Sessions.Client(r).Address }

// issuer is the address by which services know this authority: as it is set, else the node's
// own, else this machine's name, to which keys of devices can be bound.
func (n *Node) issuer() string {
	switch {
	case n.config.Issuer != "":
		return n.config.Issuer
	case n.base.URL != "":
		return strings.TrimSuffix(n.base.URL, "/")
	}
	return "http://localhost"
}

// goodbyeTopic carries word to clients that a sign-in ended.
const goodbyeTopic = "identity.goodbye"

// goodbyes leaves it in the outbox.
type goodbyes struct{}

// Put writes it in the transaction at hand.
func (goodbyes) Put(ctx context.Context, tx identity.Tx, g identity.Goodbye) error {
	q, ok := identitysql.Within(tx)
	if !ok {
		return errForeignTx
	}
	_, err := outbox.Put(ctx, q, goodbyeTopic, g.Client, g)
	return err
}

// throttleKey derives from the file's key what tries are counted by.
func throttleKey(path string) ([]byte, error) {
	key, err := pki.FileKey(path)
	if err != nil {
		return nil, err
	}
	secret, err := key.Bytes()
	if err != nil {
		return nil, fmt.Errorf("read the key of tries: %w", err)
	}
	const length = 32
	return hkdf.Key(sha256.New, secret, nil, "dean06 identity tries", length)
}

// Service is what people do with identities, for pages, the demo, benchmarks and tests.
func (n *Node) Service() *identity.Service { return n.service }

// Store is where identities are.
func (n *Node) Store() *identitysql.Store { return n.store }
