package citizen_test

import (
	"bytes"
	"encoding/csv"
	"os"
	"testing"

	"dean06/internal/citizen"
)

func column(t *testing.T, file string) []string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, 0, len(rows)-1)
	for _, r := range rows[1:] {
		names = append(names, r[1])
	}
	return names
}

// TestDoubtfulNames: the names of a file that came through old systems.
func TestDoubtfulNames(t *testing.T) {
	t.Parallel()
	want := []citizen.Doubt{
		{Reason: citizen.DoubtEncoding, Encoding: "TCVN3", Reading: "Nguyễn Thị Bích Hà"},
		{Reason: citizen.DoubtEncoding, Encoding: "VNI", Reading: "Nguyễn Thị Bích Hà"},
		{Reason: citizen.DoubtLost},
		{Reason: citizen.DoubtEncoding, Encoding: "UTF-8 × 2", Reading: "Nguyễn Thị Bích"},
		{Reason: citizen.DoubtLetters},
		{Reason: citizen.DoubtControl},
		{Reason: citizen.DoubtSigns},
		{Reason: citizen.DoubtSigns},
		{Reason: citizen.DoubtLetters},
	}
	names := column(t, "csv_legacy.csv")
	if len(names) != len(want) {
		t.Fatalf("%d names, want %d", len(names), len(want))
	}
	for i, name := range names {
		got, ok := citizen.DoubtName(name)
		if !ok || got != want[i] {
			t.Errorf("DoubtName(%q) = %+v, want %+v", name, struct{ citizen.Doubt }{got}, want[i])
		}
		if f := got.Fault(); f.Args["reading"] != nil && f.Args["reading"] != want[i].Reading {
			t.Errorf("%q: fault of %v", name, f.Args)
		}
	}
	for name, reason := range map[string]citizen.DoubtReason{
		"Nguyễn Văn \ufffd": citizen.DoubtLost, "Nguy\xe1n": citizen.DoubtLost, "Nguyễn Văn 2": citizen.DoubtDigits, "Nguyễn\u0000Thử": citizen.DoubtControl,
		"Nguyễn\u0085\u009fThử": citizen.DoubtEncoding, "'-.": citizen.DoubtLetters, "\u200b": citizen.DoubtLetters, " ": citizen.DoubtLetters,
		"@SUM(A1)":            citizen.DoubtSigns,
		"Nguyễn V\u0430n Thử": citizen.DoubtAlphabets, "Ngọc ½": citizen.DoubtEncoding, "Nguye^~n Va(n": citizen.DoubtSigns,
	} {
		if got, ok := citizen.DoubtName(name); !ok || got.Reason != reason {
			t.Errorf("DoubtName(%q) = %v, want %s", name, got, reason)
		}
	}
	if got, _ := citizen.DoubtName("Nguyễn V\u0430n Thử"); got.Reading != "Nguyễn Van Thử" {
		t.Errorf("reading = %q", got.Reading)
	}
}

// TestNamesWithSigns: names in which signs are hidden, or that are written with
// apostrophes and hyphens, are names.
func TestNamesWithSigns(t *testing.T) {
	t.Parallel()
	names := append(column(t, "names_signs.csv"), "", "Nguyễn Văn A", "Jürgen Müller", "Lü Bu", "Иван Петров", "St. John (Tom)", "王·明", "Tôn-Nữ Thị Ninh")
	for i, name := range names {
		if got, ok := citizen.DoubtName(name); ok {
			t.Errorf("row %d: DoubtName(%q) = %v, want none", i+1, name, got)
		}
		if !citizen.SameName(citizen.Squeeze(name), name) && name != "" || !citizen.SameName(citizen.Spell(name), name) && name != "" {
			t.Errorf("row %d: %q is not its own name", i+1, name)
		}
	}
}
