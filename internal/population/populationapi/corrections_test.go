package populationapi_test

import (
	"context"
	"encoding/json"
	"slices"
	"testing"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/population"
)

// TestCorrections: what a citizen says is wrong waits for a registrar, changes nothing by
// itself, and its sender hears what became of it.
func TestCorrections(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		api, reg := reporting(t, db)
		type said struct{ ID, State, Answer, Field, Dossier string }
		claim := func(dossier, body string, header ...string) (int, said, string) {
			t.Helper()
			h := map[string]string{"X-Road-Issue": dossier}
			for i := 0; i+1 < len(header); i += 2 {
				h[header[i]] = header[i+1]
			}
			w := do(t, api, ask{service: "corrections", body: body, header: h})
			var out said
			_ = json.Unmarshal(w.Body.Bytes(), &out)
			return w.Code, out, w.Body.String()
		}
		const wrong = `{"person":{"number":"001192000001","name":"Lê Thị Vợ"},"field":"origin","says":"Xã Đại Từ, Thái Nguyên","why":"Theo giấy khai sinh"}`
		status, first, body := claim("H55-1", wrong)
		if status != 202 || first.State != "open" || first.ID == "" || first.Field != "origin" || first.Dossier != "H55-1" {
			t.Fatalf("claimed = %d %s", status, body)
		}
		if status, again, body := claim("H55-1", wrong); status != 200 || again.ID != first.ID {
			t.Errorf("again = %d %s", status, body)
		}
		for _, tt := range []struct {
			name, body string
			header     []string
			want       int
		}{
			{"something else of the same fact", `{"person":{"number":"001192000001","name":"Lê Thị Vợ"},"field":"origin","says":"Xã khác"}`, nil, 409},
			{"another's name", `{"person":{"number":"001192000001","name":"Trần Thị Lan"},"field":"origin","says":"Xã khác"}`, nil, 404},
			{"a field that is not granted", wrong, []string{"X-Dean06-Fields", "name"}, 403},
			{"a field that there is not", `{"person":{"number":"001192000001","name":"Lê Thị Vợ"},"field":"hair","says":"đen"}`, nil, 422},
			{"nothing said", `{"person":{"number":"001192000001","name":"Lê Thị Vợ"},"field":"origin","says":" "}`, nil, 422},
			{"no field", `{"person":{"number":"001192000001","name":"Lê Thị Vợ"},"says":"đen"}`, nil, 422},
			{"more", `{"person":{"number":"001192000001","name":"Lê Thị Vợ"},"field":"origin","says":"Xã","value":"x"}`, nil, 422},
			{"no officer", wrong, []string{"X-Road-UserId", ""}, 422},
		} {
			if status, _, body := claim("H55-1", tt.body, tt.header...); status != tt.want {
				t.Errorf("%s: %d %s, want %d", tt.name, status, body, tt.want)
			}
		}
		if status, _, body := claim("", wrong); status != 422 {
			t.Errorf("without a dossier: %d %s", status, body)
		}
		looked, err := reg.Store.Lookups(t.Context(), citizen.MustNumber("001192000001"), population.Period{}, "", 20)
		if err != nil || !slices.ContainsFunc(looked, func(l population.Lookup) bool {
			return l.Service == population.ServiceCorrections && l.Dossier == "H55-1" && slices.Contains(l.Fields, "origin")
		}) {
			t.Errorf("the person reads %+v, %v", looked, err)
		}

		clerk := actor.Actor{Account: "2", Name: "Vũ Thị Hộ Tịch", Roles: []string{population.Registrar}}
		if _, err := reg.Mistakes(t.Context(), actor.Actor{Account: "3", Roles: []string{population.Auditor}}, true, "", 10); fault.Of(err) != fault.Denied {
			t.Errorf("an auditor reads it: %v", err)
		}
		waiting, err := reg.WaitingFor(t.Context(), clerk)
		if err != nil || waiting.Mistakes != 1 {
			t.Errorf("waiting = %+v, %v", waiting, err)
		}
		list, err := reg.Mistakes(t.Context(), clerk, true, "", 10)
		if err != nil || len(list) != 1 || list[0].Says != "" || !list[0].Number.IsZero() || list[0].Agency != "H55" {
			t.Errorf("list = %+v, %v: it names nobody", list, err)
		}
		in := population.Inquiry{By: clerk, Purpose: "correction", Service: population.ServiceDesk}
		one, err := reg.Mistake(t.Context(), in, first.ID)
		if err != nil || one.Says != "Xã Đại Từ, Thái Nguyên" || one.Number != citizen.MustNumber("001192000001") {
			t.Errorf("one = %+v, %v", one, err)
		}
		if err := reg.SettleMistake(t.Context(), clerk, first.ID, ""); fault.Of(err) != fault.Invalid {
			t.Errorf("corrected, with no event: %v", err)
		}
		if err := reg.SettleMistake(t.Context(), clerk, first.ID, "ừ"); fault.Of(err) != fault.Invalid {
			t.Errorf("refused with half a word: %v", err)
		}
		if err := reg.SettleMistake(t.Context(), clerk, first.ID, "Giấy khai sinh gốc ghi đúng như cơ sở dữ liệu"); err != nil {
			t.Fatal(err)
		}
		if err := reg.SettleMistake(t.Context(), clerk, first.ID, "Giấy khai sinh gốc ghi đúng"); fault.Of(err) != fault.Conflict {
			t.Errorf("the second click: %v", err)
		}
		asked := func(id, client string) (int, said) {
			w := do(t, api, ask{service: "corrections", method: "GET", path: "/" + id, header: map[string]string{"X-Road-Client": client}})
			var out said
			_ = json.Unmarshal(w.Body.Bytes(), &out)
			return w.Code, out
		}
		if status, got := asked(first.ID, "VN/GOV/H55/TTHC"); status != 200 || got.State != "refused" || got.Answer == "" {
			t.Errorf("the sender hears %d %+v", status, got)
		}
		if status, _ := asked(first.ID, "VN/GOV/H04/TTHC"); status != 404 {
			t.Errorf("another system hears %d", status)
		}

		// One that is right is corrected.
		_, second, _ := claim("H55-2", wrong)
		if _, err := reg.Record(t.Context(), clerk, population.Event{
			Kind: population.MovePresent, Number: citizen.MustNumber("001192000001"), On: citizen.MustDay("2026-11-20"), Basis: "Giấy khai sinh số 5",
			Facts: population.Person{Present: population.Place{Province: "01", Commune: "00097", Detail: "Số 5"}},
		}); err != nil {
			t.Fatal(err)
		}
		if err := reg.SettleMistake(t.Context(), clerk, second.ID, ""); err != nil {
			t.Errorf("corrected: %v", err)
		}
		if left, err := reg.Mistakes(t.Context(), clerk, true, "", 10); err != nil || len(left) != 0 {
			t.Errorf("left = %+v, %v", left, err)
		}
	})
}

func (f *fake) ClaimMistake(
	_ context.Context, in population.Inquiry, key population.Key, field population.Field, says, why string,
) (population.Mistake, bool, error) {
	if err := f.check(in, []population.Field{field}); err != nil {
		return population.Mistake{}, false, err
	}
	if key.Number != thu.Number {
		return population.Mistake{}, false, nobody
	}
	return population.Mistake{ID: "m-1", Field: field, Says: says, Why: why, Dossier: in.Dossier, State: population.MistakeOpen, At: now}, false, nil
}

func (f *fake) MistakeOf(_ context.Context, in population.Inquiry, id string) (population.Mistake, error) {
	if id != "l1" {
		return population.Mistake{}, fault.New(fault.NotFound, "population.mistake.not_found", nil)
	}
	return population.Mistake{
		ID: id, Field: population.FieldOrigin, Dossier: in.Dossier, State: population.MistakeRefused, Answer: "Đúng rồi", At: now, DecidedAt: now,
	}, nil
}
