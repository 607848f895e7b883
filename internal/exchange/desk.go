package exchange

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/health"
	"dean06/internal/xroad"
)

// Running is a gateway that takes part.
type Running interface {
	Status(ctx context.Context) (Status, error)
	// Doctor really tries everything.
	Doctor(ctx context.Context) []health.Finding
	// ReloadRights takes in services, rights and groups that were changed.
	ReloadRights(ctx context.Context) error
	// Apply asks the centre for a change of its catalogue.
	Apply(ctx context.Context, a Application) (Application, error)
	// RenewNow asks the centre for the next certificate; renewed is false when it is not due.
	RenewNow(ctx context.Context) (renewed bool, err error)
	// Directory is the configuration in use; nil while there is none.
	Directory() *Directory
}

// DeskParts is what a Desk is made of.
type DeskParts struct {
	Store GatewayStore
	Log   Archive
	Clock clock.Clock
	NewID func() string
	// Second asks a second person. Without it only the program itself gives rights.
	Second Second
	// Groups asks a second person for who joins a group; nil where there is none.
	Groups SecondForGroups
	// Restores asks a second person to acknowledge a restore; nil where there are none.
	Restores Restores
	// Running is the gateway; nil, or giving nil, before the node has joined.
	Running func() Running
	// Stamp verifies a time-stamp token over data, by the authorities that count.
	Stamp func(token, data []byte, authorities [][]byte) (time.Time, error)
	// Local keeps the certificates of the agency's own systems, and Outside are the
	// subsystems as which these may speak.
	Local   LocalStore
	Outside func(ctx context.Context) []xroad.ID
	// Fields are the codes of what a service can answer; none when it does not say.
	Fields func(service xroad.ID) []string
}

// Desk is where the owner of a gateway works: what is offered, who may ask for it, what
// went through it. Each method asks Permissions about who acts, whatever its caller: a
// page, a command or the program.
type Desk struct{ at DeskParts }

// NewDesk makes it.
func NewDesk(p DeskParts) *Desk { return &Desk{p} }

var (
	errNotJoined = fault.New(fault.Unavailable, "exchange.gateway.not_joined", nil)
	errNoService = fault.New(fault.NotFound, "exchange.service.not_found", nil)
	errNoRight   = fault.New(fault.NotFound, "exchange.right.not_found", nil)
)

// running is the gateway. It fails with Unavailable before the node has joined.
func (d *Desk) running() (Running, error) {
	if d.at.Running != nil {
		if g := d.at.Running(); g != nil {
			return g, nil
		}
	}
	return nil, errNotJoined
}

// enter asks the table, and puts who acts into the context for the audit log.
func enter(ctx context.Context, by actor.Actor, do Action) (context.Context, error) {
	return actor.With(ctx, by), Permissions.Can(by, do)
}

// reload makes the gateway take in what was changed; before a join it has nothing to take.
func (d *Desk) reload(ctx context.Context) error {
	g, err := d.running()
	if err != nil {
		return nil //nolint:nilerr // there is no gateway yet, and it reads all when it begins
	}
	return g.ReloadRights(ctx)
}

// Directory is the configuration in use, which every gateway knows; nil while there is none.
func (d *Desk) Directory() *Directory {
	g, err := d.running()
	if err != nil {
		return nil
	}
	return g.Directory()
}

// Status says how the gateway is. It fails with Unavailable before the node has joined.
func (d *Desk) Status(ctx context.Context, by actor.Actor) (Status, error) {
	if err := Permissions.Can(by, ActRead); err != nil {
		return Status{}, err
	}
	g, err := d.running()
	if err != nil {
		return Status{}, err
	}
	return g.Status(ctx)
}

// Doctor tries everything that the gateway needs.
func (d *Desk) Doctor(ctx context.Context, by actor.Actor) ([]health.Finding, error) {
	if err := Permissions.Can(by, ActRead); err != nil {
		return nil, err
	}
	g, err := d.running()
	if err != nil {
		//nolint:nilerr // that is what was found
		return []health.Finding{{Check: "configuration", Level: health.Failing, Key: errNotJoined.Key}}, nil
	}
	return g.Doctor(ctx), nil
}

// Services lists what is offered here.
func (d *Desk) Services(ctx context.Context, by actor.Actor) ([]LocalService, error) {
	if err := Permissions.Can(by, ActRead); err != nil {
		return nil, err
	}
	return d.at.Store.Services(ctx)
}

// Service finds one by subsystem and code. It fails with NotFound.
func (d *Desk) Service(ctx context.Context, by actor.Actor, subsystem, code string) (LocalService, error) {
	list, err := d.Services(ctx, by)
	if err != nil {
		return LocalService{}, err
	}
	i := slices.IndexFunc(list, func(s LocalService) bool { return s.ID.Subsystem == subsystem && s.ID.Service == code })
	if i < 0 {
		return LocalService{}, errNoService
	}
	return list[i], nil
}

func (d *Desk) service(ctx context.Context, id xroad.ID) (LocalService, bool, error) {
	list, err := d.at.Store.Services(ctx)
	i := slices.IndexFunc(list, func(s LocalService) bool { return s.ID == id })
	if err != nil || i < 0 {
		return LocalService{}, false, err
	}
	return list[i], true, nil
}

// Subsystems are those for which the gateway speaks.
func (d *Desk) Subsystems(ctx context.Context, by actor.Actor) ([]xroad.ID, error) {
	s, err := d.Status(ctx, by)
	dir := d.Directory()
	if err != nil || dir == nil {
		return nil, err
	}
	g, _ := dir.Gateway(s.Gateway)
	return g.Subsystems, nil
}

// Offer adds a service of the agency. It fails with a fault.List that names the fields,
// and with Conflict when the service is there.
func (d *Desk) Offer(ctx context.Context, by actor.Actor, s LocalService) error {
	ctx, err := enter(ctx, by, ActOffer)
	if err != nil {
		return err
	}
	if err := d.offerable(ctx, by, s); err != nil {
		return err
	}
	if err := d.at.Store.SaveService(ctx, s); err != nil {
		return err
	}
	return d.reload(ctx)
}

func (d *Desk) offerable(ctx context.Context, by actor.Actor, s LocalService) error {
	if err := s.Check(); err != nil {
		return err
	}
	if s.URL == "" {
		return fault.New(fault.Invalid, "exchange.service.url", nil).At("url")
	}
	own, err := d.Subsystems(ctx, by)
	if err != nil {
		return err
	}
	if !slices.Contains(own, s.ID.SubsystemID()) {
		return fault.New(fault.Invalid, "exchange.service.no_subsystem", nil).At("subsystem")
	}
	e := Entry{Kind: ServiceOffered, Key: s.ID.String(), Member: s.ID.MemberID(), Name: s.Name, Type: s.Type}
	if e.Check(s.ID.Instance) != nil {
		return fault.New(fault.Invalid, "exchange.entry.key.service", nil).At("key")
	}
	_, there, err := d.service(ctx, s.ID)
	if err == nil && there {
		err = fault.New(fault.Conflict, "exchange.entry.exists", fault.Args{"key": s.ID.String()}).At("key")
	}
	return err
}

// SaveService changes a service that is offered. It fails with NotFound, and with a
// fault.List that names the fields.
func (d *Desk) SaveService(ctx context.Context, by actor.Actor, s LocalService) error {
	ctx, err := enter(ctx, by, ActOffer)
	if err != nil {
		return err
	}
	old, there, err := d.service(ctx, s.ID)
	if err != nil {
		return err
	}
	if !there {
		return errNoService
	}
	if err := s.Check(); err != nil {
		return err
	}
	if (old.URL == "") != (s.URL == "") { // what the program answers itself stays so
		return fault.New(fault.Invalid, "exchange.service.url", nil).At("url")
	}
	if err := d.at.Store.SaveService(ctx, s); err != nil {
		return err
	}
	return d.reload(ctx)
}

// Provide offers a service that the program answers itself, unless it is there as it
// is. Whether it is switched off is its owner's and stays.
func (d *Desk) Provide(ctx context.Context, by actor.Actor, s LocalService) error {
	ctx, err := enter(ctx, by, ActOffer)
	if err != nil {
		return err
	}
	old, there, err := d.service(ctx, s.ID)
	if err != nil || there && old.Name == s.Name && bytes.Equal(old.OpenAPI, s.OpenAPI) {
		return err
	}
	s.Disabled, s.Notice = old.Disabled, old.Notice
	if err := d.at.Store.SaveService(ctx, s); err != nil {
		return fmt.Errorf("offer %s: %w", s.ID, err)
	}
	return d.reload(ctx)
}

// Apply asks the centre for a change. It fails with Unavailable before the node has
// joined, with Invalid, and as the centre does.
func (d *Desk) Apply(ctx context.Context, by actor.Actor, a Application) (Application, error) {
	if err := Permissions.Can(by, ActOffer); err != nil {
		return a, err
	}
	g, err := d.running()
	if err != nil {
		return a, err
	}
	return g.Apply(ctx, a)
}

// StoredDirectory is the configuration that a gateway has stored, for commands that run
// beside it; nil when there is none.
func StoredDirectory(ctx context.Context, store GatewayStore) (*Directory, error) {
	s, _, ok, err := store.Configuration(ctx)
	if err != nil || !ok {
		return nil, err
	}
	c, err := s.Read()
	if err != nil {
		return nil, err
	}
	return Index(c), nil
}
