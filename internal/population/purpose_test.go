package population_test

import (
	"strings"
	"testing"

	"dean06/internal/platform/fault"
	"dean06/internal/population"
)

// TestMatter: what an officer may give as the reason is chosen, or short, long enough and
// visible.
func TestMatter(t *testing.T) {
	t.Parallel()
	other := func(reason string) population.Matter {
		return population.Matter{Purpose: population.PurposeOther, Reason: reason}
	}
	for name, tt := range map[string]struct {
		m      population.Matter
		field  string // of the fault; "" when it is fine
		logged string
	}{
		"a word of the desk": {population.Matter{Purpose: "card", Dossier: "H55-261121-0007"}, "", "card"},
		"a procedure":        {population.Matter{Purpose: population.PurposeProcedure, Procedure: "1.004222"}, "", "1.004222"},
		"own words":          {other("Đối chiếu theo công văn 12/CV-CA"), "", "other: Đối chiếu theo công văn 12/CV-CA"},
		"nothing":            {population.Matter{}, "purpose", ""},
		"no word of ours":    {population.Matter{Purpose: "vì tò mò"}, "purpose", ""},
		"no procedure":       {population.Matter{Purpose: population.PurposeProcedure}, "procedure", ""},
		"not of the desk":    {population.Matter{Purpose: population.PurposeProcedure, Procedure: "1.000005"}, "procedure", ""},
		"no reason":          {other(""), "reason", ""},
		"short":              {other("việc gấp"), "reason", ""},
		"dots":               {other(strings.Repeat(".", 40)), "reason", ""},
		"long":               {other(strings.Repeat("dài ", 60)), "reason", ""},
		"two lines":          {other("Đối chiếu theo\ncông văn 12"), "reason", ""},
		"turned around":      {other("Đối chiếu \u202etheo công văn"), "reason", ""},
		"zero width":         {other("Đối chiếu\u200b theo công văn"), "reason", ""},
		"a tag":              {other("Đối chiếu \U000e0041 theo công văn"), "reason", ""},
		"long dossier":       {population.Matter{Purpose: "card", Dossier: strings.Repeat("9", 61)}, "dossier", ""},
		"dossier of signs":   {population.Matter{Purpose: "card", Dossier: "---"}, "dossier", ""},
		"hidden in dossier":  {population.Matter{Purpose: "card", Dossier: "H55\u2060-1"}, "dossier", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := tt.m.Check()
			if tt.field == "" {
				if err != nil || tt.m.Logged() != tt.logged {
					t.Errorf("%v, logged as %q, want %q", err, tt.m.Logged(), tt.logged)
				}
				return
			}
			if f := fault.As(err); f == nil || f.Field != tt.field {
				t.Errorf("got %v, want a fault at %s", err, tt.field)
			}
		})
	}
	if reason, ok := population.ReasonOf(other("Đối chiếu theo công văn").Logged()); !ok || reason != "Đối chiếu theo công văn" {
		t.Errorf("reason = %q, %v", reason, ok)
	}
	if _, ok := population.ReasonOf("1.004222"); ok {
		t.Error("a code is taken for a reason")
	}
}
