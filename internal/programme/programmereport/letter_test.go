package programmereport_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/paper"
	"dean06/internal/programme"
	"dean06/internal/programme/programmereport"
)

// TestLetter: it begins with the sentence and its reason, names who is late, and says nothing
// of what nobody knew; no text of it is a code, in either language and either format.
func TestLetter(t *testing.T) {
	t.Parallel()
	texts, err := i18n.Load(programmereport.Messages, programme.Messages, paper.Messages)
	if err != nil {
		t.Fatal(err)
	}
	of := 89
	in := programmereport.In{
		From: "Cơ quan điều phối", Day: clock.MustDate("2022-08-09"), Main: programme.Figure{Value: 21, Of: &of, Note: "Mẫu số là 89, không phải 98."},
		Figures: []programme.Figure{{Name: programme.Words{Vi: "Tin đã phát", En: "Items"}, Value: 104}},
		Levels:  []programme.Part{{Key: "ministry", Count: programme.Count{Done: 2, Overdue: 1}}},
		Say:     func(f *programme.Figure) string { return fmt.Sprint("[", f.Value, "]") },
		Agency:  func(code string) string { return "Cơ quan " + code }, URL: "https://a.example.vn/programme",
	}
	for i := range 17 {
		in.Late = append(in.Late, programme.Part{Key: fmt.Sprint("H", i), Count: programme.Count{Overdue: 20 - i}})
	}
	none := in
	none.Main, none.Figures, none.Levels, none.Late = programme.Figure{Note: "x"}, nil, nil, nil
	for _, lang := range []i18n.Lang{i18n.Vi, i18n.En} {
		p := texts.In(lang)
		letter := programmereport.Letter(p, in)
		if len(letter.To) != 2 { // each recipient has a line (Nghị định 30, phụ lục I, II.6)
			t.Errorf("%s: to %q", lang, letter.To)
		}
		text := fmt.Sprintf("%+v", letter)
		for _, part := range []string{"[21]", "không phải 98", "[104]", "Cơ quan H0", "Cơ quan H14"} {
			if !strings.Contains(text, part) {
				t.Errorf("%s: no %q in %s", lang, part, text)
			}
		}
		if strings.Contains(text, "Cơ quan H15") || strings.Contains(text, "programme.letter") {
			t.Errorf("%s: %s", lang, text)
		}
		if text := fmt.Sprintf("%+v", programmereport.Letter(p, none)); strings.Contains(text, "[<nil>]") || strings.Contains(text, "Head:[{") {
			t.Errorf("%s: what nobody knew is told: %s", lang, text)
		}
		for format, begins := range map[string]string{"docx": "PK", "pdf": "%PDF"} {
			for _, in := range []programmereport.In{in, none} {
				raw, err := programmereport.Written(p, in, format)
				if err != nil || !bytes.HasPrefix(raw, []byte(begins)) {
					t.Errorf("%s %s: %v", lang, format, err)
				}
			}
		}
	}
	if _, err := programmereport.Written(texts.In(i18n.Vi), in, "odt"); fault.Of(err) != fault.NotFound {
		t.Errorf("odt: %v", err)
	}
}
