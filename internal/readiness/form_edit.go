package readiness

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/spelling"
)

// How a form is changed, part by part. Keys are made here, of what people wrote, and
// stay as they are when a label changes: answers are kept under them. Only the keys of
// rows follow the rows' numbers, by which papers are read.

var notInKey = regexp.MustCompile(`[^a-z0-9]+`)

// newKey makes a key of a label that free allows: "so_giuong_benh", "so_giuong_benh_2".
// What has no letter that a key may begin with is called by the stem.
func newKey(label, stem string, free func(string) bool) string {
	key := strings.Trim(notInKey.ReplaceAllString(spelling.Fold(label), "_"), "_")
	if len(key) > 24 {
		key = key[:24]
		if i := strings.LastIndexByte(key, '_'); i > 8 {
			key = key[:i]
		}
		key = strings.TrimRight(key, "_")
	}
	if key == "" || key[0] < 'a' || key[0] > 'z' {
		key = strings.TrimRight(stem+"_"+key, "_")
	}
	for n, base := 2, key; !free(key); n++ {
		key = base + "_" + strconv.Itoa(n)
	}
	return key
}

// AddComponent adds a component at the end and gives its key.
func (t *Template) AddComponent(label, short Text) string {
	if short.Vi == "" {
		short = label
	}
	key := newKey(label.Vi, "c", func(k string) bool {
		_, taken := t.Component(k)
		return !taken && !slices.Contains(taskKeys, k) && k != AllFive
	})
	t.Components = append(t.Components, Component{Key: key, Label: label, Short: short})
	return key
}

// AddList adds an option list and gives its name.
func (t *Template) AddList(options []Option) string {
	var words []string
	for _, o := range options {
		words = append(words, o.Vi)
	}
	key := newKey(strings.Join(words, " "), "list", func(k string) bool { _, taken := t.Options[k]; return !taken })
	if t.Options == nil {
		t.Options = map[string][]Option{}
	}
	t.Options[key] = nil
	for _, o := range options {
		t.AddOption(key, o)
	}
	return key
}

// AddOption adds a choice to a list and makes its key.
func (t *Template) AddOption(list string, o Option) {
	o.Key = newKey(o.Vi, "o", func(k string) bool { _, taken := t.Option(list, k); return !taken })
	t.Options[list] = append(t.Options[list], o)
}

// RemoveList takes a list away. Columns and rows that use it keep its name: what is
// wrong with them then is said, and a person decides.
func (t *Template) RemoveList(list string) { delete(t.Options, list) }

// AddColumn adds a column and gives its key; a shared column has its key already. Notes
// stay last.
func (t *Template) AddColumn(c Column) string {
	if c.Key == "" {
		c.Key = newKey(c.Label.Vi, "c", func(k string) bool {
			_, taken := t.Column(k)
			return !taken && !slices.Contains(reservedKeys, k) && !slices.Contains(sharedColumns, k)
		})
	}
	at := len(t.Columns)
	if at > 0 && t.Columns[at-1].Key == ColNote {
		at--
	}
	t.Columns = slices.Insert(t.Columns, at, c)
	t.widen()
	return c.Key
}

// RemoveColumn takes a column away, and out of the rows that ask for others too. A row
// that names no other keeps its name, for a row that names none asks for all.
func (t *Template) RemoveColumn(key string) {
	t.Columns = slices.DeleteFunc(t.Columns, func(c Column) bool { return c.Key == key })
	for i := range t.Rows {
		r := &t.Rows[i]
		if len(r.Columns) > 1 {
			r.Columns = slices.DeleteFunc(slices.Clone(r.Columns), func(k string) bool { return k == key })
		}
		r.Judged = slices.DeleteFunc(slices.Clone(r.Judged), func(j Judge) bool { return j.Column == key })
	}
}

// Missing lists the columns that all programs know and that the form does not have yet.
func (t *Template) Missing() []string {
	return slices.DeleteFunc(slices.Clone(sharedColumns), func(k string) bool { _, has := t.Column(k); return has })
}

// sharedWidths and kindWidths are how wide a column of each key and kind is beside others.
var (
	sharedWidths = map[string]int{ColNumber: 600, ColComponent: 4500, ColUnit: 2000, ColCompliance: 2300, ColStage: 3000, ColNote: 2600}
	kindWidths   = map[ColumnKind]int{
		TextColumn: 2400, NumberColumn: 1300, DateColumn: 1400, YesNoColumn: 1300, ChoiceColumn: 1800, CountsColumn: 1500,
	}
)

// widen gives columns without a width one.
func (t *Template) widen() {
	for i := range t.Columns {
		c := &t.Columns[i]
		if c.Width > 0 {
			continue
		}
		if c.Width = sharedWidths[c.Key]; c.Own() {
			c.Width = kindWidths[c.Kind]
		}
	}
}

// RowWords is a row about to be added: how it is numbered and what it says.
type RowWords struct {
	Number string
	Label  Text
}

// AddRows adds rows that are like one, but for number and words. Rows without a number
// are counted on from the last.
func (t *Template) AddRows(like Row, words []RowWords) error {
	if len(t.Rows)+len(words) > maxFormRows {
		return fault.New(fault.Invalid, "readiness.form.rows_many", fault.Args{"n": maxFormRows}).At("lines")
	}
	for _, w := range words {
		r := like
		r.Number, r.Label = w.Number, w.Label
		r.Asks, r.Columns, r.Judged, r.For = slices.Clone(r.Asks), slices.Clone(r.Columns), slices.Clone(r.Judged), slices.Clone(r.For)
		if r.Number == "" && r.Kind != Item {
			r.Number = t.nextNumber()
		}
		r.numbered()
		r.Key = t.rowKey(r)
		t.Rows = append(t.Rows, r)
	}
	return nil
}

// nextNumber counts on from the last row that is numbered by a whole number.
func (t *Template) nextNumber() string {
	for _, r := range slices.Backward(t.Rows) {
		if n, err := strconv.Atoi(strings.TrimSuffix(r.Number, ".n")); err == nil {
			return strconv.Itoa(n + 1)
		}
	}
	return "1"
}

// numbered gives a group the ordinal of its system ("5.n"): without, the answers of
// several systems would be one's.
func (r *Row) numbered() {
	if r.Kind == Group && !strings.HasSuffix(r.Number, ".n") {
		r.Number = strings.TrimRight(r.Number, ".") + ".n"
	}
}

var notInNumber = regexp.MustCompile(`[^0-9A-Za-z.]+`)

// rowKey is the key of a row about to be added: its number, as papers are read by it.
// An "n" stands for the ordinal of a system in rows that repeat, and nowhere else.
func (t *Template) rowKey(r Row) string {
	number, counted := strings.CutSuffix(strings.TrimSpace(r.Number), ".n")
	if !spelling.IsASCII(number) {
		number = spelling.Unaccent(number)
	}
	key := strings.Trim(notInNumber.ReplaceAllString(number, ""), ".")
	key = strings.ReplaceAll(key, "n", "N")
	end := ""
	switch {
	case r.Kind == Item:
		key = r.Parent + "-" + orLetter(key, len(t.Items(r.Parent)))
	case key == "":
		key = "r" + strconv.Itoa(len(t.Rows)+1)
	case counted && (r.Kind == Repeat || r.Kind == Group):
		end = ".n"
	}
	for n, base := 2, key; ; n++ {
		if _, taken := t.Row(key + end); !taken {
			return key + end
		}
		key = fmt.Sprintf("%sr%d", base, n)
	}
}

// orLetter is the next letter for an item that has no number. There is no n among them.
func orLetter(key string, before int) string {
	const letters = "abcdefghijklmopqrstuvwxyz"
	if key == "" && before < len(letters) {
		return letters[before : before+1]
	}
	return key
}

// SetRow puts a row in the place of the one with this key, and gives its key, which
// follows its number. The items of a group come along.
func (t *Template) SetRow(key string, r Row) string {
	i := slices.IndexFunc(t.Rows, func(o Row) bool { return o.Key == key })
	if i < 0 {
		return key
	}
	old := t.Rows[i]
	r.numbered()
	if r.Key = key; old.Number != r.Number || old.Kind != r.Kind || r.Kind == Item && old.Parent != r.Parent {
		t.Rows[i] = Row{} // its own key is free
		r.Key = t.rowKey(r)
	}
	t.Rows[i] = r
	if r.Key == key {
		return key
	}
	for j := range t.Rows {
		if o := &t.Rows[j]; o.Parent == key {
			o.Parent = r.Key
			if rest, ok := strings.CutPrefix(o.Key, key+"-"); ok {
				o.Key = r.Key + "-" + rest
			}
		}
	}
	return r.Key
}

// Move moves what is at an index of a list up (-1) or down (1), as far as it goes.
func Move[T any](list []T, i, by int) {
	if j := i + by; i >= 0 && i < len(list) && j >= 0 && j < len(list) {
		list[i], list[j] = list[j], list[i]
	}
}

// Judge finds how a row is judged in a column.
func (r Row) Judge(column string) (Judge, bool) {
	i := slices.IndexFunc(r.Judged, func(j Judge) bool { return j.Column == column })
	if i < 0 {
		return Judge{Column: column}, false
	}
	return r.Judged[i], true
}

// RemoveRow takes a row away, and with a group its items.
func (t *Template) RemoveRow(key string) {
	r, _ := t.Row(key)
	t.Rows = slices.DeleteFunc(t.Rows, func(o Row) bool { return o.Key == key || r.Kind == Group && o.Kind == Item && o.Parent == key })
}

// RemoveComponent takes a component away. Its rows stay, and it is said that they have none.
func (t *Template) RemoveComponent(key string) {
	t.Components = slices.DeleteFunc(t.Components, func(c Component) bool { return c.Key == key })
}

// SetKind makes a column of the form's own one of another kind. What bound the old kind,
// and how rows were judged by it, ends with it.
func (t *Template) SetKind(key string, kind ColumnKind) {
	for i := range t.Columns {
		if c := &t.Columns[i]; c.Key == key && c.Own() {
			*c = Column{Key: c.Key, Label: c.Label, Kind: kind}
		}
	}
	for i := range t.Rows {
		r := &t.Rows[i]
		r.Judged = slices.DeleteFunc(slices.Clone(r.Judged), func(j Judge) bool { return j.Column == key })
	}
	t.widen()
}

// SetContact says what is asked of the focal point, in the order in which forms ask.
func (t *Template) SetContact(keys []string) {
	var out []Labelled
	for _, l := range contactLabels {
		if !slices.Contains(keys, l.Key) {
			continue
		}
		if i := slices.IndexFunc(t.Contact, func(had Labelled) bool { return had.Key == l.Key }); i >= 0 {
			l = t.Contact[i]
		}
		out = append(out, l)
	}
	t.Contact = out
}

// SetProposals names the groups of part 3. One that is called as before keeps its key.
func (t *Template) SetProposals(labels []Text) { t.Proposals = relabelled(t.Proposals, labels, "p") }

// SetSubjectKinds names the kinds of what repeated rows are about.
func (t *Template) SetSubjectKinds(labels []Text) {
	if t.Subject.Kinds = relabelled(t.Subject.Kinds, labels, "k"); len(labels) == 0 {
		t.Subject.Kinds = nil
	}
}

func relabelled(had []Labelled, labels []Text, stem string) []Labelled {
	out := make([]Labelled, 0, len(labels))
	has := func(key string) bool { return slices.ContainsFunc(out, func(l Labelled) bool { return l.Key == key }) }
	for _, label := range labels {
		i := slices.IndexFunc(had, func(l Labelled) bool { return Fold(l.Label.Vi) == Fold(label.Vi) && !has(l.Key) })
		if i >= 0 {
			out = append(out, Labelled{had[i].Key, label})
			continue
		}
		taken := func(k string) bool {
			return has(k) || slices.ContainsFunc(had, func(l Labelled) bool { return l.Key == k })
		}
		out = append(out, Labelled{newKey(label.Vi, stem, func(k string) bool { return !taken(k) }), label})
	}
	return out
}

// AskParts says whether the form asks for parts 3 and 4: a part that it asks has words,
// one that it does not ask has none.
func (t *Template) AskParts(third, fourth bool) {
	set := func(at *Text, words Text) {
		if at.Vi == "" {
			*at = words
		}
	}
	if third {
		set(&t.Part3, Text{"3. Đề xuất sửa đổi, bổ sung", "3. Proposed changes"})
		if len(t.Proposals) == 0 {
			t.SetProposals([]Text{{"Đề xuất chung", "General proposals"}})
		}
		if len(t.ProposalColumns) == 0 {
			t.ProposalColumns = []Labelled{
				{"number", Text{"STT", "No."}}, {"group", Text{"Nhóm", "Group"}}, {"text", Text{"Nội dung đề xuất", "What is proposed"}},
			}
		}
	} else {
		t.Part3, t.Part3Intro, t.ProposalColumns, t.Proposals = Text{}, Text{}, []Labelled{}, []Labelled{}
	}
	if fourth {
		set(&t.Part4, Text{"4. Khó khăn, vướng mắc, đề xuất, kiến nghị", "4. Difficulties, proposals and recommendations"})
		set(&t.Difficulty, Text{"a) Khó khăn, vướng mắc:", "a) Difficulties:"})
		set(&t.Recommend, Text{"b) Đề xuất, kiến nghị:", "b) Proposals and recommendations:"})
	} else {
		t.Part4, t.Difficulty, t.Recommend = Text{}, Text{}, Text{}
	}
}

// FormCode makes a code of a form's title.
func FormCode(title string) string {
	return strings.ReplaceAll(newKey(title, "form", func(string) bool { return true }), "_", "-")
}

// Renumber counts the rows anew, in their order. What is numbered below another (1.2, 1.n)
// stays below it, and items keep their letters.
func (t *Template) Renumber() {
	old := slices.Clone(t.Rows)
	for i := range t.Rows {
		t.Rows[i].Key = "" // all keys are free
	}
	renamed := map[string]string{}
	n, was := 0, ""
	for i, r := range old {
		head, rest, below := strings.Cut(r.Number, ".")
		if _, err := strconv.Atoi(head); err == nil && r.Kind != Item {
			if head != was || !below {
				n, was = n+1, head
			}
			if r.Number = strconv.Itoa(n); below {
				r.Number += "." + rest
			}
		}
		if parent, ok := renamed[r.Parent]; ok {
			r.Parent = parent
		}
		if item, ok := strings.CutPrefix(r.Key, old[i].Parent+"-"); ok && r.Kind == Item {
			r.Key = r.Parent + "-" + item
		} else {
			r.Key = t.rowKey(r)
		}
		renamed[old[i].Key] = r.Key
		t.Rows[i] = r
	}
}
