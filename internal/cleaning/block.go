package cleaning

import "math/bits"

// index finds people by the hash of a key. It is two arrays without pointers: people by
// the upper bits of the hash, and the lower bits to tell them apart.
type index struct {
	shift uint
	start []uint32
	low   []uint32
	who   []uint32
}

// newIndex builds an index of n people, on a disk if there is one. keys gives the keys of one of them; 0 is none.
func newIndex(d *Disk, n int, keys func(i int, add func(key uint64))) *index {
	width := uint(max(bits.Len(uint(n)), 4))
	x := &index{shift: 64 - width, start: room(d, 1<<width+1)}
	for i := range n {
		keys(i, func(key uint64) {
			if key != 0 {
				x.start[key>>x.shift+1]++
			}
		})
	}
	total := uint32(0)
	for i := range x.start {
		total += x.start[i]
		x.start[i] = total
	}
	x.low, x.who = room(d, int(total)), room(d, int(total))
	next := room(d, len(x.start)-1)
	copy(next, x.start)
	for i := range n {
		keys(i, func(key uint64) {
			if key != 0 {
				at := next[key>>x.shift]
				next[key>>x.shift]++
				x.low[at], x.who[at] = uint32(key), uint32(i)
			}
		})
	}
	return x
}

// each gives the people whose key may be this one: the lower bits of it agree.
func (x *index) each(key uint64, give func(i int)) {
	if key == 0 {
		return
	}
	for i := x.start[key>>x.shift]; i < x.start[key>>x.shift+1]; i++ {
		if x.low[i] == uint32(key) {
			give(int(x.who[i]))
		}
	}
}

// rule is a way of finding candidates: who shares its keys.
type rule struct {
	name string
	late bool // tried only for rows that the others leave open
	most int  // a key that more share says nothing
	keys func(t *Table, i int, side side, add func(key uint64))
}

// side says for which of the two files keys are made: people have several places.
type side bool

const (
	ofRow    side = false
	ofPerson side = true
)

const crowd = 2000

// key makes a key of a rule and two values; without one of them there is none.
func key(rule, a, b uint64) uint64 {
	if a == 0 || b == 0 {
		return 0
	}
	h := mix(mix(rule, a), b)
	if h == 0 {
		h = 1
	}
	return h
}

// rules are those for people: number, name, birth and place in pairs.
func (m *matcher) rules() []*rule {
	homes := func(t *Table, i int, s side, add func(home uint64)) {
		units := m.world.Places.units
		if s == ofRow {
			if u := &units[t.place[0][i]]; u.home != 0 {
				add(uint64(u.home))
				for _, h := range u.also {
					add(uint64(h))
				}
			}
			return
		}
		var seen [4]uint16
		for k := range t.place {
			h := units[t.place[k][i]].home
			if h != 0 && h != seen[0] && h != seen[1] && h != seen[2] {
				add(uint64(h))
			}
			seen[k] = h
		}
	}
	given := func(t *Table, i int) uint64 {
		if name := t.name(i); len(name) > 0 {
			return m.world.Words.at(name[len(name)-1]).plain
		}
		return 0
	}
	surname := func(t *Table, i int) uint64 {
		if name := t.name(i); len(name) > 1 {
			return m.world.Words.at(name[0]).plain
		}
		return 0
	}
	whole := func(t *Table, i int) uint64 {
		if d := t.birth[i]; d.Whole() {
			return uint64(d)
		}
		return 0
	}
	year := func(t *Table, i int) uint64 { return uint64(t.birth[i].Year()) }
	list := []*rule{
		{name: "number", most: crowd, keys: func(t *Table, i int, _ side, add func(uint64)) {
			if t.digits[i] == 12 {
				add(key(1, t.number[i], 1))
			}
		}},
		{name: "old", most: crowd, keys: func(t *Table, i int, _ side, add func(uint64)) {
			add(key(2, uint64(t.old[0][i]), 1))
			if t.old[1][i] != t.old[0][i] {
				add(key(2, uint64(t.old[1][i]), 1))
			}
		}},
		{name: "name, birth", most: crowd, keys: func(t *Table, i int, _ side, add func(uint64)) { add(key(3, t.plain[i], whole(t, i))) }},
		{name: "name, year", most: crowd, keys: func(t *Table, i int, _ side, add func(uint64)) { add(key(4, t.plain[i], year(t, i))) }},
		{name: "name, commune", most: crowd, keys: func(t *Table, i int, s side, add func(uint64)) {
			homes(t, i, s, func(h uint64) { add(key(5, t.plain[i], h)) })
		}},
		{name: "birth, given name", most: crowd, keys: func(t *Table, i int, _ side, add func(uint64)) { add(key(6, whole(t, i), given(t, i))) }},
		{name: "birth, commune", most: crowd, keys: func(t *Table, i int, s side, add func(uint64)) {
			homes(t, i, s, func(h uint64) { add(key(7, whole(t, i), h)) })
		}},
		{name: "birth, surname, sex", late: true, most: 400, keys: func(t *Table, i int, _ side, add func(uint64)) {
			add(key(8, whole(t, i), mix(surname(t, i), uint64(t.sex[i]))))
		}},
		{name: "birth, first and last letters exchanged", late: true, most: 400, keys: func(t *Table, i int, s side, add func(uint64)) {
			// The given name may stand first, with another slip beside it.
			if s == ofPerson {
				add(key(9, whole(t, i), given(t, i)))
			} else {
				add(key(9, whole(t, i), surname(t, i)))
			}
		}},
		{name: "year, commune, given name", late: true, most: 400, keys: func(t *Table, i int, s side, add func(uint64)) {
			homes(t, i, s, func(h uint64) { add(key(10, mix(h, year(t, i)), given(t, i))) })
		}},
		{name: "year, commune, surname", late: true, most: 400, keys: func(t *Table, i int, s side, add func(uint64)) {
			homes(t, i, s, func(h uint64) { add(key(11, mix(h, year(t, i)), surname(t, i))) })
		}},
		{name: "day and month exchanged, given name", late: true, most: 400, keys: func(t *Table, i int, s side, add func(uint64)) {
			d := t.birth[i]
			if !d.Whole() {
				return
			}
			if v := d.Year()*10000 + d.DayOfMonth()*100 + d.Month(); s == ofRow {
				add(key(12, uint64(v), given(t, i)))
			} else {
				add(key(12, uint64(d), given(t, i)))
			}
		}},
		{name: "name", late: true, most: 100, keys: func(t *Table, i int, _ side, add func(uint64)) { add(key(13, t.plain[i], 1)) }},
	}
	return list
}

// textRules are those for files that the register does not know: each pair of keys, of the
// whole texts and of their beginnings.
func (m *matcher) textRules() []*rule {
	type part struct {
		name   string
		column int
		of     func(t *Table, i int) uint64
	}
	var all []part
	for c := range m.rows.values {
		d := m.world.texts[c]
		all = append(all, part{"text", c, func(t *Table, i int) uint64 { return d.hash[t.values[c][i]] }})
		if m.kinds[c] == Text {
			all = append(all, part{"start", c, func(t *Table, i int) uint64 {
				s := d.texts[t.values[c][i]]
				if len(s) < 2 {
					return 0
				}
				return hashString(s[:min(3, len(s))])
			}})
		}
	}
	if len(m.rows.values) > 0 {
		all = append(all, part{"birth", -1, func(t *Table, i int) uint64 { return uint64(t.birth[i]) }})
		all = append(all, part{"name", -2, func(t *Table, i int) uint64 { return t.plain[i] }})
	}
	var out []*rule
	add := func(id uint64, name string, of func(t *Table, i int) uint64) {
		out = append(out, &rule{name: name, most: 150, keys: func(t *Table, i int, _ side, add func(uint64)) { add(key(id, of(t, i), 1)) }})
	}
	for i, a := range all {
		if a.name != "start" {
			add(uint64(100+i), a.name, a.of)
		}
		for j, b := range all[:i] {
			if a.column == b.column {
				continue
			}
			add(uint64(1000+i*100+j), a.name+", "+b.name, func(t *Table, k int) uint64 {
				x, y := a.of(t, k), b.of(t, k)
				if x == 0 || y == 0 {
					return 0
				}
				return mix(x, y)
			})
		}
	}
	return out
}

// counter counts how often hashes come. It has room for those that are different: names
// are far fewer than people.
type counter struct {
	mask uint64
	used uint64
	keys []uint64
	n    []uint32
}

func newCounter(keys []uint64) *counter {
	c := &counter{mask: 1<<12 - 1}
	c.keys, c.n = make([]uint64, c.mask+1), make([]uint32, c.mask+1)
	for _, k := range keys {
		if k != 0 {
			c.add(k, 1)
		}
	}
	return c
}

func (c *counter) add(k uint64, n uint32) {
	i := k & c.mask
	for c.keys[i] != 0 && c.keys[i] != k {
		i = (i + 1) & c.mask
	}
	if c.keys[i] == 0 {
		c.keys[i] = k
		c.used++
	}
	c.n[i] += n
	if c.used*3 > c.mask*2 {
		c.grow()
	}
}

func (c *counter) grow() {
	keys, n := c.keys, c.n
	c.mask, c.used = c.mask*4+3, 0
	c.keys, c.n = make([]uint64, c.mask+1), make([]uint32, c.mask+1)
	for i, k := range keys {
		if k != 0 {
			c.add(k, n[i])
		}
	}
}

func (c *counter) of(k uint64) int {
	if k == 0 {
		return 0
	}
	for i := k & c.mask; ; i = (i + 1) & c.mask {
		switch c.keys[i] {
		case k:
			return int(c.n[i])
		case 0:
			return 0
		}
	}
}

// repeated counts only what comes more than once: what is not there counts as one.
func (c *counter) repeated() *counter {
	kept := 0
	for _, n := range c.n {
		if n > 1 {
			kept++
		}
	}
	out := &counter{mask: 1<<bits.Len(uint(kept)+uint(kept)/2) - 1}
	out.keys, out.n = make([]uint64, out.mask+1), make([]uint32, out.mask+1)
	for at, n := range c.n {
		if n < 2 {
			continue
		}
		i := c.keys[at] & out.mask
		for out.keys[i] != 0 {
			i = (i + 1) & out.mask
		}
		out.keys[i], out.n[i] = c.keys[at], n
	}
	return out
}
