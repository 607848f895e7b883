package procedure

import (
	"context"
	"sync"

	"dean06/data"
	"dean06/internal/platform/clock"
)

// Catalogue is the administrative procedures of the country as one file lists them. It
// does not change.
type Catalogue struct {
	list   []Procedure // in the order of the file
	byCode map[string]int
	index  func() *index // made by the first search
}

// newCatalogue takes procedures. Those whose code is flawed have none by which they are
// found: " 1.014325" and "1.014325" are two.
func newCatalogue(list []Procedure) *Catalogue {
	c := &Catalogue{list: list, byCode: make(map[string]int, len(list))}
	for i, p := range list {
		if p.Flaw == "" {
			c.byCode[p.Code] = i
		}
	}
	c.index = sync.OnceValue(func() *index { return buildIndex(list, everyday()) })
	return c
}

// Len is how many procedures there are, flawed ones too.
func (c *Catalogue) Len() int { return len(c.list) }

// All are the procedures in the order of the file.
func (c *Catalogue) All(yield func(Procedure) bool) {
	for _, p := range c.list {
		if !yield(p) {
			return
		}
	}
}

// At is the procedure with a code, or the one of which it is a case (1.001193.01).
func (c *Catalogue) At(code string) (Procedure, bool) {
	i, ok := c.byCode[code]
	if !ok {
		whole, isCase := cutCase(code)
		if i, ok = c.byCode[whole]; !ok || !isCase {
			return Procedure{}, false
		}
	}
	return c.list[i], true
}

// BuiltinSource is where the catalogue is from that the program carries with it.
const BuiltinSource = "Cổng Dịch vụ công quốc gia"

// BuiltinTaken is the day on which the built-in catalogue was taken from the portal.
var BuiltinTaken = clock.MustDate("2026-07-18")

// builtin reads the program's own catalogue, once somebody asks.
var builtin = sync.OnceValue(func() *Reading {
	f, err := data.Catalogue()
	if err != nil {
		panic(err) // it is embedded
	}
	r, err := ReadCatalogue(f)
	if err != nil {
		panic(err)
	}
	return r
})

// Builtin is the catalogue that the program carries with it.
func Builtin() *Catalogue { return builtin().Catalogue }

// Name is what a procedure of the built-in catalogue is called; "" when it is not in it.
// A case of a procedure (1.001193.01) is called as the procedure.
func Name(_ context.Context, code string) string {
	p, _ := Builtin().At(code)
	return p.Name
}
