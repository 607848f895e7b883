package readinessnode_test

import (
	"context"
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/readiness"
)

// expected is what the sample returns were made to add up to.
type expected struct {
	Ministries map[string]int             `json:"ministries"`
	Provinces  map[string]int             `json:"provinces"`
	Agencies   map[string]map[string]bool `json:"agencies"`
}

func expectations(t *testing.T) map[string]expected {
	t.Helper()
	raw, err := os.ReadFile("../../../data/demo/appendix-488/expected.json")
	if err != nil {
		t.Fatal(err)
	}
	byYear := map[string]expected{}
	if err := json.Unmarshal(raw, &byYear); err != nil {
		t.Fatal(err)
	}
	return map[string]expected{"488": byYear["2022"], "1877": byYear["2023"]}
}

func TestBothRoundsGiveThePublishedFigures(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := context.Background()
		n := demoOn(t, db)
		for campaign, want := range expectations(t) {
			// As known now; as true on a past day after the provinces were merged; as known when the round was over.
			for name, q := range map[string]readiness.Question{
				"now":           {},
				"before reform": {TrueOn: clock.MustDate("2025-06-30")},
				"after reform":  {TrueOn: clock.MustDate("2025-07-02"), Geography: clock.MustDate("2023-02-15")},
				"known then":    {KnownOn: clock.MustDate("2023-06-30")},
			} {
				q.Campaign = campaign
				checkFigures(t, n, campaign+" "+name, q, want)
			}
			checkAgencies(t, n, campaign, want)
		}
		before, err := n.Register().Figures(ctx, leader, readiness.Question{Campaign: "488", KnownOn: clock.MustDate("2023-02-16")})
		if err != nil {
			t.Fatal(err)
		}
		if got := len(before.Provinces.Answered); got != 0 {
			t.Errorf("%d provinces known before the first return came in, want 0", got)
		}
	})
}

func checkFigures(t *testing.T, n *opened, name string, q readiness.Question, want expected) {
	t.Helper()
	f, err := n.Register().Figures(context.Background(), leader, q)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	raw, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	var got expected
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.Ministries, got.Ministries); diff != "" {
		t.Errorf("%s: ministries (-want +got):\n%s", name, diff)
	}
	if diff := cmp.Diff(want.Provinces, got.Provinces); diff != "" {
		t.Errorf("%s: provinces (-want +got):\n%s", name, diff)
	}
}

func checkAgencies(t *testing.T, n *opened, campaign string, want expected) {
	t.Helper()
	b, err := n.Register().Statements(context.Background(), leader, readiness.Question{Campaign: campaign})
	if err != nil {
		t.Fatal(err)
	}
	byCode := map[string]readiness.Statement{}
	for _, s := range b.Statements {
		byCode[s.Agency] = s
	}
	for name, components := range want.Agencies {
		found := n.agencies.Find(name, b.Campaign.Recipients.On)
		if !found.Sure {
			t.Errorf("%s: not sure who %q is", campaign, name)
			continue
		}
		for component, met := range components {
			if got := byCode[found.Matches[0].Agency.Code].Meets(component); got != met {
				t.Errorf("%s: %s meets %s: %v, want %v", campaign, name, component, got, met)
			}
		}
	}
}

// The figures of 34 provinces: each unit stands for those that were merged into it.
func (o *opened) geographyOf34Provinces(t *testing.T) {
	ctx := t.Context()
	all, err := o.Register().Statements(ctx, leader, readiness.Question{Campaign: "1877", Geography: clock.MustDate("2025-07-01")})
	if err != nil {
		t.Fatal(err)
	}
	provinces, behind := 0, 0
	for _, s := range all.Statements {
		if s.Kind != readiness.Province {
			continue
		}
		provinces++
		behind += max(1, len(s.From))
		for _, f := range s.From {
			if s.Meets("network") && !f.Meets("network") {
				t.Errorf("%s meets network, but %s in it does not", s.Name, f.Name)
			}
		}
	}
	if provinces != 34 || behind != 63 {
		t.Errorf("%d provinces for %d of before, want 34 for 63", provinces, behind)
	}
}
