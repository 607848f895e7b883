package readiness_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/readiness"
)

func dataFile(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile("../../data/readiness/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestCampaigns488And1877(t *testing.T) {
	t.Parallel()
	all, err := readiness.LoadCampaigns(dataFile(t, "campaigns.json"))
	if err != nil {
		t.Fatal(err)
	}
	tpl := appendix488(t)
	type facts struct {
		ID, Number, Issued, Due, Previous string
		Round, Ministries, Provinces      int
	}
	var got []facts
	for _, c := range all {
		f := facts{c.ID, c.Number, c.Issued.String(), c.Due.String(), c.Previous, c.Round, 0, 0}
		for _, a := range c.Recipients.Agencies {
			switch a[0] {
			case 'G':
				f.Ministries++
			case 'H':
				f.Provinces++
			}
		}
		if c.Template != tpl.Ref() {
			t.Errorf("campaign %s has template %s, want %s", c.ID, c.Template, tpl.Ref())
		}
		if c.Recipients.Has("G01") || c.Recipients.Has("G11") || !c.Recipients.Has("H55") {
			t.Errorf("campaign %s: G01 and G11 are not expected to answer, H55 is", c.ID)
		}
		got = append(got, f)
	}
	want := []facts{
		{"488", "488/BTTTT-CĐSQG", "2023-02-15", "2023-02-28", "", 0, 20, 63},
		{"1877", "1877/BTTTT-CĐSQG", "2023-05-22", "2023-06-20", "488", 3, 20, 63},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestLoadCampaignsNamesTheLine(t *testing.T) {
	t.Parallel()
	raw := string(dataFile(t, "campaigns.json"))
	for name, c := range map[string]struct{ old, new, want string }{
		"syntax":        {`"id": "488",`, `"id": "488"`, "line 4"},
		"unknown field": {`"due": "2023-02-28"`, `"deu": "2023-02-28"`, "deu"},
		"no such day":   {`"due": "2023-02-28"`, `"due": "2023-02-30"`, "2023-02-30"},
		"due too early": {`"due": "2023-02-28"`, `"due": "2023-01-28"`, "campaign.wrong.due"},
		"twice":         {`"id": "1877"`, `"id": "488"`, "stands twice"},
		"order":         {`"previous": "488"`, `"previous": "489"`, "not above it"},
		"kind":          {`"kinds": ["ministry", "province"]`, `"kinds": ["ministry", "town"]`, `wrong.kinds kind=town`},
		"excluded":      {`"exclude": ["G01", "G11"]`, `"exclude": ["G01", "G02"]`, "recipient_excluded agency=G02"},
		"schedule":      {`"days": -3`, `"days": -9`, "wrong.schedule"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			broken := strings.Replace(raw, c.old, c.new, 1)
			if broken == raw {
				t.Fatal("nothing replaced")
			}
			_, err := readiness.LoadCampaigns([]byte(broken))
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "line ") {
				t.Errorf("got %v, want a line number and %q", err, c.want)
			}
		})
	}
}

func TestResolveRecipients(t *testing.T) {
	t.Parallel()
	there := []readiness.Agency{
		{Code: "H01", Kind: readiness.Province},
		{Code: "G02", Kind: readiness.Ministry},
		{Code: "G01", Kind: readiness.Ministry},
		{Code: "G24", Kind: readiness.GovernmentAgency},
		{Code: "H01", Kind: readiness.Province},
	}
	set := readiness.RecipientSet{Kinds: []string{readiness.Ministry, readiness.Province}, Exclude: []string{"G01"}}
	if d := cmp.Diff([]string{"G02", "H01"}, set.Resolve(there).Agencies); d != "" {
		t.Error(d)
	}
}
