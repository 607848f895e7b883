package rawcode_test

import (
	"slices"
	"testing"

	"dean06/internal/platform/i18n"
	"dean06/test/rawcode"
)

// The words come from the source: keys, states, permissions, tables and the data of forms
// are found; what people write and read is not.
func TestFind(t *testing.T) {
	t.Parallel()
	words, err := rawcode.Load("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		lang i18n.Lang
		text string
		want []string
	}{
		{i18n.Vi, "Báo cáo accepted", []string{"accepted"}},
		{i18n.En, "The return was accepted.", nil},
		{i18n.En, "batch_item …82f1 state=accepted; version=1", []string{"state=accepted", "version=1", "batch_item"}},
		{i18n.Vi, "Mức: not_met.", []string{"not_met"}},
		{i18n.En, "procedure_system, onestop_equipment (needs_review)", []string{"procedure_system", "onestop_equipment", "needs_review"}},
		{i18n.Vi, "[readiness.nothing.here]", []string{"[readiness.nothing.here]"}},
		{i18n.Vi, "Lý do: readiness.problem.no_year", []string{"readiness.problem.no_year"}},
		{i18n.Vi, "quyền readiness.accept_return", []string{"readiness.accept_return"}},
		{i18n.En, "01a22e2c-af22-7cd2-81aa-54d2f3e6f7d2", []string{"01a22e2c-af22-7cd2-81aa-54d2f3e6f7d2"}},
		{i18n.Vi, "Gửi {agency} %!d(string=x) map[a:b] NaN", []string{"{agency}", "%!", "map[", "NaN"}},
		{i18n.Vi, "Mục 5.2-b, tệp khong_ro.docx, thư levan@baclieu.example.vn, số 488/BTTTT-CĐSQG, Word, e-mail, 1.001193, http://127.0.0.1:9/x?a=b", nil},
		{i18n.En, "Section 5.2-b, file not_met.docx, by e-mail; 12.5 %, 3/4", nil},
	} {
		if got := words.Find(tt.lang, tt.text); !slices.Equal(got, tt.want) {
			t.Errorf("%s %q: found %q, want %q", tt.lang, tt.text, got, tt.want)
		}
	}
}
