package eventsql_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/exchange/events"
	"dean06/internal/exchange/eventsql"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/xroad"
)

var _ events.Targets = (*eventsql.Store)(nil)

func TestStore(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := context.Background()
		s := eventsql.New(db, clock.System{})
		if err := s.Migrate(ctx); err != nil {
			t.Fatal(err)
		}
		odd := xroad.ID{Instance: "VN", Class: "GOV", Member: "H/55", Subsystem: "Một cửa"}
		room := xroad.MustID("VN/GOV/G01/DANCU")
		for _, url := range []string{"http://127.0.0.1:1/a", "http://127.0.0.1:1/b"} {
			if err := s.Save(ctx, odd, room, "birth", url); err != nil {
				t.Fatal(err)
			}
		}
		all := func() []string {
			got := []string{}
			if err := s.Each(ctx, func(client, r xroad.ID, eventType, url string) error {
				if client != odd || r != room {
					t.Errorf("got %s %s", client, r)
				}
				got = append(got, eventType+" "+url)
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			return got
		}
		if diff := cmp.Diff([]string{"birth http://127.0.0.1:1/b"}, all()); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
		for range 2 {
			if err := s.Drop(ctx, odd, room, "birth"); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff([]string{}, all()); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	})
}
