package cleaning

import (
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strings"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
)

// Kind is what a column holds.
type Kind string

// The kinds of columns. Text, Code and Category are for what the register does not have:
// files of other countries, a phone, a card of insurance.
const (
	ID       Kind = "id"       // what names a row; of people, what the result gives as number
	Number   Kind = "number"   // a personal number, or the nine digits of an old card
	Name     Kind = "name"     // in full
	Surname  Kind = "surname"  // Họ
	Middle   Kind = "middle"   // chữ đệm
	Given    Kind = "given"    // tên
	Birth    Kind = "birth"    // a day, a month or a year
	DayPart  Kind = "day"      // of birth
	Month    Kind = "month"    // of birth
	Year     Kind = "year"     // of birth
	Sex      Kind = "sex"      //
	Address  Kind = "address"  // as text, units from the small to the large
	Commune  Kind = "commune"  // by name or code
	District Kind = "district" // by name or code
	Province Kind = "province" // by name or code
	Text     Kind = "text"     // compared by its letters
	Code     Kind = "code"     // compared sign by sign
	Category Kind = "category" // equal or not
	Ignore   Kind = "ignore"

	oldNumbers Kind = "old_numbers" // of the register: several, with spaces between
	dwelling   Kind = "dwelling"    // of the register: codes of where somebody lives
	origin     Kind = "origin"      // of the register: codes of where somebody was born or comes from
)

// kinds are those that a mapping may name.
var kinds = []Kind{
	ID, Number, Name, Surname, Middle, Given, Birth, DayPart, Month, Year, Sex, Address, Commune, District, Province, Text, Code, Category, Ignore,
}

// Mapping says what the columns of a file hold, by their headings. People is for the other
// file, where its columns are called otherwise.
type Mapping struct {
	Columns map[string]Kind `json:"columns"`
	People  map[string]Kind `json:"people,omitempty"`
	// MonthFirst says that days are written 12/31/1990.
	MonthFirst bool `json:"month_first,omitempty"`
}

// ReadMapping reads a mapping from JSON. It fails with Invalid for what is none.
func ReadMapping(r io.Reader) (Mapping, error) {
	var m Mapping
	d := json.NewDecoder(io.LimitReader(r, 1<<20))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return m, fault.New(fault.Invalid, "cleaning.mapping.json", fault.Args{"why": err.Error()}).Because(err)
	}
	if len(m.Columns) == 0 {
		return m, fault.New(fault.Invalid, "cleaning.mapping.empty", nil)
	}
	for _, columns := range []map[string]Kind{m.Columns, m.People} {
		for _, heading := range slices.Sorted(maps.Keys(columns)) {
			if !slices.Contains(kinds, columns[heading]) {
				return m, fault.New(fault.Invalid, "cleaning.mapping.kind", fault.Args{
					"column": heading, "kind": string(columns[heading]), "kinds": kindList(),
				})
			}
		}
	}
	return m, nil
}

func kindList() string {
	list := make([]string, len(kinds))
	for i, k := range kinds {
		list[i] = string(k)
	}
	return strings.Join(list, ", ")
}

// Layout says what each column of a file holds, in the order of the file.
type Layout struct {
	Headings     []string
	Kinds        []Kind
	MonthFirst   bool
	ZeroIsFemale bool
}

// peopleLayout is the file that the register writes; ok says that this is one.
func peopleLayout(headings []string) (Layout, bool) {
	if len(headings) < 5 || headings[0] != "number" || !slices.Contains(headings, "permanent") || !slices.Contains(headings, "old_numbers") {
		return Layout{}, false
	}
	known := map[string]Kind{
		"number": Number, "old_numbers": oldNumbers, "name": Name, "birth": Birth, "sex": Sex,
		"permanent": dwelling, "temporary": dwelling, "present": dwelling, "birthplace": origin, "origin": origin,
	}
	l := Layout{Headings: headings, Kinds: make([]Kind, len(headings))}
	for i, h := range headings {
		l.Kinds[i] = Ignore
		if k, ok := known[h]; ok {
			l.Kinds[i] = k
		}
	}
	return l, true
}

// mapped is the layout that a mapping gives to a file. Each heading of the mapping must be
// there.
func mapped(headings []string, columns map[string]Kind, monthFirst bool) (Layout, error) {
	l := Layout{Headings: headings, Kinds: make([]Kind, len(headings)), MonthFirst: monthFirst}
	left := maps.Clone(columns)
	for i, h := range headings {
		l.Kinds[i] = Ignore
		if k, ok := columns[h]; ok {
			l.Kinds[i] = k
			delete(left, h)
		}
	}
	if len(left) > 0 {
		return l, fault.New(fault.Invalid, "cleaning.mapping.missing", fault.Args{
			"columns": strings.Join(slices.Sorted(maps.Keys(left)), ", "), "headings": strings.Join(headings, ", "),
		})
	}
	return l, l.check()
}

// check says whether a file with these columns can be linked.
func (l Layout) check() error {
	for _, k := range l.Kinds {
		switch k {
		case Number, Name, Given, Surname, Text, Code:
			return nil
		}
	}
	return fault.New(fault.Invalid, "cleaning.columns.none", fault.Args{"headings": strings.Join(l.Headings, ", ")})
}

// headingWords are what headings say, folded; the first that fits counts. A word with a
// space before and after it stands as a word, else anywhere.
var headingWords = [...]struct {
	words string
	kind  Kind
}{
	{"ngay cap|noi cap|ngay chich|ngay dang ky|ngay kham|ngay vao|ngay hieu luc|het han|ngay cap nhat|date of issue|issued|expires", Ignore},
	{"mui|vac xin|vaccine|so lo|dien thoai|sdt|phone|email|thu dien tu", Ignore},
	{"ghi chu|note|nghe nghiep|dan toc|ton giao|quoc tich|so the|ma the|bhyt|bhxh", Ignore},
	{"nguoi giam ho|ten cha|ten me|ho ten cha|ho ten me|ho va ten cha|ho va ten me|bo me|father|mother|guardian|chu ho", Ignore},
	{"que quan|noi sinh|nguyen quan|birthplace|place of birth", Ignore},
	{"cccd|cmnd|cmt|can cuoc|dinh danh|ddcn|so dd|giay to|national id|id number|identity|citizen id|personal number|id no|id card", Number},
	{"nam thang ngay sinh|ngay thang nam sinh|ngay sinh|sinh ngay|ngaysinh|ns|dob|date of birth|birth date|birthdate|birthday|birth|ntns", Birth},
	{"nam sinh|namsinh|birth year|year of birth|yob", Year},
	{"thang sinh|birth month", Month},
	{"gioi tinh|gioitinh|phai|sex|gender|nam nu|gt", Sex},
	{"ho va ten|ho ten|hoten|hovaten|ten day du|ten nguoi|ho dem va ten|full name|fullname", Name},
	{"ho ten khai sinh|ten cong dan|ten benh nhan|ten hoc sinh|ten hoi vien", Name},
	{"ho dem|ho va dem|ho va chu dem|ho lot|ho va ten dem|ho va ten lot|ho ten dem", Surname},
	{"ten dem|chu dem|ten lot|chu lot|dem|lot|middle name|middle", Middle},
	{"ma tinh|tinh|thanh pho truc thuoc|province|tinh tp|tinh thanh pho|tinh thanh", Province},
	{"ma huyen|quan huyen|huyen|quan|district|tp thi xa", District},
	{"ma xa|xa phuong|phuong xa|xa|phuong|commune|ward|xa thi tran", Commune},
	{"dia chi|noi o|cho o|thuong tru|tam tru|cu tru|ho khau|hktt|address|residence", Address},
	{"ho|surname|last name|family name|lastname", Surname},
	{"ten|given name|first name|firstname|given", Given},
	{"name", Name},
	{"ngay", DayPart},
	{"thang", Month},
	{"nam", Year},
	{"number|so", Number},
	{"stt|row|ma so|id|record id|tt|ma ho so|ma bn|ma", Ignore},
}

// recognise says by heading and by what stands in the first rows what a column holds.
// Nobody is asked; what is not sure is left out.
func recognise(headings []string, sample [][]string) Layout {
	l := Layout{Headings: headings, Kinds: make([]Kind, len(headings))}
	for i, h := range headings {
		l.Kinds[i] = byHeading(citizen.Fold(strings.NewReplacer("_", " ", "/", " ", "-", " ", ".", " ").Replace(spaced(h))))
	}
	column := func(i int) []string {
		out := make([]string, 0, len(sample))
		for _, row := range sample {
			if i < len(row) {
				if v := strings.TrimSpace(row[i]); v != "" {
					out = append(out, v)
				}
			}
		}
		return out
	}
	for i := range headings {
		values := column(i)
		switch k := l.Kinds[i]; {
		case k == "":
			l.Kinds[i] = byContent(values, l.Kinds)
		case len(values) == 0:
		case k == Number && share(values, isNumber) < .3, k == Name && share(values, isName) < .3,
			k == Birth && share(values, isBirth) < .3, k == Sex && share(values, isSex) < .3:
			l.Kinds[i] = byContent(values, l.Kinds)
		case k == Surname && !slices.Contains(l.Kinds, Given), k == Given && !slices.Contains(l.Kinds, Surname):
			if share(values, isName) > .5 {
				l.Kinds[i] = Name // "Tên" over full names
			}
		}
		if l.Kinds[i] == Sex {
			zero := share(values, func(s string) bool { return s == "0" })
			two := share(values, func(s string) bool { return s == "2" })
			l.ZeroIsFemale = zero > .1 && two == 0
		}
	}
	l.resolve(column)
	return l
}

// resolve takes out what two columns claim to be, and settles how days are written.
func (l *Layout) resolve(column func(int) []string) {
	for _, k := range []Kind{Name, Birth, Sex, Given, Surname, Middle, Year, Month, DayPart, Commune, District, Province, Address} {
		first := -1
		for i := range l.Kinds {
			if l.Kinds[i] != k {
				continue
			}
			if first >= 0 {
				l.Kinds[i] = Ignore
			} else {
				first = i
			}
		}
	}
	if !slices.Contains(l.Kinds, Year) || slices.Contains(l.Kinds, Birth) { // a column "Ngày" without a year is another day
		for i, k := range l.Kinds {
			if k == DayPart || k == Month || k == Year && slices.Contains(l.Kinds, Birth) {
				l.Kinds[i] = Ignore
			}
		}
	}
	if slices.Contains(l.Kinds, Name) { // then the parts of another's name
		for i, k := range l.Kinds {
			if k == Given || k == Surname || k == Middle {
				l.Kinds[i] = Ignore
			}
		}
	}
	for i, k := range l.Kinds {
		if k == Birth {
			l.MonthFirst = monthsFirst(column(i))
		}
	}
}

// monthsFirst says that the days of a column can only be read with the month first.
func monthsFirst(values []string) bool {
	first, second := 0, 0
	for _, v := range values {
		p := strings.FieldsFunc(v, func(r rune) bool { return r == '/' || r == '-' || r == '.' || r == ' ' })
		if len(p) < 3 || len(p[0]) > 2 || len(p[1]) > 2 {
			continue
		}
		if twoDigits(p[0]) > 12 {
			first++
		}
		if twoDigits(p[1]) > 12 {
			second++
		}
	}
	return second > 3 && second > first*20
}

func twoDigits(s string) int {
	v := 0
	for _, c := range s {
		if c < '0' || c > '9' {
			return 0
		}
		v = v*10 + int(c-'0')
	}
	return v
}

// spaced parts words that are written together: "NgaySinh".
func spaced(h string) string {
	var b strings.Builder
	lower := false
	for _, r := range h {
		if lower && r >= 'A' && r <= 'Z' {
			b.WriteByte(' ')
		}
		lower = r >= 'a' && r <= 'z'
		b.WriteRune(r)
	}
	return b.String()
}

func byHeading(h string) Kind {
	if h == "" {
		return ""
	}
	padded := " " + h + " "
	for _, w := range headingWords {
		for word := range strings.SplitSeq(w.words, "|") {
			if strings.Contains(padded, " "+word+" ") && (len(word) > 4 || h == word || strings.Contains(word, " ") || !short[w.kind]) {
				return w.kind
			}
		}
	}
	return ""
}

// short are kinds whose shortest words count only when they are the whole heading: "Họ",
// "Tên", "Ngày", "Số".
var short = map[Kind]bool{Surname: true, Given: true, DayPart: true, Month: true, Year: true, Ignore: false, Middle: true}

func byContent(values []string, taken []Kind) Kind {
	if len(values) == 0 {
		return Ignore
	}
	for _, c := range []struct {
		kind Kind
		fits func(string) bool
		want float64
	}{{Number, isNumber, .6}, {Birth, isBirth, .8}, {Sex, isSex, .9}, {Name, isName, .7}} {
		if !slices.Contains(taken, c.kind) && share(values, c.fits) >= c.want {
			return c.kind
		}
	}
	return Ignore
}

func share(values []string, fits func(string) bool) float64 {
	if len(values) == 0 {
		return 0
	}
	n := 0
	for _, v := range values {
		if fits(v) {
			n++
		}
	}
	return float64(n) / float64(len(values))
}

func isNumber(s string) bool {
	n := readNumber([]byte(s))
	return n.size == 12 && plausible(n.value) || n.size == 9
}

func isBirth(s string) bool {
	d, err := citizen.ParseDay(strings.Fields(s + " x")[0])
	return err == nil && d.Year() >= 1900 && d.Year() <= 2100
}

func isSex(s string) bool {
	v, notes := sexOf([]byte(s), true)
	return notes == 0 && v != citizen.SexUnknown
}

// surnames are the most common, which nearly all have: a column of which many values begin
// with one holds names.
var surnames = func() map[string]bool {
	m := map[string]bool{}
	for _, s := range strings.Fields("nguyen tran le pham hoang huynh phan vu vo dang bui do ho ngo duong ly li dinh truong mai luong dao to trinh cao ha lam") {
		m[s] = true
	}
	return m
}()

func isName(s string) bool {
	words := strings.Fields(citizen.Fold(s))
	return len(words) >= 2 && len(words) <= 7 && (surnames[words[0]] || surnames[words[len(words)-1]])
}
