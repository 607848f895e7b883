package readiness_test

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/platform/clock"
	"dean06/internal/readiness"
)

// Row 5 is answered for the systems that something is known of; one that the return does not
// have is declared, and what was answered elsewhere stays.
func TestAnswerSecurity(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	procedure := readiness.System{ID: "p", Name: "Cổng", Kind: readiness.SystemProcedure}
	poor := readiness.System{ID: "q", Name: "Hộ nghèo", Kind: readiness.SystemOther}
	ret := readiness.SetSystems(tpl, readiness.Return{}, readiness.Province, []readiness.System{procedure, poor})
	for i := range ret.Answers {
		ret.Answers[i].Note = "đã ghi " + ret.Answers[i].Row
		if ret.Answers[i].SystemID == "q" {
			ret.Answers[i].Compliance = "not_met"
		}
	}
	decision := &readiness.LetterRef{Number: "12/QĐ-UBND", Date: clock.MustDate("2026-11-01")}
	got := readiness.AnswerSecurity(tpl, ret, readiness.Province, []readiness.SecurityAnswer{
		{System: procedure, Dossier: "approved", Decision: decision, Compliance: "partially_met", Unmet: []string{"WAF"}},
		{System: readiness.System{ID: "a1", Name: "Y tế", Unit: "Sở Y tế"}, Dossier: "submitted", Compliance: "met", Unmet: []string{"x"}},
	})
	type answer struct {
		Compliance, Note string
		Unmet            []string
		Decision         string
	}
	said := map[string]answer{}
	for _, a := range got.Answers {
		x := answer{a.Compliance, a.Note, a.Unmet, ""}
		if a.Decision != nil {
			x.Decision = a.Decision.Number
		}
		said[a.Row] = x
	}
	want := map[string]answer{
		"1.1": {"", "đã ghi 1.1", nil, ""}, "1.2": {"not_met", "đã ghi 1.2", nil, ""}, "1.3": {}, "2": {"", "đã ghi 2", nil, ""},
		"4.1":   {"", "đã ghi 4.1", nil, ""},
		"5.1-a": {"approved", "đã ghi 5.1-a", nil, "12/QĐ-UBND"}, "5.1-b": {"partially_met", "đã ghi 5.1-b", []string{"WAF"}, ""},
		"5.2-a": {"not_met", "đã ghi 5.2-a", nil, ""}, "5.2-b": {"not_met", "đã ghi 5.2-b", nil, ""},
		"5.3-a": {"submitted", "", nil, ""}, "5.3-b": {"met", "", nil, ""},
	}
	for row, w := range want {
		if diff := cmp.Diff(w, said[row]); diff != "" {
			t.Errorf("%s:\n%s", row, diff)
		}
	}
	if n := len(got.Systems); n != 3 || got.Systems[2].Kind != readiness.SystemOther {
		t.Errorf("%+v", got.Systems)
	}
	again := readiness.AnswerSecurity(tpl, got, readiness.Province, []readiness.SecurityAnswer{
		{System: procedure, Dossier: "approved", Decision: decision, Compliance: "partially_met", Unmet: []string{"WAF"}},
	})
	if !reflect.DeepEqual(got, again) {
		t.Errorf("a second click changed something:\n%+v", again)
	}
}
