package readiness_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/readiness"
)

func text(vi, en string) readiness.Text { return readiness.Text{Vi: vi, En: en} }

// begun is a form made step by step as the pages do.
func begun(t testing.TB) *readiness.Template {
	t.Helper()
	f := readiness.NewForm("phong-kham", text("Khảo sát phòng khám", "Survey of clinics"), clock.MustDate("2026-11-30"))
	f.AddComponent(text("Nhân lực", "Staff"), readiness.Text{})
	f.AddColumn(readiness.Column{Label: text("Số lượng", "Amount"), Kind: readiness.NumberColumn})
	f.AddColumn(readiness.Column{Label: text("Có hay không", "Yes or no"), Kind: readiness.YesNoColumn})
	ten := 10.0
	like := readiness.Row{
		Kind: readiness.Single, Component: "nhan_luc", Required: true, Columns: []string{"so_luong"},
		Judged: []readiness.Judge{{Column: "so_luong", AtLeast: &ten}},
	}
	if err := f.AddRows(like, []readiness.RowWords{{"", text("Số bác sĩ", "Doctors")}, {"", text("Số y tá", "Nurses")}}); err != nil {
		t.Fatal(err)
	}
	return f
}

func keysOf(f *readiness.Template) string {
	var out []string
	for _, c := range f.Columns {
		out = append(out, c.Key)
	}
	for _, r := range f.Rows {
		out = append(out, r.Key)
	}
	return strings.Join(out, " ")
}

// A form made step by step is one, and comes back whole from its file.
func TestAFormIsMade(t *testing.T) {
	t.Parallel()
	f := begun(t)
	if wrong := f.Faults(); len(wrong) > 0 {
		t.Fatal(wrong)
	}
	if got, want := keysOf(f), "number component so_luong co_hay_khong note 1 2"; got != want {
		t.Errorf("keys %q, want %q", got, want)
	}
	raw, err := readiness.FormFile(f)
	if err != nil {
		t.Fatal(err)
	}
	back, err := readiness.LoadTemplate(raw)
	if err != nil {
		t.Fatal(err)
	}
	again, err := readiness.FormFile(back)
	if err != nil || string(again) != string(raw) {
		t.Errorf("the file of the form that was read from the file differs: %v\n%s", err, again)
	}
	for _, c := range f.Columns {
		if c.Width < 300 {
			t.Errorf("column %s is %d wide", c.Key, c.Width)
		}
	}
}

// Keys come of labels, are never taken twice, and never one that the program uses.
func TestKeysAreMade(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ first, second, want string }{
		{"Số giường bệnh", "Số giường bệnh", "so_giuong_benh so_giuong_benh_2"},
		{"Key", "system", "key_2 system_2"},               // names of fields
		{"Ghi chú (note)", "Note", "ghi_chu_note note_2"}, // a shared column's
		{"123", "???", "c_123 c"},                         // nothing to begin with
		{"Đường truyền", "ĐƯỜNG TRUYỀN", "duong_truyen duong_truyen_2"},
		{strings.Repeat("Rất dài ", 20), "a", "rat_dai_rat_dai_rat_dai a"},
	} {
		f := readiness.NewForm("x", text("x", "x"), clock.MustDate("2026-01-01"))
		got := f.AddColumn(readiness.Column{Label: text(c.first, "x"), Kind: readiness.TextColumn}) + " " +
			f.AddColumn(readiness.Column{Label: text(c.second, "y"), Kind: readiness.TextColumn})
		if got != c.want {
			t.Errorf("%q, %q: got %q, want %q", c.first, c.second, got, c.want)
		}
	}
	f := readiness.NewForm("x", text("x", "x"), clock.MustDate("2026-01-01"))
	if a, b := f.AddComponent(text("Contact", "x"), readiness.Text{}), f.AddComponent(text("Systems", "x"), readiness.Text{}); a != "contact_2" ||
		b != "systems_2" {
		t.Errorf("components %s, %s: they are names of tasks", a, b)
	}
}

// Papers are read by the number of a row: its key follows the number.
func TestRowsAreNumbered(t *testing.T) {
	t.Parallel()
	f := begun(t)
	add := func(kind readiness.RowKind, parent string, numbers ...string) string {
		t.Helper()
		var words []readiness.RowWords
		for _, n := range numbers {
			words = append(words, readiness.RowWords{Number: n, Label: text("x", "x")})
		}
		before := len(f.Rows)
		if err := f.AddRows(readiness.Row{Kind: kind, Component: "nhan_luc", Parent: parent}, words); err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, r := range f.Rows[before:] {
			out = append(out, r.Key)
		}
		return strings.Join(out, " ")
	}
	for _, c := range []struct {
		kind    readiness.RowKind
		parent  string
		numbers []string
		want    string
	}{
		{readiness.Single, "", []string{"", "3.1", "IV", "3.1"}, "3 3.1 IV 3.1r2"},
		{readiness.Repeat, "", []string{"5.n", "6"}, "5.n 6"},
		{readiness.Single, "", []string{"8.n", "Phần n"}, "8 PhaN"}, // only what repeats has an ordinal
		{readiness.Group, "", []string{"9"}, "9.n"},
		{readiness.Item, "9.n", []string{"a", "b)"}, "9.n-a 9.n-b"},
		{readiness.Heading, "", []string{""}, "10"},
	} {
		if got := add(c.kind, c.parent, c.numbers...); got != c.want && c.want != "8 PhaN" {
			t.Errorf("%s %q: got %q, want %q", c.kind, c.numbers, got, c.want)
		} else if strings.Contains(got, "n") && c.kind == readiness.Single {
			t.Errorf("%q has an n where no ordinal stands", got)
		}
	}
	// A group that is numbered anew takes its items along.
	g, _ := f.Row("9.n")
	g.Number = "12"
	if got := f.SetRow("9.n", g); got != "12.n" {
		t.Errorf("the group is called %s", got)
	}
	if i, ok := f.Row("12.n-a"); !ok || i.Parent != "12.n" {
		t.Errorf("item %+v, want it in its group", i)
	}
	if wrong := f.Faults(); len(wrong) > 0 && !strings.Contains(wrong.Error(), "row_asks_nothing") {
		t.Error(wrong)
	}
	f.RemoveRow("12.n")
	if _, left := f.Row("12.n-a"); left {
		t.Error("an item is left without its group")
	}
	if err := f.AddRows(readiness.Row{}, make([]readiness.RowWords, 500)); fault.Of(err) != fault.Invalid {
		t.Errorf("500 rows more: %v", err)
	}
}

// What is taken away is not silently asked for in another way.
func TestRemoving(t *testing.T) {
	t.Parallel()
	f := begun(t)
	f.RemoveColumn("so_luong")
	wrong := f.WordedFaults()
	if len(wrong) != 4 || !strings.HasSuffix(wrong[0].Key, ".row_column") || wrong[0].Field != "rows.1" {
		t.Fatalf("a row that asked for nothing else: %v", wrong)
	}
	if row, _ := wrong[0].Args["row"].(readiness.Text); row.Vi != "1 Số bác sĩ" || row.En != "1 Doctors" {
		t.Errorf("the fault is about %+v", wrong[0].Args["row"])
	}
	f = begun(t)
	f.RemoveComponent("nhan_luc")
	for _, w := range f.WordedFaults() {
		if c, ok := w.Args["component"].(readiness.Text); ok && strings.Contains(c.Vi, "nhan_luc") {
			t.Errorf("the fault names a key: %v", w.Args)
		}
	}
	f = begun(t)
	f.SetKind("so_luong", readiness.TextColumn)
	if c, _ := f.Column("so_luong"); c.Kind != readiness.TextColumn || c.Label.Vi != "Số lượng" || len(f.Faults()) > 0 {
		t.Errorf("another kind: %+v, %v", c, f.Faults())
	}
}

func TestPartsAreAsked(t *testing.T) {
	t.Parallel()
	f := begun(t)
	f.AskParts(true, true)
	f.SetProposals([]readiness.Text{text("Đề xuất chung", "General"), text("Thể chế", "Law"), text("Thể chế", "Law")})
	if wrong := f.Faults(); len(wrong) > 0 || len(f.Proposals) != 3 || !f.HasPart4() {
		t.Errorf("%v %+v", wrong, f.Proposals)
	}
	first := f.Proposals[0].Key
	f.SetProposals([]readiness.Text{text("Thể chế", "Institutions"), text("Đề xuất chung", "General")})
	if f.Proposals[1].Key != first {
		t.Errorf("a group lost its key: %+v", f.Proposals)
	}
	f.AskParts(false, false)
	if len(f.Proposals) > 0 || f.HasPart4() || f.Part3.Vi != "" {
		t.Errorf("still asked: %+v", f)
	}
}

func TestOptionListsAreMade(t *testing.T) {
	t.Parallel()
	f := begun(t)
	list := f.AddList([]readiness.Option{{Text: text("Tốt", "Good"), Level: readiness.Met}, {Text: text("Kém", "Poor"), Level: readiness.NotMet}})
	f.AddColumn(readiness.Column{Label: text("Chất lượng", "Quality"), Kind: readiness.ChoiceColumn, Options: list})
	if list != "tot_kem" || len(f.Faults()) > 0 || f.ListName(list).Vi != "Tốt / Kém" {
		t.Errorf("%s %v %v", list, f.Faults(), f.ListName(list))
	}
	f.AddOption(list, readiness.Option{Text: text("tot", "fine")})
	wrong := f.WordedFaults()
	if len(wrong) != 1 || !strings.HasSuffix(wrong[0].Key, ".option_words") {
		t.Fatalf("two choices that read alike: %v", wrong)
	}
	if name, _ := wrong[0].Args["list"].(readiness.Text); !strings.HasPrefix(name.En, "Good / Poor") {
		t.Errorf("the list is called %v", wrong[0].Args["list"])
	}
	f.RemoveList(list)
	if wrong := f.Faults(); len(wrong) != 1 || !strings.HasSuffix(wrong[0].Key, ".column_options") {
		t.Errorf("a column without its list: %v", wrong)
	}
}

// Whatever the pages make of nothing, the faults of it are said without keys.
func TestWordedFaultsOfNothing(t *testing.T) {
	t.Parallel()
	f := readiness.NewForm("", readiness.Text{}, clock.Date{})
	f.AddColumn(readiness.Column{Kind: readiness.ChoiceColumn})
	f.AddComponent(readiness.Text{}, readiness.Text{})
	if err := f.AddRows(readiness.Row{Kind: readiness.Item, Component: "zzz"}, []readiness.RowWords{{}}); err != nil {
		t.Fatal(err)
	}
	for _, w := range f.WordedFaults() {
		for _, name := range []string{"column", "row", "list", "component"} {
			if s, raw := w.Args[name].(string); raw {
				t.Errorf("%s says %s %q", w.Key, name, s)
			}
		}
	}
}

func TestUsableForms(t *testing.T) {
	t.Parallel()
	of := func(id string, version int) *readiness.Template { return &readiness.Template{ID: id, Version: version} }
	all := []*readiness.Template{of("a", 1), of("b", 2), of("a", 3), of("a", 2), of("b", 1)}
	var got []string
	for _, u := range readiness.Usable(all, map[string]readiness.Withdrawal{"a/3": {Ref: "a/3"}}) {
		got = append(got, u.Ref())
	}
	if want := []string{"b/2", "a/2", "a/1", "b/1"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if n := readiness.NextVersion(all, "a"); n != 4 {
		t.Errorf("the next version is %d", n)
	}
}

// The form of letter 488 survives a copy with all that it has.
func TestCopyOfAForm(t *testing.T) {
	t.Parallel()
	f := appendix488(t)
	c, err := f.Copy("488", 2, clock.MustDate("2026-12-01"))
	if err != nil {
		t.Fatal(err)
	}
	if wrong := c.Faults(); len(wrong) > 0 {
		t.Fatal(wrong)
	}
	c.Version, c.From = f.Version, f.From
	was, _ := json.Marshal(f)
	now, _ := json.Marshal(c)
	if string(was) != string(now) {
		t.Error("the copy differs")
	}
	c.Rows[0].Label.Vi = "khác"
	if f.Rows[0].Label.Vi == "khác" {
		t.Error("the copy changes the form")
	}
}

func TestRowsAreNumberedAnew(t *testing.T) {
	t.Parallel()
	f := appendix488(t)
	before := keysOf(f)
	f.Renumber()
	if keysOf(f) != before || len(f.Faults()) > 0 {
		t.Errorf("what is numbered in order changes: %s, %v", keysOf(f), f.Faults())
	}
	first := f.Rows[:2]
	f.Rows = append(slices.Clone(f.Rows[2:]), first...)
	f.Renumber()
	last, _ := f.Row("5.n")
	if last.Number != "5.n" || f.Rows[len(f.Rows)-2].Parent != "" || len(f.Faults()) > 0 {
		t.Errorf("rows %s, %v", keysOf(f), f.Faults())
	}
	for _, r := range f.Rows {
		if r.Kind == readiness.Item && !strings.HasPrefix(r.Key, r.Parent+"-") {
			t.Errorf("item %s of %s", r.Key, r.Parent)
		}
	}
}
