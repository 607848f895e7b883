package cleaning

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/spelling"
)

// Profile is how often rows of a dirty file go wrong, each as a share.
type Profile struct {
	Absent   float64 `json:"absent"`   // somebody who is not in the register
	Repeated float64 `json:"repeated"` // somebody comes again, written anew

	NumberMissing float64 `json:"number_missing"`
	NumberOld     float64 `json:"number_old"` // the nine digits of the old card
	NumberSlip    float64 `json:"number_slip"`
	NumberZeros   float64 `json:"number_zeros"` // leading zeros are gone
	NumberOther   float64 `json:"number_other"` // it is another's in the file

	NameBare   float64 `json:"name_bare"` // no accents
	NameOrder  float64 `json:"name_order"`
	NameMiddle float64 `json:"name_middle"` // left out
	NameSlip   float64 `json:"name_slip"`
	NameTone   float64 `json:"name_tone"`   // another accent
	NameStroke float64 `json:"name_stroke"` // d for đ
	NamePlace  float64 `json:"name_place"`  // the tone on another letter, i or y
	NameUpper  float64 `json:"name_upper"`
	NameApart  float64 `json:"name_apart"` // decomposed letters
	NameSpaces float64 `json:"name_spaces"`

	BirthMissing float64 `json:"birth_missing"`
	BirthSwapped float64 `json:"birth_swapped"`
	BirthYear    float64 `json:"birth_year"`
	BirthJanuary float64 `json:"birth_january"`
	BirthSlip    float64 `json:"birth_slip"`

	SexMissing   float64 `json:"sex_missing"`
	SexOther     float64 `json:"sex_other"`
	PlaceMissing float64 `json:"place_missing"`
	PlaceMoved   float64 `json:"place_moved"`
	PlaceNow     float64 `json:"place_now"` // written with the units of today
}

// Profiles are those that are built in. "vaccination" has the shape of the file of
// vaccinations of March 2022: two rows of three agree with the register, one of twenty has
// no number.
var Profiles = map[string]Profile{
	"vaccination": {
		Absent: .04, Repeated: .02, NumberMissing: .05, NumberOld: .09, NumberSlip: .04, NumberZeros: .02, NumberOther: .001,
		NameBare: .06, NameOrder: .01, NameMiddle: .015, NameSlip: .02, NameTone: .004, NameStroke: .01, NamePlace: .02, NameUpper: .3,
		NameApart: .02, NameSpaces: .01, BirthMissing: .003, BirthSwapped: .02, BirthYear: .03, BirthJanuary: .015, BirthSlip: .01,
		SexMissing: .04, SexOther: .003, PlaceMissing: .03, PlaceMoved: .06, PlaceNow: .4,
	},
	"light": {
		Absent: .01, NumberOld: .02, NumberSlip: .01, NameBare: .01, NameSlip: .005, BirthSwapped: .004, BirthSlip: .004, PlaceMoved: .05, PlaceNow: .5,
	},
	"heavy": {
		Absent: .08, Repeated: .05, NumberMissing: .3, NumberOld: .15, NumberSlip: .06, NumberZeros: .05, NumberOther: .004,
		NameBare: .2, NameOrder: .03, NameMiddle: .04, NameSlip: .06, NameTone: .01, NameStroke: .02, NamePlace: .05, NameUpper: .5,
		NameApart: .05, NameSpaces: .03, BirthMissing: .02, BirthSwapped: .04, BirthYear: .1, BirthJanuary: .04, BirthSlip: .03,
		SexMissing: .1, SexOther: .01, PlaceMissing: .1, PlaceMoved: .12, PlaceNow: .4,
	},
}

// ReadProfile gives a profile that is built in, or reads one from a file. It fails with
// Invalid.
func ReadProfile(name string) (Profile, error) {
	if p, ok := Profiles[name]; ok {
		return p, nil
	}
	raw, err := os.ReadFile(name)
	if err != nil {
		return Profile{}, fault.New(fault.Invalid, "cleaning.profile.unknown", fault.Args{"profile": name}).Because(err)
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	var p Profile
	if err := d.Decode(&p); err != nil {
		return Profile{}, fault.New(fault.Invalid, "cleaning.profile.json", fault.Args{"why": err.Error()}).Because(err)
	}
	return p, nil
}

// Dirty makes files of which it is known whose rows they have.
type Dirty struct {
	World   *World
	Profile Profile
	Rows    int
	Seed    uint64
}

// dirtyColumns are the headings of a dirty file.
var dirtyColumns = []string{"STT", "Họ và tên", "Ngày sinh", "Giới tính", "Số CCCD/CMND", "Địa chỉ"}

// drawn is a person as the register has them.
type drawn struct{ number, old, name, birth, sex, place string }

// Write draws people of the register's file, writes them down with errors, and the truth:
// the number of each row, empty for who is not in the register.
func (d Dirty) Write(people *Source, out, truth io.Writer) error {
	layout, ok := peopleLayout(people.Header)
	if !ok {
		return fault.New(fault.Invalid, "cleaning.people.columns", nil)
	}
	r := rand.New(rand.NewPCG(d.Seed, 0x6469727479))
	list, numbers, err := d.draw(people, layout, r)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return fault.New(fault.Invalid, "cleaning.people.none", nil)
	}
	files := [2]*csv.Writer{csv.NewWriter(bufio.NewWriter(out)), csv.NewWriter(bufio.NewWriter(truth))}
	if err := errors.Join(files[0].Write(dirtyColumns), files[1].Write([]string{"row", "number"})); err != nil {
		return fmt.Errorf("write a dirty file: %w", err)
	}
	for i := range d.Rows {
		p, number := list[i%len(list)], ""
		switch {
		case r.Float64() < d.Profile.Absent:
			p = d.invent(list, numbers, r)
		case i > 0 && r.Float64() < d.Profile.Repeated:
			p = list[r.IntN(min(i, len(list)))]
			number = p.number
		default:
			number = p.number
		}
		row := append([]string{strconv.Itoa(i + 1)}, d.spoil(p, list, r)...)
		if err := errors.Join(files[0].Write(row), files[1].Write([]string{strconv.Itoa(i + 1), number})); err != nil {
			return fmt.Errorf("write a dirty file: %w", err)
		}
	}
	for _, f := range files {
		f.Flush()
		if err := f.Error(); err != nil {
			return fmt.Errorf("write a dirty file: %w", err)
		}
	}
	return nil
}

// draw takes as many people as there are rows, each as likely as the next (Vitter's
// reservoir), in any order.
func (d Dirty) draw(people *Source, layout Layout, r *rand.Rand) ([]drawn, map[string]bool, error) {
	at := map[string]int{}
	for i, h := range layout.Headings {
		at[h] = i
	}
	var list []drawn
	numbers := map[string]bool{}
	n := 0
	err := people.eachBlock(func(b block) bool {
		people.eachRow(b.text, func(_ int, cells [][]byte, why rowReason) {
			if why != "" {
				return
			}
			of := func(h string) string { return string(cells[at[h]]) }
			k := n
			n++
			if k >= d.Rows {
				if k = r.IntN(n); k >= d.Rows {
					return
				}
			} else {
				list = append(list, drawn{})
			}
			old, _, _ := strings.Cut(of("old_numbers"), " ")
			place := of("permanent")
			list[k] = drawn{of("number"), old, of("name"), of("birth"), of("sex"), place}
		})
		return true
	})
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list, numbers, err
}

// invent makes somebody whom the register does not have, of the parts of those it has.
func (d Dirty) invent(list []drawn, numbers map[string]bool, r *rand.Rand) drawn {
	one := func() drawn { return list[r.IntN(len(list))] }
	a := one()
	b := one()
	for range 50 {
		if b.sex == a.sex {
			break
		}
		b = one()
	}
	words, others := strings.Fields(a.name), strings.Fields(b.name)
	if len(words) > 0 && len(others) > 0 {
		a.name = strings.Join(append(words[:len(words)-1:len(words)-1], others[len(others)-1]), " ")
	}
	c := one() // of a third one: else many would have name and birth of somebody
	a.birth, a.place = c.birth, one().place
	if len(c.number) == 12 && len(c.birth) >= 4 {
		sex, _ := strconv.Atoi(a.sex)
		year, _ := strconv.Atoi(c.birth[:4])
		province, _ := strconv.Atoi(c.number[:3])
		a.number = citizen.NumberOf(province, year, citizen.Sex(sex), r.IntN(1_000_000)).Reveal()
	}
	a.old = ""
	return a
}

func (d Dirty) spoil(p drawn, list []drawn, r *rand.Rand) []string {
	f := d.Profile
	hit := func(share float64) bool { return r.Float64() < share }
	number := p.number
	switch {
	case hit(f.NumberMissing):
		number = ""
	case hit(f.NumberOld) && p.old != "":
		number = p.old
	case hit(f.NumberSlip):
		number = slip(number, "0123456789", r)
	case hit(f.NumberZeros):
		number = strings.TrimLeft(number, "0")
	case hit(f.NumberOther):
		number = list[r.IntN(len(list))].number
	}
	sex := map[string]string{"1": "Nam", "2": "Nữ"}[p.sex]
	switch {
	case hit(f.SexMissing):
		sex = ""
	case hit(f.SexOther):
		sex = map[string]string{"Nam": "Nữ", "Nữ": "Nam"}[sex]
	}
	return []string{d.spoilName(p.name, r), d.spoilBirth(p.birth, r), sex, number, d.address(p, list, r)}
}

func (d Dirty) spoilName(name string, r *rand.Rand) string {
	f := d.Profile
	hit := func(share float64) bool { return r.Float64() < share }
	words := strings.Fields(name)
	if hit(f.NameMiddle) && len(words) > 2 {
		words = slices.Delete(words, 1, 2)
	}
	if hit(f.NameOrder) && len(words) > 1 {
		words = append([]string{words[len(words)-1]}, words[:len(words)-1]...)
	}
	if hit(f.NameSlip) {
		i := r.IntN(len(words))
		words[i] = slip(words[i], "aeiounghtcmlkbvsd", r)
	}
	name = strings.Join(words, " ")
	if hit(f.NameTone) {
		name = otherTone(name, r)
	}
	if hit(f.NamePlace) {
		name = strings.NewReplacer("òa", "oà", "óa", "oá", "ọa", "oạ", "ủy", "uỷ", "úy", "uý", "ùy", "uỳ", "ý", "í", "ỹ", "ĩ", "ỳ", "ì").Replace(name)
	}
	if hit(f.NameStroke) {
		name = strings.NewReplacer("đ", "d", "Đ", "D").Replace(name)
	}
	if hit(f.NameBare) {
		var b strings.Builder
		for _, w := range strings.Fields(name) {
			if b.Len() > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(title(spelling.Unaccent(w)))
		}
		name = b.String()
	}
	if hit(f.NameUpper) {
		name = strings.ToUpper(name)
	}
	if hit(f.NameSpaces) {
		name = strings.ReplaceAll(name, " ", "  ") + " "
	}
	if hit(f.NameApart) {
		name = norm.NFD.String(name)
	}
	return name
}

// otherTone changes one tone of a name.
func otherTone(name string, r *rand.Rand) string {
	letters := []rune(norm.NFD.String(name))
	var at []int
	for i, c := range letters {
		if strings.ContainsRune("\u0300\u0301\u0303\u0309\u0323", c) {
			at = append(at, i)
		}
	}
	if len(at) == 0 {
		return name
	}
	letters[at[r.IntN(len(at))]] = []rune("\u0300\u0301\u0303\u0309")[r.IntN(4)]
	return norm.NFC.String(string(letters))
}

// slip adds, drops, changes or exchanges a letter.
func slip(s, letters string, r *rand.Rand) string {
	c := []rune(s)
	if len(c) < 2 {
		return s
	}
	i, with := r.IntN(len(c)), rune(letters[r.IntN(len(letters))])
	switch r.IntN(5) {
	case 0:
		return string(slices.Insert(c, i, with))
	case 1:
		return string(slices.Delete(c, i, i+1))
	case 2:
		i = min(i, len(c)-2)
		c[i], c[i+1] = c[i+1], c[i]
	default:
		c[i] = with
	}
	return string(c)
}

func (d Dirty) spoilBirth(birth string, r *rand.Rand) string {
	f := d.Profile
	hit := func(share float64) bool { return r.Float64() < share }
	day, err := citizen.ParseDay(birth)
	if err != nil || hit(f.BirthMissing) {
		return ""
	}
	y, m, dd := day.Year(), day.Month(), day.DayOfMonth()
	switch {
	case hit(f.BirthYear) || m == 0:
		return strconv.Itoa(y)
	case hit(f.BirthJanuary):
		return fmt.Sprintf("01/01/%d", y)
	case dd == 0:
		return fmt.Sprintf("%02d/%d", m, y)
	case hit(f.BirthSwapped) && dd <= 12:
		dd, m = m, dd
	case hit(f.BirthSlip):
		switch r.IntN(3) {
		case 0:
			dd = 1 + r.IntN(28)
		case 1:
			m = 1 + r.IntN(12)
			dd = min(dd, 28)
		default:
			y += r.IntN(3) - 1
			dd = min(dd, 28)
		}
	}
	return fmt.Sprintf("%02d/%02d/%d", dd, m, y)
}

func (d Dirty) address(p drawn, list []drawn, r *rand.Rand) string {
	f := d.Profile
	place := p.place
	switch {
	case r.Float64() < f.PlaceMissing:
		return ""
	case r.Float64() < f.PlaceMoved:
		place = list[r.IntN(len(list))].place
	}
	g := d.World.Places
	id := g.coded(place)
	if r.Float64() < f.PlaceNow && g.units[id].home != 0 {
		id = g.standing[g.units[id].home]
	}
	return g.called(id)
}
