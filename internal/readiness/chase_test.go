package readiness_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/platform/clock"
	"dean06/internal/readiness"
)

func TestChase(t *testing.T) {
	t.Parallel()
	all, err := readiness.LoadCampaigns(dataFile(t, "campaigns.json"))
	if err != nil {
		t.Fatal(err)
	}
	c := all[0] // issued 15/02/2023, due 28/02/2023
	for name, tc := range map[string]struct {
		on    string
		state readiness.State
		sent  []string
		late  int
		key   string
		next  string
	}{
		"before the letter":          {"2023-02-10", readiness.NotStarted, nil, 0, "", ""},
		"nothing due yet":            {"2023-02-20", readiness.NotStarted, nil, 0, "", "-7"},
		"a week before":              {"2023-02-21", readiness.NotStarted, nil, 0, "488/H55/-7", "-3"},
		"sent already":               {"2023-02-22", readiness.Drafted, []string{"-7"}, 0, "", "-3"},
		"the next one":               {"2023-02-25", readiness.Drafted, []string{"-7"}, 0, "488/H55/-3", "-1"},
		"two missed: only the last":  {"2023-02-27", readiness.Drafted, nil, 0, "488/H55/-1", "+1"},
		"on the day itself":          {"2023-02-28", readiness.Drafted, []string{"-7", "-3", "-1"}, 0, "", "+1"},
		"one day late":               {"2023-03-01", readiness.SentBack, []string{"-7", "-3", "-1"}, 1, "488/H55/+1", "+7"},
		"withdrawn is not handed in": {"2023-03-07", readiness.Withdrawn, []string{"+1"}, 7, "488/H55/+7", "+14"},
		"after the last step":        {"2023-06-01", readiness.NotStarted, []string{"+30"}, 93, "", ""},
		"handed in, late or not":     {"2023-06-01", readiness.Submitted, nil, 0, "", ""},
		"accepted":                   {"2023-06-01", readiness.Accepted, nil, 0, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := readiness.Standing{Agency: readiness.Agency{Code: "H55"}, State: tc.state, Sent: tc.sent}
			got := readiness.Chase(c, clock.MustDate(tc.on), []readiness.Standing{s})[0]
			next := ""
			if got.Next != nil {
				next = got.Next.Key()
			}
			if got.Late != tc.late || got.Key(c.ID) != tc.key || next != tc.next {
				t.Errorf("late %d, due %q, next %q; want %d, %q, %q", got.Late, got.Key(c.ID), next, tc.late, tc.key, tc.next)
			}
			if got.Due == nil {
				return
			}
			// Once sent, the same list has nothing due.
			s.Sent = append(s.Sent, got.Due.Key())
			if again := readiness.Chase(c, clock.MustDate(tc.on), []readiness.Standing{s})[0]; again.Due != nil {
				t.Errorf("%s is due again after it was sent", again.Key(c.ID))
			}
		})
	}
}

func TestChaseOrder(t *testing.T) {
	t.Parallel()
	c := readiness.Campaign{ID: "488", Issued: clock.MustDate("2023-02-15"), Due: clock.MustDate("2023-02-28")}
	var got []string
	for _, ch := range readiness.Chase(c, clock.MustDate("2023-03-02"), []readiness.Standing{
		{Agency: readiness.Agency{Code: "H01"}, State: readiness.Accepted},
		{Agency: readiness.Agency{Code: "H02"}, State: readiness.NotStarted},
		{Agency: readiness.Agency{Code: "H03"}, State: readiness.Submitted, Problems: 2},
		{Agency: readiness.Agency{Code: "H04"}, State: readiness.Drafted},
	}) {
		line := ch.Agency.Code
		if ch.Incomplete {
			line += " incomplete"
		}
		got = append(got, line)
	}
	if d := cmp.Diff([]string{"H02", "H04", "H01", "H03 incomplete"}, got); d != "" {
		t.Error(d)
	}
}
