package eform

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"sync"

	"dean06/data"
	"dean06/internal/citizen"
)

// Item is a line of a code list.
type Item struct {
	Code string
	Name Text
	// Unsaid is a code that says that nothing is known: a register may hold it, and no
	// answer is it.
	Unsaid bool
}

// In is its name in a language.
func (i Item) In(lang string) string { return i.Name.In(lang) }

// List is a code list of which a question takes one line.
type List struct {
	items  []Item
	byCode map[string]Item
}

// All lists the lines that may be an answer, in order.
func (l List) All() []Item {
	out := make([]Item, 0, len(l.items))
	for _, i := range l.items {
		if !i.Unsaid {
			out = append(out, i)
		}
	}
	return out
}

// Find gives a line.
func (l List) Find(code string) (Item, bool) {
	i, ok := l.byCode[code]
	return i, ok
}

// Name is the name of a code; the code itself when it is not in the list.
func (l List) Name(code, lang string) string {
	if i, ok := l.byCode[code]; ok {
		return i.In(lang)
	}
	return code
}

// Lists are the code lists by the names that questions give them: sex, marital, blood,
// ethnicity, religion, nationality (countries), relation (to the head of a household).
var Lists = sync.OnceValue(func() map[string]List {
	of := citizen.Codes()
	return map[string]List{
		"sex":         listOf(of.Sex, "0"),
		"marital":     listOf(of.Marital, "0"),
		"blood":       listOf(of.Blood, "00"),
		"ethnicity":   listOf(of.Ethnicity, "00"),
		"religion":    listOf(of.Religion, ""),
		"nationality": countries(),
		"country":     countries(),
		"relation":    relations(),
	}
})

// ListOf gives a code list by its name.
func ListOf(name string) (List, bool) {
	l, ok := Lists()[name]
	return l, ok
}

func newList(items []Item) List {
	l := List{items: items, byCode: map[string]Item{}}
	for _, i := range items {
		l.byCode[i.Code] = i
	}
	return l
}

func listOf(codes citizen.CodeList, unsaid string) List {
	var items []Item
	for _, c := range codes.All() {
		items = append(items, Item{Code: c.Code, Name: Text{Vi: c.Name, En: c.English}, Unsaid: c.Code == unsaid})
	}
	return newList(items)
}

// countries are those of data/codes/countries.csv, Việt Nam first.
func countries() List {
	file, err := data.FS.Open("codes/countries.csv")
	if err != nil {
		panic(err) // embedded: a build without it is broken
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		panic(fmt.Errorf("read codes/countries.csv: %w", err))
	}
	var first, items []Item
	for _, row := range rows[1:] {
		item := Item{Code: row[0], Name: Text{Vi: row[1], En: row[2]}}
		if item.Code == Vietnam {
			first = append(first, item)
			continue
		}
		items = append(items, item)
	}
	return newList(append(first, items...))
}

func relations() List {
	raw, err := data.FS.ReadFile("codes/household-relations.json")
	if err != nil {
		panic(err)
	}
	var file struct {
		Relations []struct{ Code, Vi, En string }
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		panic(fmt.Errorf("read codes/household-relations.json: %w", err))
	}
	var items []Item
	for _, r := range file.Relations {
		items = append(items, Item{Code: r.Code, Name: Text{Vi: r.Vi, En: r.En}})
	}
	return newList(items)
}
