package population_test

import (
	"slices"
	"strings"
	"testing"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
	"dean06/internal/population"
)

// TestSearchByCard: the code of a card finds its holder and says what differs from the
// register; one that is cut or damaged says what could not be read.
func TestSearchByCard(t *testing.T) {
	t.Parallel()
	const whole = "001090000001|012345678|Nguyễn Văn Thử|01011990|Nam|Số 1 phố Thử, Phúc Xá, Ba Đình, Hà Nội|01052021"
	const all = "number:fits old_number:fits name:fits birth:fits sex:fits permanent:fits"
	for _, tt := range []struct {
		name, text string
		who        citizen.Number
		verdicts   string
		lost       []string
	}{
		{name: "whole", text: whole, who: thu, verdicts: all},
		{name: "typed by a reader", text: " " + whole + "\r\n", who: thu, verdicts: all},
		{name: "of a newer card", text: whole + "||Nguyễn Văn Cha|Trần Thị Mẹ|", who: thu, verdicts: all},
		{name: "bars of full width", text: strings.ReplaceAll(whole, "|", "｜"), who: thu, verdicts: all},
		{
			name: "under today's names", who: thu, verdicts: "number:fits name:fits birth:fits sex:fits permanent:fits",
			text: "001090000001||NGUYỄN VĂN THỬ|01011990|Nam|Số 2 phố Mới, Hồng Hà, Hà Nội|01052021",
		},
		{
			name: "all differs", who: thu,
			text:     "001090000001|111222333|Nguyễn Văn Thư|02011990|Nữ|Tổ 5, Bến Nghé, Quận 1, Thành phố Hồ Chí Minh|01052021",
			verdicts: "number:fits old_number:differs name:differs birth:differs sex:differs permanent:differs",
		},
		{
			name: "an address that names no commune", who: thu, text: "001090000001|012345678|Nguyễn Văn Thử|01011990|Nam|Số 1, Hà Nội|01052021",
			verdicts: strings.Replace(all, "permanent:fits", "permanent:unclear", 1),
		},
		{
			name: "a number that nobody has, an old one that somebody has", who: thu,
			text:     "001090000099|012345678|Nguyễn Văn Thử|01011990|Nam||01052021",
			verdicts: "number:differs old_number:fits name:fits birth:fits sex:fits permanent:unclear",
		},
		{
			name: "cut in the name", text: "001090000001|012345678|Nguyễn V", who: thu, lost: []string{"Nguyễn V"},
			verdicts: "number:fits old_number:fits name:unclear birth:unclear sex:unclear permanent:unclear",
		},
		{
			name: "letters lost on the way", who: thu, lost: []string{"Nguy?n V?n Th?", "N?"},
			text:     "001090000001|012345678|Nguy?n V?n Th?|01011990|N?|Phúc Xá, Ba Đình, Hà Nội|01052021",
			verdicts: "number:fits old_number:fits name:unclear birth:fits sex:unclear permanent:fits",
		},
		{
			name: "a day that is none", who: thu, lost: []string{"31021990"}, verdicts: strings.Replace(all, "birth:fits", "birth:unclear", 1),
			text: "001090000001|012345678|Nguyễn Văn Thử|31021990|Nam|Phúc Xá, Ba Đình, Hà Nội|01052021",
		},
		{
			name: "nobody", text: "001090000099||Nguyễn Văn Thử|01011990|Nam|Hà Nội|01052021",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, m := village()
			found, err := r.Search(t.Context(), atDesk(), population.Query{Text: tt.text})
			if err != nil || found.Card == nil || found.Card.Whole != (len(tt.lost) == 0) {
				t.Fatalf("found = %+v, %v", found, err)
			}
			var verdicts []string
			for _, f := range found.Card.Fields {
				verdicts = append(verdicts, string(f.Field)+":"+string(f.Verdict))
			}
			if got := strings.Join(verdicts, " "); got != tt.verdicts {
				t.Errorf("verdicts = %s, want %s", got, tt.verdicts)
			}
			if !slices.Equal(found.NotUnderstood, tt.lost) {
				t.Errorf("not understood = %q, want %q", found.NotUnderstood, tt.lost)
			}
			if tt.who.IsZero() != (len(found.People) == 0) || len(found.People) > 0 && found.People[0].Number != tt.who {
				t.Errorf("people = %+v, want %s", found.People, tt.who)
			}
			if got := m.last(); got.Service != population.ServiceSearch || len(got.subjects) != len(found.People) {
				t.Errorf("logged %+v", got)
			}
		})
	}
	r, _ := village()
	for _, text := range []string{"00109000000|1|Nguyễn", "|||", "Nguyễn|Văn|Thử"} {
		if _, err := r.Search(t.Context(), atDesk(), population.Query{Text: text}); fault.Of(err) != fault.Invalid || faults(err) != "text:search.card" {
			t.Errorf("%q: %v, want that it is no card's code", text, err)
		}
	}
}
