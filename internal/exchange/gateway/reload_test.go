package gateway_test

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangesql"
	"dean06/internal/exchange/gateway"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/xroad"
)

// TestRightsOfAnotherProcess: what another process gives and ends in the same database counts
// a moment later, without being told.
func TestRightsOfAnotherProcess(t *testing.T) {
	t.Parallel()
	c := newCountry(t)
	authority := c.join("G01-1", dancu, func(n *node) { n.settings.RefreshEvery = time.Hour })
	province := c.join("H55-1", tthc, nil)
	authority.offer(t, exchange.LocalService{ID: match, OwnFields: true}, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	province.wants(t, xroad.AccessDenied)
	become := func(want xroad.Code) {
		t.Helper()
		for range 600 {
			if a := province.call(t, http.MethodGet, matchPath, nil); a.code() == string(want) {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
		province.wants(t, want)
	}
	id := sqldb.NewID()
	right := exchange.Right{
		ID: id, Subject: tthc, Service: match, LegalBasis: "Nghị định 107/2021/NĐ-CP", From: clock.MustDate("2020-01-01"), Fields: []string{"*"},
		GivenBy: "an", GivenAt: authority.clock.Now(),
	}
	if err := authority.store.GiveRight(t.Context(), right); err != nil {
		t.Fatal(err)
	}
	become("")
	if err := authority.store.EndRight(t.Context(), id, "an", authority.clock.Now()); err != nil {
		t.Fatal(err)
	}
	become(xroad.AccessDenied)
}

// slowReader holds back one answer about rights that has been read already.
type slowReader struct {
	gateway.Store
	hold    atomic.Bool
	read    chan struct{}
	release chan struct{}
}

// Rights are those of now, told later.
func (s *slowReader) Rights(ctx context.Context, ended bool) ([]exchange.Right, error) {
	all, err := s.Store.Rights(ctx, ended)
	if s.hold.CompareAndSwap(true, false) {
		close(s.read)
		<-s.release
	}
	return all, err
}

// TestAnEndedRightStaysEnded reads the rights while one ends: what was read before does
// not replace what was read after.
func TestAnEndedRightStaysEnded(t *testing.T) {
	t.Parallel()
	c := newCountry(t)
	db := sqldbtest.OpenSQLite(t)
	if err := errors.Join(audit.Migrate(t.Context(), db), exchangesql.Migrate(t.Context(), db)); err != nil {
		t.Fatal(err)
	}
	store := exchangesql.New(db, c.clock)
	slow := &slowReader{Store: store, read: make(chan struct{}), release: make(chan struct{})}
	authority := c.join("G01-1", dancu, func(n *node) { n.settings.Store, n.settings.RefreshEvery = slow, time.Hour })
	province := c.join("H55-1", tthc, nil)
	authority.offer(t, exchange.LocalService{ID: match, OwnFields: true}, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	id := sqldb.NewID()
	authority.give(t, exchange.Right{ID: id, Subject: tthc, Service: match})
	province.wants(t, "")

	slow.hold.Store(true)
	first, second := make(chan error, 1), make(chan error, 1)
	go func() { first <- authority.ReloadRights(t.Context()) }()
	<-slow.read
	if err := store.EndRight(t.Context(), id, "an", authority.clock.Now()); err != nil {
		t.Fatal(err)
	}
	go func() { second <- authority.ReloadRights(t.Context()) }()
	select {
	case err := <-second: // it did not wait for the first
		second <- err
	case <-time.After(50 * time.Millisecond):
	}
	close(slow.release)
	for _, ended := range []chan error{first, second} {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	province.wants(t, xroad.AccessDenied)
}
