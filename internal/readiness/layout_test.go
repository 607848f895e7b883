package readiness_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/readiness"
)

// small has a row of each kind.
var small = readiness.Template{
	Difficulty: readiness.Text{Vi: "a) Khó khăn"}, Recommend: readiness.Text{Vi: "b) Đề xuất"},
	Rows: []readiness.Row{
		{Key: "1", Number: "1", Kind: readiness.Heading},
		{Key: "1.n", Number: "1.n", Kind: readiness.Repeat, Parent: "1"},
		{Key: "2", Number: "2", Kind: readiness.Single},
		{Key: "5.n", Number: "5.n", Kind: readiness.Group},
		{Key: "5.n-a", Kind: readiness.Item, Parent: "5.n"},
		{Key: "5.n-b", Kind: readiness.Item, Parent: "5.n"},
	},
}

func TestInOrder(t *testing.T) {
	t.Parallel()
	var got []string
	for row, n := range small.InOrder(func(r readiness.Row) int {
		return map[readiness.RowKind]int{readiness.Single: 1, readiness.Group: 2}[r.Kind]
	}) {
		got = append(got, fmt.Sprint(row.Key, " ", n))
	}
	if diff := cmp.Diff("1 1, 2 1, 5.n 1, 5.n-a 1, 5.n-b 1, 5.n 2, 5.n-a 2, 5.n-b 2", strings.Join(got, ", ")); diff != "" {
		t.Error(diff)
	}
}

func TestFormRows(t *testing.T) {
	t.Parallel()
	systems := []readiness.System{{ID: "s1", Name: "Cổng dịch vụ công"}}
	for name, test := range map[string]struct {
		answers []readiness.Answer
		want    string
	}{
		"blank": {nil, "1, 1.1, 2, 5.1, -, -"},
		"repeated": {
			[]readiness.Answer{{Row: "2", Key: "2"}, {Row: "1.1", Key: "1.n", SystemID: "s1"}, {Row: "1.2", Key: "1.n", System: "CSDL"}},
			"1, 1.1=1 Cổng dịch vụ công, 1.2=2 CSDL, 2=0, 5.1, -, -",
		},
		"a group has its system and its first answer": {
			[]readiness.Answer{
				{Row: "5.2-b", Key: "5.n-b", SystemID: "s1"},
				{Row: "5.1-a", Key: "5.n-a"},
				{Row: "5.1-b", Key: "5.n-b", System: "CSDL"},
			},
			"1, 1.1, 2, 5.2=0 Cổng dịch vụ công, -, -=0 Cổng dịch vụ công, 5.1=1 CSDL, -=1, -=2 CSDL",
		},
		"two answers to one item both stand": {
			[]readiness.Answer{{Row: "5.1-a", Key: "5.n-a"}, {Row: "5.1-a", Key: "5.n-a"}},
			"1, 1.1, 2, 5.1=0, -=0, -=1, -",
		},
		"what the form has no row for stands at its end": {
			[]readiness.Answer{{Row: "9", Key: "9"}, {Row: "1", Key: "1"}},
			"1, 1.1, 2, 5.1, -, -, 9=0, 1=1",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, r := range small.FormRows(&readiness.Return{Systems: systems, Answers: test.answers}) {
				s := r.Printed
				if s == "" {
					s = "-"
				}
				if r.Answer >= 0 {
					s = strings.TrimSpace(fmt.Sprintf("%s=%d %s", s, r.Answer, r.System))
				}
				got = append(got, s)
			}
			if diff := cmp.Diff(test.want, strings.Join(got, ", ")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestProposed(t *testing.T) {
	t.Parallel()
	ret := readiness.Return{Proposals: []readiness.Proposal{{Group: "network", Text: "a"}, {Group: "other"}, {Group: "network", Text: "b"}}}
	for group, want := range map[string]string{"network": "a\nb true", "other": " true", "security": " false"} {
		text, given := ret.Proposed(group)
		if got := fmt.Sprint(text, " ", given); got != want {
			t.Errorf("%s: got %q, want %q", group, got, want)
		}
	}
}

func TestFormLists(t *testing.T) {
	t.Parallel()
	ret := readiness.Return{Difficulties: []string{"a"}, Extra: []readiness.Extra{{Text: "x"}, {Text: "y"}}}
	if diff := cmp.Diff([]readiness.FormList{
		{Key: "difficulty", Label: small.Difficulty, Items: []string{"a"}},
		{Key: "recommendation", Label: small.Recommend},
		{Key: "extra", Items: []string{"x", "y"}},
	}, small.FormLists(&ret)); diff != "" {
		t.Error(diff)
	}
	if got := len(small.FormLists(nil)); got != 3 {
		t.Errorf("%d lists in a blank form, want 3", got)
	}
}
