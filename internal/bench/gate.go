package bench

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangeapi"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/measure"
	"dean06/internal/platform/pki"
	"dean06/internal/xroad"
)

// Gate measures what a right that demands security costs a call: the same calls through the
// same two gateways, once by such a right and once by one that does not, in short turns that
// alternate, so that whatever else the machine does falls on both.
type Gate struct {
	Program  string        // dean06 itself
	Callers  int           // 32 when 0
	Turns    int           // of each of the two; 15 when 0
	For      time.Duration // of a turn
	Body     int           // bytes of a question and of an answer
	Postgres string        // a server on which each node gets a schema; "" is SQLite
}

// The sections of a Gate: a turn of each of the two, and the look-up alone.
const (
	GateOpen   = "open"   // by a right that demands nothing
	GateGated  = "gated"  // by a right that demands security
	GateLookUp = "lookup" // its value is nanoseconds
)

// gatedSystems is how many subsystems the configuration of the look-up alone has facts of.
const gatedSystems = 20_000

// Run measures.
func (o Gate) Run(ctx context.Context) (b Result, err error) {
	if o.Callers == 0 {
		o.Callers = 32
	}
	if o.Turns == 0 {
		o.Turns = 15
	}
	r, end, err := Exchange{Program: o.Program, For: o.For, Body: o.Body, Postgres: o.Postgres}.layOut(ctx)
	if err != nil {
		return b, err
	}
	defer func() { err = errors.Join(err, end()) }()
	r.hub.security = r.consumer.subsystemID().String()
	if err := r.start(ctx); err != nil {
		return b, err
	}
	if err := r.demand(ctx); err != nil {
		return b, err
	}
	service := "http://" + r.consumer.local + "/r1/" + r.provider.subsystemID().String() + "/"
	url := map[string]string{GateOpen: service + "bench", GateGated: service + "gated"}
	body := document(o.Body)
	var last error
	if err := r.consumer.await(ctx, 200*time.Millisecond, func() bool {
		last = r.call(ctx, url[GateGated], body)
		return last == nil
	}); err != nil {
		return b, errors.Join(err, last)
	}
	gateways := map[string]*member{"consumer": r.consumer, "provider": r.provider}
	for i := range o.Turns {
		pair := []string{GateOpen, GateGated}
		if i%2 == 1 { // neither is always the first
			pair[0], pair[1] = pair[1], pair[0]
		}
		for _, name := range pair {
			r.drive(ctx, name, o.Callers, gateways, func(ctx context.Context, _, _ int) error {
				_, answer, err := r.ask(ctx, url[name], body)
				if err == nil && len(answer) != o.Body {
					err = errWrongAnswer
				}
				return err
			})
		}
	}
	r.out.Sections = append(r.out.Sections, Section{Name: GateLookUp, Values: map[string]float64{"ns": lookUp()}})
	r.out.LoadAfter = measure.LoadAverage()
	return r.out, nil
}

// demand gives the right that demands security, and lets the hub hear that the consumer has it.
func (r *exchangeRun) demand(ctx context.Context) error {
	err := r.provider.offer(ctx, "gated", r.backend, r.consumer.subsystemID(), func(right *exchange.Right) { right.Security = true })
	if err != nil {
		return err
	}
	saved, err := exchangeapi.Load(r.consumer.in("gateway"))
	if err != nil {
		return err
	}
	key, err := pki.FileKey(filepath.Join(r.consumer.in("gateway"), exchangeapi.KeyFile))
	if err != nil {
		return err
	}
	now := clock.System{}.Now()
	said := exchange.Security{At: now, Clearances: []exchange.Clearance{
		{ID: r.consumer.subsystemID(), System: "Một cửa", Until: now.AddDate(0, 1, 0), Why: exchange.CheckStale, Detail: "2026-11-01"},
	}}
	if err := exchangeapi.NewMembership(saved, r.consumer.in("gateway"), key, clock.System{}).Clear(ctx, said); err != nil {
		return fmt.Errorf("say how secure the consumer is: %w", err)
	}
	return nil
}

// lookUp is how many nanoseconds the gate's own question takes, in a country with many
// subsystems.
func lookUp() float64 {
	now := clock.System{}.Now()
	cfg := exchange.Configuration{IssuedAt: now, Security: &exchange.Security{At: now}}
	ids := make([]xroad.ID, gatedSystems)
	for i := range ids {
		ids[i] = xroad.ID{Instance: instance, Class: class, Member: "H" + strconv.Itoa(i%63), Subsystem: "S" + strconv.Itoa(i)}
		cfg.Security.Clearances = append(cfg.Security.Clearances, exchange.Clearance{ID: ids[i], Until: now.Add(time.Hour)})
	}
	d := exchange.Index(cfg)
	const rounds = 50
	open := 0
	took := measure.Stopwatch()
	for range rounds {
		for _, id := range ids {
			if d.Clearing(id, now).Open {
				open++
			}
		}
	}
	if open != rounds*gatedSystems {
		return math.NaN()
	}
	return float64(took().Nanoseconds()) / (rounds * gatedSystems)
}
