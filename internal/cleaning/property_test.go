package cleaning

import (
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestRowsElsewhere adds rows to a file. A row that was settled stays so, or says that it is
// open now: never is it another person's.
func TestRowsElsewhere(t *testing.T) {
	t.Parallel()
	file, _ := dirty(t, 1000, "heavy", 21)
	more, _ := dirty(t, 1000, "heavy", 22)
	lines := strings.SplitAfter(strings.TrimSpace(more)+"\n", "\n")[1:]
	want := linked(t, file, country(), Options{})
	for _, tt := range []struct {
		name string
		rows string
	}{
		{"one", lines[0]},
		{"as many again", strings.Join(lines, "")},
		{"itself", strings.SplitN(file, "\n", 2)[1]},
		{"nobody", strings.Repeat("1,Không Có Ai,01/01/1800,Nam,999999999999,không rõ\n", 300)},
		{"rows that cannot be read", strings.Repeat("\"a,b\n,,,,,\nx\n", 200)},
		{"one person, many times", strings.Repeat(lines[7], 300)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := linked(t, file+tt.rows, country(), Options{})
			opened := 0
			for i, w := range want {
				g := got[i]
				switch {
				case g.Number == w.Number:
				case w.Number == "": // what was open may be settled by more to learn from
				case g.Number != "" || g.Outcome != "several" || g.Reasons == "":
					t.Errorf("row %d was %+v and is %+v", i+1, w, g)
				default:
					opened++
				}
			}
			if opened > len(want)/20 {
				t.Errorf("%d of %d settled rows are open now", opened, len(want))
			}
		})
	}
}

// TestTiesStayOpen holds people who are alike against rows of one of them: whatever the order
// of the people, nobody is chosen.
func TestTiesStayOpen(t *testing.T) {
	t.Parallel()
	at := "01/001/00001"
	file, _ := dirty(t, 600, "vaccination", 23)
	lines, err := csv.NewReader(strings.NewReader(file)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	out := csv.NewWriter(&b)
	_ = out.WriteAll(lines)
	alike := make([]string, 0, 40)
	for i := range 20 {
		name := fmt.Sprintf("Khuất Duy Tiến%c", 'a'+rune(i))
		for k := range 2 {
			alike = append(alike, somebody(fmt.Sprintf("0010800%05d", 10*i+k), "", name, "1980-03-04", "1", at))
		}
		_ = out.Write([]string{"x", name, "04/03/1980", "Nam", "", "Phường Phúc Xá, Quận Ba Đình, Thành phố Hà Nội"})
	}
	out.Flush()
	for seed := range uint64(3) {
		rand.New(rand.NewPCG(seed, 1)).Shuffle(len(alike), func(i, j int) { alike[i], alike[j] = alike[j], alike[i] })
		got := linked(t, b.String(), country()+strings.Join(alike, ""), Options{})
		for i, g := range got[len(got)-20:] {
			if g.Number != "" || g.Outcome != "several" {
				t.Errorf("order %d: row %d of two people who are alike is %+v", seed, i, g)
			}
		}
	}
}

// TestOldCodesInOneRow reads names that were copied from elsewhere into a file of today.
func TestOldCodesInOneRow(t *testing.T) {
	t.Parallel()
	head := "Họ và tên,Ngày sinh,Số CCCD\n"
	w := world(t)
	s := source(t, head+"Nguyễn Thị Bích Hà,02/01/1991,001191000001\n"+"NguyÔn ThÞ BÝch Hµ,02/01/1991,001191000001\n"+
		"Nguyá»…n Thá»‹ BÃ\u00adch HÃ\u00a0,02/01/1991,001191000001\n"+"Nguyễn Thị\u00a0Bích Hà,02/01/1991,001191000001\n")
	l, err := LayoutOf(s, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := w.Read(s, l)
	if err != nil {
		t.Fatal(err)
	}
	for i, old := range []bool{false, true, true, false} {
		if !slices.Equal(rows.name(i), rows.name(0)) || rows.notes[i]&oldLetters != 0 != old {
			t.Errorf("row %d: %v, want %v; remarks %b", i+1, rows.name(i), rows.name(0), rows.notes[i])
		}
	}
}
