package programme_test

import (
	"slices"
	"strconv"
	"sync"
	"testing"

	"dean06/data"
	"dean06/internal/org"
	"dean06/internal/platform/clock"
	"dean06/internal/programme"
)

// country is the agencies of the reference data, without a database.
type country struct {
	dir  *org.Directory
	land *org.Territory
	all  []org.Version

	codes sync.Map // of the committees of local units, by version
}

var vietnam = sync.OnceValue(func() *country {
	h, err := org.ReadHistory(data.FS)
	if err != nil {
		panic(err)
	}
	return &country{dir: org.NewDirectory(*h), land: org.NewTerritory(*h), all: h.Versions}
})

func (c *country) Directory() *org.Directory { return c.dir }

func (c *country) Knows(code string) bool {
	if _, unit, local := org.ParseLocalCode(code); local {
		return slices.ContainsFunc(c.land.Coded(unit), func(v org.Version) bool { return c.codeOf(v) == code })
	}
	_, ok := c.dir.Last(code, clock.MustDate("2026-12-01"))
	return ok
}

func (c *country) NameOf(code string) string { return code }

// codeOf is the code of the committee of a district or commune.
func (c *country) codeOf(v org.Version) string {
	key := v.ID + v.From.String()
	if code, ok := c.codes.Load(key); ok {
		return code.(string)
	}
	code := c.findCode(v)
	c.codes.Store(key, code)
	return code
}

func (c *country) findCode(v org.Version) string {
	for _, a := range c.dir.Agencies(v.From) {
		if a.Level == org.Committee && a.Province == c.land.ProvinceOf(v) {
			return org.LocalCode(a.Code, v.Level, v.Code)
		}
	}
	return ""
}

func (c *country) Agency(code string, on clock.Date) (org.Agency, bool) {
	if _, unit, local := org.ParseLocalCode(code); local {
		v, ok := c.land.ByCode(unit, on)
		return org.Agency{ID: v.ID, Code: code, Name: v.Name, Level: v.Level}, ok && c.codeOf(v) == code
	}
	return c.dir.Agency(code, on)
}

func (c *country) Of(on clock.Date, kinds ...org.Kind) []org.Agency {
	var out []org.Agency
	for _, a := range c.dir.Agencies(on) {
		if slices.Contains(kinds, a.Kind()) {
			out = append(out, a)
		}
	}
	for _, v := range c.all {
		if (v.Level == org.District || v.Level == org.Commune) && v.On(on) && slices.Contains(kinds, v.Level.Kind()) {
			out = append(out, org.Agency{ID: v.ID, Code: c.codeOf(v), Name: v.Name, Level: v.Level})
		}
	}
	return out
}

func (c *country) lineage(code string, from, to clock.Date) (org.Lineage, error) {
	v, ok := c.land.ByCode(code, from)
	if !ok {
		return org.Lineage{}, nil
	}
	return c.land.Lineage(v.ID, from, to), nil
}

var _ programme.Country = (*country)(nil)

// counter gives ids.
func counter() func() string {
	n := 0
	return func() string { n++; return "id" + strconv.Itoa(n) }
}

func day(s string) clock.Date { return clock.MustDate(s) }

// known is the book of the demo as it was known on a day, put together without a database.
func known(t testing.TB, on clock.Date) *programme.Book {
	t.Helper()
	p := demoPast()
	var directives []programme.Directive
	var tasks []programme.Task
	var records []programme.Record
	for _, d := range p.Docs {
		switch {
		case d.Day.After(on):
		case d.Directive != nil:
			directives = append(directives, *d.Directive)
		case d.Task != nil:
			tasks = append(tasks, *d.Task)
		case d.Record != nil:
			records = append(records, *d.Record)
		}
	}
	sums := map[programme.Cell]int{}
	for _, d := range p.Deltas {
		if !d.Day.After(on) {
			c := d.Cell
			c.N = 0
			sums[c] += d.N
		}
	}
	var cells []programme.Cell
	for c, n := range sums {
		if c.N = n; n != 0 {
			cells = append(cells, c)
		}
	}
	return programme.NewBook(on, 1, directives, tasks, records, cells)
}

var demoPast = sync.OnceValue(func() programme.Past {
	f, err := data.Programme.Open("programme/demo.json")
	if err != nil {
		panic(err)
	}
	defer f.Close()
	p, err := programme.ReadPast(f, vietnam(), vietnam().lineage, counter())
	if err != nil {
		panic(err)
	}
	return p
})
