package readinessdocx_test

import (
	"strings"
	"testing"

	"dean06/internal/readiness/readinessdocx"

	"github.com/google/go-cmp/cmp"
)

// A return that the coordinator entered for its agency says so on paper; the line is no
// answer, and is read as none.
func TestEnteredReturnSaysSo(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	want, _ := readFile(t, tpl, root+"demo/appendix-488/round-2023/ubnd-tinh-thai-nguyen.docx")
	plain := write(t, tpl, &want, readinessdocx.Options{})
	want.EnteredFrom = "ban-quet (488-BTTTT, Bộ Y tế).pdf"
	raw := write(t, tpl, &want, readinessdocx.Options{})
	const mark = "Nơi nhận nhập thay từ bản gốc"
	said := func(raw []byte) (found bool) {
		repack(t, raw, func(name, text string) string {
			found = found || name == "word/document.xml" && strings.Contains(text, mark)
			return text
		})
		return found
	}
	if said(plain) || !said(raw) {
		t.Errorf("the mark stands on its own return: %v, on another's: %v", said(raw), said(plain))
	}
	want.EnteredFrom = ""
	for name, paper := range map[string][]byte{"whole": raw, "by the paper alone": withoutHidden(t, raw)} {
		got, problems := read(t, tpl, paper)
		got.EnteredFrom = ""
		if diff := cmp.Diff(want, got, sameAnswers); diff != "" || len(problems) > 0 {
			t.Errorf("%s (-want +got): %s%v", name, diff, problems)
		}
	}
}
