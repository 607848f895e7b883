package strictjson_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/strictjson"
)

type form struct {
	ID   string     `json:"id"`
	From clock.Date `json:"from"`
	Rows []struct {
		Key   string `json:"key"`
		Width int    `json:"width"`
	} `json:"rows"`
}

func TestRead(t *testing.T) {
	t.Parallel()
	var got form
	if err := strictjson.Read([]byte(`{"id": "488", "from": "2023-02-15", "rows": [{"key": "1", "width": 7}]}`), &got); err != nil {
		t.Fatal(err)
	}
	if got.ID != "488" || got.From != clock.MustDate("2023-02-15") || len(got.Rows) != 1 || got.Rows[0].Width != 7 {
		t.Errorf("got %+v", got)
	}
}

// Each fault is told with its line and its place.
func TestReadNamesThePlace(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ in, want string }{
		"unknown":       {"{\n\"id\": \"a\",\n\"rows\": [{\"key\": \"1\"},\n{\"kye\": \"2\"}]}", "line 4: /rows/1/kye: there is no such member"},
		"twice":         {"{\"id\": \"a\",\n\"id\": \"b\"}", "line 2: /id: this member stands twice"},
		"another case":  {"{\"ID\": \"a\"}", "line 1: /ID: there is no such member"},
		"a number":      {"{\n\"id\": 7}", "line 2: /id: it cannot be a number"},
		"a text":        {"{\"rows\": [\n{\"width\": \"7\"}]}", "line 2: /rows/0/width: it cannot be a text"},
		"a list":        {"[]", "line 1: it cannot be a list"},
		"no such day":   {"{\n\n\"from\": \"2023-02-30\"}", "line 3: /from: parse date \"2023-02-30\": want year-month-day, such as 2025-07-01"},
		"something on":  {"{}\n{}", "line 2: invalid character '{' after top-level value"},
		"nothing":       {"", "line 1: unexpected EOF"},
		"cut":           {"{\"id\":\n", "line 2: /id: unexpected EOF"},
		"comma missing": {"{\"id\": \"a\"\n\"rows\": []}", "line 2: invalid character '\"' after object value (expecting ',' or '}')"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := strictjson.Read([]byte(test.in), new(form))
			var place *strictjson.Error
			if !errors.As(err, &place) {
				t.Fatalf("%v is no *strictjson.Error", err)
			}
			if diff := cmp.Diff(test.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"id": "488", "rows": [{"key": "1"}]}`))
	f.Add([]byte("{\"id\":\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		var place *strictjson.Error
		err := strictjson.Read(in, new(form))
		if err != nil && (!errors.As(err, &place) || place.Line < 1 || place.Err == nil) {
			t.Errorf("%q: %#v", in, err)
		}
	})
}

func TestLines(t *testing.T) {
	t.Parallel()
	line := strictjson.Lines([]byte("{\n  \"rows\": [\n    {\"key\": \"1\"},\n\n    {\n\"key\": \"2\"}\n  ],\n  \"last\": 3\n}"))
	for pointer, want := range map[string]int{
		"": 1, "/rows": 2, "/rows/0": 3, "/rows/0/key": 3, "/rows/1": 5, "/rows/1/key": 6, "/rows/1/none": 5, "/last": 8, "/none": 1,
	} {
		if got := line(pointer); got != want {
			t.Errorf("%q: got line %d, want %d", pointer, got, want)
		}
	}
}
