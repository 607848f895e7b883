package eform

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// anyValue draws what an answer may be, right or wrong for its question.
func anyValue(t *rapid.T, q *Question) Value {
	if rapid.IntRange(0, 9).Draw(t, "odd") == 0 {
		return rapid.SampledFrom([]Value{
			{Place: &Place{Commune: "05443"}}, {Card: &CardPaper{Kind: "CCCD", Serial: "1"}}, {Files: []string{"a"}}, {Text: "\u200b"}, {Text: "\xff"}, {},
		}).Draw(t, "odd value")
	}
	text := rapid.SampledFrom([]string{
		"yes", "no", "mother", "father", "other", "01", "02", "VN", "1", "2", "2026-11-20", "2026-01", "1992", "001192000001", "001090000001",
		"Lê Thị Vợ", "20/11/2026", "31/02/2026", "3", "1.000.000", "0912345678", "a@b.vn", "x",
	}).Draw(t, "text")
	switch q.Kind {
	case KindAddress:
		return rapid.SampledFrom([]Value{
			{Place: &Place{Commune: "05443", Detail: "Số 5"}}, {Text: "tan hoa"}, {Place: &Place{Country: "LA", Detail: "x"}}, {Text: text},
		}).Draw(t, "place")
	case KindCard:
		return Value{Card: &CardPaper{Kind: rapid.SampledFrom(append([]string{""}, CardKinds...)).Draw(t, "kind"), Serial: text}}
	case KindFile:
		return Value{Files: []string{text}}
	}
	return Value{Text: text}
}

// anyAnswers draws answers to some questions of a form.
func anyAnswers(t *rapid.T, f *Form) Answers {
	a := Answers{}
	for i := range f.Sections {
		sec := &f.Sections[i]
		rows := []int{0}
		if sec.Repeat != nil {
			rows = []int{1, 2, 4}
			if rapid.Bool().Draw(t, "list") {
				a[sec.ID] = typed(rapid.SampledFrom([]string{"1", "2 4", "none", "x", "1 1", "4 2 1"}).Draw(t, "rows"))
			}
		}
		for _, row := range rows {
			for j := range sec.Questions {
				q := &sec.Questions[j]
				if rapid.IntRange(0, 2).Draw(t, "answered") == 0 {
					continue
				}
				answer := Answer{Value: anyValue(t, q), Source: rapid.SampledFrom(sources).Draw(t, "source"), At: noon}
				answer.Locked = answer.Source == Register && q.Locked
				a[PathOf(sec, q, row)] = answer
			}
		}
	}
	return a
}

func aForm(t *rapid.T, forms []*Form) *Form { return rapid.SampledFrom(forms).Draw(t, "form") }

// Whatever the answers are: the same is asked each time, in one order, each path once; what
// is shown on a page of its own did not arrive; nothing panics.
func TestAnyAnswers(t *testing.T) {
	t.Parallel()
	forms := []*Form{readForm(t, "birth"), readForm(t, "move")}
	rapid.Check(t, func(t *rapid.T) {
		f := aForm(t, forms)
		a := anyAnswers(t, f)
		before := maps.Clone(a)
		asked, pages, wrong := f.Asked(a, here), f.Pages(a, here), f.Check(a, here)
		if !reflect.DeepEqual(a, before) {
			t.Fatal("the answers were changed")
		}
		if !slices.Equal(paths(asked), paths(f.Asked(maps.Clone(a), here))) || !slices.Equal(said(wrong), said(f.Check(maps.Clone(a), here))) {
			t.Fatal("asked twice, another answer")
		}
		seen := map[string]bool{}
		for _, q := range asked {
			if seen[q.Path] {
				t.Fatalf("%s is asked twice", q.Path)
			}
			seen[q.Path] = true
			if _, _, _, ok := f.Find(q.Path); !ok {
				t.Fatalf("%s is not found", q.Path)
			}
		}
		on := map[string]bool{}
		for _, p := range pages {
			for _, q := range p.Asked {
				if on[q.Path] || !seen[q.Path] {
					t.Fatalf("%s stands on two pages, or is not asked", q.Path)
				}
				on[q.Path] = true
				if q.Arrived() != (p.Kind == PageFilled) {
					t.Fatalf("%s is on a page of kind %s", q.Path, p.Kind)
				}
			}
		}
		if len(on) != len(seen) || pages[len(pages)-1].Kind != PageCheck {
			t.Fatal("a question has no page")
		}
		effective := f.Effective(a, here)
		if !slices.Equal(paths(f.Asked(effective, here)), paths(asked)) {
			t.Fatalf("what counts asks something else: %v, %v", paths(f.Asked(effective, here)), paths(asked))
		}
	})
}

// What Put takes is right, and put again is the same; what it refuses changes nothing.
func TestPutTakesWhatCheckTakes(t *testing.T) {
	t.Parallel()
	forms := []*Form{readForm(t, "birth"), readForm(t, "move")}
	rapid.Check(t, func(t *rapid.T) {
		f := aForm(t, forms)
		a := Answers{}
		for range rapid.IntRange(1, 12).Draw(t, "answers") {
			asked := f.Asked(a, here)
			q := rapid.SampledFrom(asked).Draw(t, "question")
			next, err := f.Put(a, here, q.Path, anyValue(t, q.Question), Typed, noon)
			if err != nil {
				continue
			}
			for _, w := range f.Check(next, here) {
				if w.Field == q.Path && next[q.Path].Given() && !strings.HasPrefix(w.Key, "eform.missing") {
					t.Fatalf("%s: %+v was taken and is wrong: %v", q.Path, next[q.Path].Value, w)
				}
			}
			again, err := f.Put(next, here, q.Path, next[q.Path].Value, Typed, noon)
			if err != nil || !again[q.Path].Value.Same(next[q.Path].Value) {
				t.Fatalf("%s: put again: %v", q.Path, err)
			}
			a = next
		}
	})
}

// A form that may be sent has all that is required: without any of it, it may not.
func TestNothingRequiredIsMissed(t *testing.T) {
	t.Parallel()
	f := readForm(t, "birth")
	for _, q := range f.Asked(allAnswers(), here) {
		a := allAnswers()
		delete(a, q.Path)
		if wrong := f.Check(a, here); q.Required != (len(wrong) > 0) {
			t.Errorf("%s: required %v, and without it: %v", q.Path, q.Required, said(wrong))
		}
	}
}

// Filled twice by the same register, nothing changes; what a person typed is never lost.
func TestPrefillIsStable(t *testing.T) {
	t.Parallel()
	f := readForm(t, "birth")
	rapid.Check(t, func(t *rapid.T) {
		a := anyAnswers(t, f)
		for path, answer := range a { // as people and this register leave them
			if answer.Source == Register || answer.Source == Card || answer.Source == System {
				delete(a, path)
			}
		}
		self := rapid.SampledFrom([]string{wife, husband, other, ""}).Draw(t, "self")
		k := &asking{}
		once, err := f.Prefill(a, here, planOf(self), noon, k.ask, k.match)
		if err != nil {
			t.Fatal(err)
		}
		twice, err := f.Prefill(once, here, planOf(self), noon, k.ask, k.match)
		if err != nil || !reflect.DeepEqual(once, twice) {
			for path := range twice {
				if !reflect.DeepEqual(once[path], twice[path]) {
					t.Errorf("%s: %+v, then %+v", path, once[path], twice[path])
				}
			}
			t.Fatalf("filled again it is another: %v", err)
		}
		for path, was := range a {
			now := once[path]
			kept := now.Value.Same(was.Value) || now.Before != nil && now.Before.Value.Same(was.Value)
			if was.Given() && was.Source == Typed && !kept {
				t.Fatalf("%s: %+v is lost: %+v", path, was.Value, now)
			}
		}
	})
}

func TestRowsAreNeverMixed(t *testing.T) {
	t.Parallel()
	f := readForm(t, "move")
	rapid.Check(t, func(t *rapid.T) {
		a := Answers{}
		names := map[int]string{}
		for i := range rapid.IntRange(1, 12).Draw(t, "acts") {
			rows := Rows(&f.Sections[1], a)
			if len(rows) > 0 && rapid.Bool().Draw(t, "remove") {
				row := rapid.SampledFrom(rows).Draw(t, "row")
				next, err := f.RemoveRow(a, "members", row, noon)
				if err != nil {
					t.Fatal(err)
				}
				delete(names, row)
				a = next
			} else {
				next, row, err := f.AddRow(a, "members", noon)
				if len(rows) == 3 {
					if err == nil {
						t.Fatal("more than may be")
					}
					continue
				}
				if err != nil || names[row] != "" {
					t.Fatalf("row %d: %v", row, err)
				}
				names[row] = "Người " + strings.Repeat("a", i+1)
				if a, err = f.Put(next, here, fmt.Sprintf("members.%d.name", row), Value{Text: names[row]}, Typed, noon); err != nil {
					t.Fatal(err)
				}
			}
			for row, name := range names {
				if a[fmt.Sprintf("members.%d.name", row)].Value.Text != name {
					t.Fatalf("row %d is not %q: %v", row, name, a)
				}
			}
			if len(Rows(&f.Sections[1], a)) != len(names) {
				t.Fatalf("%v rows for %v", Rows(&f.Sections[1], a), names)
			}
		}
	})
}

func TestAnswersGoThroughJSON(t *testing.T) {
	t.Parallel()
	a := allAnswers()
	a["mother.name"] = Answer{
		Value: Value{Text: "Lê Thị Vợ"}, Source: Register, At: noon, AsOf: noon.Add(-time.Hour), Fact: "name", Locked: true, Wrong: "sai", Seen: true,
		Person: wife, Match: &Match{Is: true, For: "x", At: noon}, Before: &Earlier{Value: Value{Text: "Lê"}, Source: Typed, At: noon},
		Offered: []Offer{{Value: Value{Text: "01"}, Of: []string{"mother"}, Fact: "ethnicity", AsOf: noon}},
	}
	document, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	got, err := ReadAnswers(document)
	if err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(got)
	if err != nil || string(again) != string(document) {
		t.Errorf("%s\n%s", document, again)
	}
	for _, bad := range []string{
		`{"a":{"value":{"text":"x"},"source":"typed","at":"2026-11-30T05:00:00Z","odd":1}}`,
		`{"a":{"value":{"text":"x"},"source":"typed","at":"2026-11-30T05:00:00Z"},"a":{"value":{},"source":"typed","at":"2026-11-30T05:00:00Z"}}`,
		`{"a":{"value":{"text":1},"source":"typed","at":"2026-11-30T05:00:00Z"}}`,
		`{"a":{"value":{"text":"x"},"source":"oracle","at":"2026-11-30T05:00:00Z"}}`,
		`{"a":{"Value":{"text":"x"},"source":"typed","at":"2026-11-30T05:00:00Z"}}`,
		`[]`, `{`, ``, `{}{}`,
	} {
		if got, err := ReadAnswers([]byte(bad)); err == nil {
			t.Errorf("%s was read: %v", bad, got)
		}
	}
	if got, err := ReadAnswers([]byte(`null`)); err != nil || len(got) != 0 {
		t.Errorf("%v %v", got, err)
	}
}

func FuzzReadAnswers(f *testing.F) {
	form := readForm(f, "birth")
	document, err := json.Marshal(allAnswers())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(document)
	f.Add([]byte(`{"members":{"value":{"text":"1 999 x"},"source":"typed","at":"2026-11-30T05:00:00Z"}}`))
	f.Fuzz(func(t *testing.T, document []byte) {
		a, err := ReadAnswers(document)
		if err != nil {
			return
		}
		form.Pages(a, here)
		for _, w := range form.Check(a, here) {
			if w.Key == "" || w.Field == "" && len(a) == 0 {
				t.Errorf("a fault without a place: %v", w)
			}
		}
	})
}

func FuzzNormal(f *testing.F) {
	for i, text := range []string{"20/11/2026", "1.000.000 đ", "+84 912 345 678", "a@b.vn", "P. 5, Q. 3", "Lê\u0323", "001192000001"} {
		f.Add(text, i)
	}
	kinds := []Kind{KindText, KindLong, KindName, KindNumber, KindDate, KindPartial, KindYes, KindAddress, KindCount, KindAmount, KindPhone, KindEmail}
	f.Fuzz(func(t *testing.T, text string, n int) {
		q := Question{Kind: kinds[max(n, -(n+1))%len(kinds)]}
		v, wrong := q.Normal(Value{Text: text}, here)
		if wrong != nil {
			return
		}
		if again, w := q.Normal(v, here); w != nil || !again.Same(v) {
			t.Errorf("%s %q: %+v, then %+v %v", q.Kind, text, v, again, w)
		}
	})
}
