package population_test

import (
	"testing"

	"dean06/internal/citizen"
	"dean06/internal/population"
)

// TestBornInto: what a new-born is to the head follows from what its parent is; a child of the
// head's mother is no grandchild.
func TestBornInto(t *testing.T) {
	t.Parallel()
	for was, want := range map[string]string{
		"CH03": "CH06", "CH05": "CH06", "CH04": "CH09", "CH06": "CH10", "CH07": "CH10", "CH08": "CH10", "CH09": "CH06", "CH10": "CH10",
		"CH11": "CH10", "CH12": "CH12",
	} {
		r, _ := village()
		record(t, r, event{Kind: population.Join, Number: boy, Facts: person{Household: "1", Relation: was}})
		born := record(t, r, event{Kind: population.Birth, On: citizen.MustDay("2026-11-15"), Facts: person{
			Name: "Trần Văn Bé", Sex: citizen.Male, Birthplace: population.Place{Province: "01"}, Father: kin{Number: boy},
		}}).Persons[0]
		if born.Household != "000000001" || born.Relation != want {
			t.Errorf("the child of a %s is %s in household %s, want %s", was, born.Relation, born.Household, want)
		}
	}
	// By the numbers: the head and the child have one father, who lives elsewhere.
	r, _ := village()
	born := record(t, r, event{Kind: population.Birth, On: citizen.MustDay("2026-11-15"), Facts: person{
		Name: "Nguyễn Văn Út", Sex: citizen.Male, Birthplace: population.Place{Province: "01"}, Father: kin{Number: father}, Household: "1",
	}}).Persons[0]
	if born.Relation != "CH09" {
		t.Errorf("a child of the head's father is %s", born.Relation)
	}
}
