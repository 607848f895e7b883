package populationsql_test

import (
	"encoding/csv"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/population"
)

// searched are the people of testdata/ways.csv, by the word that stands for them there.
func searched() map[string]population.Person {
	one := func(number, name, birth, place string) population.Person {
		c := strings.Split(place, "/")
		home := population.Place{Province: c[0], District: c[1], Commune: c[2], Country: "VN"}
		n := citizen.MustNumber(number)
		return population.Person{
			Number: n, Name: name, Birth: citizen.MustDay(birth), Sex: n.Sex(), Ethnicity: "01", Religion: "00", Nationality: "VN", Blood: "00",
			Marital: "1", Birthplace: home, Origin: home, Permanent: home, Present: home, Life: population.Alive,
		}
	}
	list := map[string]population.Person{
		"que":    one("066190900011", "Đặng Thị Nguyệt Quế", "1990-11-11", "66//24133"),
		"hhen":   one("066192000001", "H'Hen Niê", "1992-05-21", "66//24133"),
		"ythong": one("066088000001", "Y Thông Êban", "1988-04-04", "66//24133"),
		"kbroi":  one("066190900005", "K'Brôi", "1990-05-05", "66//24133"),
		"duong":  one("001190000015", "Phạm Thị Ánh-Dương", "1990-03-15", "01//00097"),
		"ksor":   one("066190900007", "Ksor H'Nhan", "1990-07-07", "66//24133"),
		"quynh":  one("001095999001", "Phan Văn Quỳnh", "1995-03-03", "01/007/00292"),
		"giang":  one("079185000001", "Trần Thị Hà Giang", "1985-06-07", "79/760/26740"),
		"lan":    one("002170000001", "Lò Thị Lan", "1970-02-02", "02/024/00688"),
		"tam":    one("079066000001", "Võ Văn Tám", "1966-08-08", "79/771/27172"),
		"nam":    one("001177000501", "Lê Thị Năm", "1977", "01/001/00001"),
		"sinh":   one("001077000502", "Trần Văn Sinh", "1977", "01/001/00001"),
		"mai":    one("001177000503", "Nguyễn Thị Phương Mai", "1977", "01/001/00001"),
		"xa":     one("001077000504", "Phạm Xã", "1977", "01/001/00001"),
		"thuys":  one("001180000505", "Trần Thị Thúy", "1980-02-02", "01/001/00001"),
		"thuyh":  one("001181000506", "Trần Thị Thủy", "1981-03-03", "01/001/00001"),
		"inhi":   one("001301000507", "Nguyễn Ý Nhi", "2001-09-09", "01/001/00001"),
	}
	list["thu"] = thuFamily()[0]
	return list
}

// way is a way to write something, who is found first by it ("-": nobody), and which parts
// are said not to be understood.
type way struct{ text, first, lost string }

func ways(t *testing.T) []way {
	t.Helper()
	f, err := os.Open("testdata/ways.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []way
	seen := map[string]bool{}
	for _, r := range rows[1:] {
		if seen[r[0]] {
			t.Errorf("%q is there twice", r[0])
		}
		seen[r[0]] = true
		out = append(out, way{r[0], r[1], r[2]})
	}
	if len(out) < 300 {
		t.Fatalf("%d ways, want 300", len(out))
	}
	return out
}

// village is a register with the people of the ways.
func villageOfWays(t *testing.T, db *sqldb.DB) (*population.Register, map[citizen.Number]string) {
	t.Helper()
	r, _ := register(t, db)
	who := map[citizen.Number]string{}
	var list []population.Person
	for word, p := range searched() {
		who[p.Number] = word
		list = append(list, p)
	}
	if got := load(t, r, list); got.Loaded != len(list) {
		t.Fatalf("load = %+v, want %d people", got, len(list))
	}
	return r, who
}

// TestWaysToWrite: whatever way people write names, numbers, days and places in, who is
// meant is found first, or what was not understood is said.
func TestWaysToWrite(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		r, who := villageOfWays(t, db)
		for _, w := range ways(t) {
			found, err := r.Search(t.Context(), atDesk, population.Query{Text: w.text})
			if err != nil {
				t.Errorf("%q: %v", w.text, err)
				continue
			}
			first := "-"
			if len(found.People) > 0 {
				first = who[found.People[0].Number]
			}
			if lost := strings.Join(found.NotUnderstood, "|"); first != w.first || lost != w.lost {
				t.Errorf("%q: %s, not understood %q; want %s, %q (read as %+v)", w.text, first, lost, w.first, w.lost, found.Understood)
			}
		}
	})
}

// TestWaysAreNotOfBytes: signs that nobody sees, spaces, case and how characters are
// composed change nothing of what is found.
func TestWaysAreNotOfBytes(t *testing.T) {
	t.Parallel()
	r, _ := villageOfWays(t, sqldbtest.OpenSQLite(t))
	// An old encoding is of bytes: written otherwise, it is another text.
	all := slices.DeleteFunc(ways(t), func(w way) bool { return strings.ContainsAny(w.text, "¨§") })
	answer := func(text string) string {
		found, err := r.Search(t.Context(), atDesk, population.Query{Text: text})
		var out []string
		for _, h := range found.People {
			out = append(out, h.Number.Reveal())
		}
		if err != nil {
			out = append(out, fault.As(err).Key)
		}
		return strings.Join(out, " ")
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SampledFrom(all).Draw(t, "way").text
		other := text
		switch rapid.IntRange(0, 4).Draw(t, "change") {
		case 0:
			other = norm.NFD.String(text)
		case 1:
			other = strings.ReplaceAll(text, " ", "  ")
		case 2:
			other = strings.ToUpper(text)
		case 3:
			runes := []rune(text)
			at := rapid.IntRange(0, len(runes)).Draw(t, "at")
			sign := rapid.SampledFrom([]rune("\u200b\ufeff\u00ad\u202a\u2060")).Draw(t, "sign")
			other = string(runes[:at]) + string(sign) + string(runes[at:])
		case 4:
			other = "\u00a0" + strings.ReplaceAll(text, " ", "\u00a0") + " "
		}
		if got, want := answer(other), answer(text); got != want {
			t.Errorf("%q finds %q, %q finds %q", other, got, text, want)
		}
	})
}
