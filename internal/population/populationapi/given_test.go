package populationapi_test

import (
	"strings"
	"testing"
)

// TestWhatIsGivenIsMeant: a member that is there and empty is refused by its name, a
// number alone is no claim, and zero is an age.
func TestWhatIsGivenIsMeant(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		ask
		status int
		want   string
	}{
		{"an empty name", ask{service: "match", body: `{"number":"001090000001","name":"","birth":""}`}, 422, `"field":"name","key":"populationapi.empty"`},
		{"a name of spaces", ask{service: "facts", body: `{"number":"001090000001","name":" \u200b"}`}, 422, `"field":"name","key":"populationapi.empty"`},
		{"an empty birth", ask{service: "match", body: `{"number":"001090000001","name":"A","birth":""}`}, 422, `"field":"birth","key":"populationapi.empty"`},
		{"an empty value", ask{service: "match", body: `{"number":"001090000001","name":"A","values":{"sex":""}}`}, 422, `"field":"values.sex"`},
		{"an empty number", ask{service: "facts", body: `{"number":"","old_number":"012345678"}`}, 422, `"field":"number"`},
		{"no fields", ask{service: "facts", body: `{"number":"001090000001","fields":[]}`}, 422, "populationapi.no_fields"},
		{"a number alone", ask{service: "match", body: key}, 422, `"field":"name","key":"populationapi.unproven"`},
		{"a number and its year", ask{service: "match", body: `{"number":"001090000001","birth":"1990"}`}, 422, "populationapi.unproven"},
		{"one of many alone", ask{service: "match", body: `{"persons":[` + claim + `,` + key + `]}`}, 422, `"field":"persons[1].name"`},
		{"a null is not claimed", ask{service: "match", body: `{"number":"001090000001","name":"A","birth":null,"values":{"sex":null}}`}, 200, `"found":true`},
		{"zeros", ask{service: "match", body: `{"number":"000000000000"}`}, 422, "citizen.number.zeros"},
		{"a name in TCVN3", ask{service: "match", body: `{"number":"001090000001","name":"NguyÔn ThÞ BÝch Hµ"}`}, 422, "Nguyễn Thị Bích Hà"},
		{"a name that lost letters", ask{service: "facts", body: `{"number":"001090000001","name":"Nguy?n"}`}, 422, "citizen.name.doubt.lost"},
		{
			"a father's name that lost letters",
			ask{service: "match", body: `{"number":"001090000001","name":"A","values":{"father":"Nguy?n"}}`},
			422, `"field":"values.father"`,
		},
		{"no end of ages", ask{service: "lists", body: `{"kind":"age","age_from":80,"fields":["name"]}`}, 202, `"age_from":80`},
		{"age zero", ask{service: "lists", body: `{"kind":"place","place":"01","age_from":0,"age_to":0,"fields":["name"]}`}, 202, `"age_from":0,"age_to":0`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := do(t, newAPI(t, &fake{}), tt.ask)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.want) {
				t.Errorf("%d %s\nwant %d with %s", w.Code, w.Body, tt.status, tt.want)
			}
		})
	}
}
