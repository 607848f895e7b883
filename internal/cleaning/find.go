package cleaning

import (
	"math/bits"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// candidates are who some rows may be: the people of each row, in the order of people.
type candidates struct {
	start   []int    // of the people of each row
	people  []uint32 //
	crowded []bool   // a key of the row is shared by too many, who were left out
}

func (c *candidates) of(k int) []uint32 { return c.people[c.start[k]:c.start[k+1]] }

// keyed is the keys of some rows by one rule: what the people are held against. Rows are
// fewer than people, so it is theirs that are indexed, and the people pass by.
type keyed struct {
	rule  *rule
	seen  []uint64 // a bit for each hash that some row has
	shift uint
	index *index
	keys  []uint64 // of each entry
	row   []uint32 // of each entry
	count []atomic.Int32
}

func (m *matcher) keyed(r *rule, rows []int) *keyed {
	k := &keyed{rule: r}
	for at, i := range rows {
		r.keys(m.rows, i, ofRow, func(key uint64) {
			if key != 0 {
				k.keys, k.row = append(k.keys, key), append(k.row, uint32(at))
			}
		})
	}
	width := uint(max(bits.Len(uint(len(k.keys)))+4, 6))
	k.shift, k.seen = 64-width, make([]uint64, 1<<(width-6))
	for _, key := range k.keys {
		k.seen[key>>k.shift>>6] |= 1 << (key >> k.shift & 63)
	}
	k.index = newIndex(nil, len(k.keys), func(i int, add func(uint64)) { add(k.keys[i]) })
	k.count = make([]atomic.Int32, len(k.keys))
	return k
}

// hit is a person who has the key of an entry.
type hit struct{ entry, person uint32 }

// find finds who rows may be, by the rules that are early, or by all.
func (m *matcher) find(rows []int, late bool) *candidates {
	var by []*keyed
	var mu sync.Mutex
	rules := slices.DeleteFunc(slices.Clone(m.by), func(r *rule) bool { return r.late && !late })
	by = make([]*keyed, len(rules))
	m.pieces(len(rules), 1, func(from, _ int) { by[from] = m.keyed(rules[from], rows) })
	by = slices.DeleteFunc(by, func(k *keyed) bool { return len(k.keys) == 0 })

	const piece = 1 << 14
	hits := make([][][]hit, (m.people.n+piece-1)/piece) // by piece of people and rule
	m.pieces(m.people.n, piece, func(from, to int) {
		lists := make([][]hit, len(by))
		for b, k := range by {
			lists[b] = k.pass(m.people, from, to)
		}
		mu.Lock()
		hits[from/piece] = lists
		mu.Unlock()
	})

	out := &candidates{start: make([]int, len(rows)+1), crowded: make([]bool, len(rows))}
	for _, k := range by {
		for e := range k.keys {
			row, n := k.row[e], int(k.count[e].Load())
			if n > k.rule.most {
				// What a late rule leaves out the early ones would have found, where the row says enough.
				out.crowded[row] = out.crowded[row] || !k.rule.late || m.saysLittle(rows[row])
				continue
			}
			out.start[row+1] += n
		}
	}
	for i := range rows {
		out.start[i+1] += out.start[i]
	}
	out.people = make([]uint32, out.start[len(rows)])
	next := slices.Clone(out.start[:len(rows)])
	for p, lists := range hits {
		for b, list := range lists {
			k := by[b]
			for _, h := range list {
				if int(k.count[h.entry].Load()) <= k.rule.most {
					row := k.row[h.entry]
					out.people[next[row]] = h.person
					next[row]++
				}
			}
		}
		hits[p] = nil
	}
	out.tidy(m, rows)
	return out
}

// saysLittle says that a row has a name at most.
func (m *matcher) saysLittle(i int) bool {
	t := m.rows
	return t.birth[i] == 0 && m.world.Places.units[t.place[0][i]].home == 0
}

// pass holds some people against the keys.
func (k *keyed) pass(people *Table, from, to int) []hit {
	var list []hit
	person := 0
	add := func(key uint64) {
		if key == 0 || k.seen[key>>k.shift>>6]&(1<<(key>>k.shift&63)) == 0 {
			return
		}
		x := k.index
		for e := x.start[key>>x.shift]; e < x.start[key>>x.shift+1]; e++ {
			if entry := x.who[e]; x.low[e] == uint32(key) && k.keys[entry] == key {
				if int(k.count[entry].Add(1)) <= k.rule.most {
					list = append(list, hit{entry, uint32(person)})
				}
			}
		}
	}
	for person = from; person < to; person++ {
		k.rule.keys(people, person, ofPerson, add)
	}
	return list
}

// tidy gives the people of each row once, in their order, and not the row itself.
func (c *candidates) tidy(m *matcher, rows []int) {
	ends := make([]int, len(rows))
	m.pieces(len(rows), 1024, func(from, to int) {
		for k := from; k < to; k++ {
			list := c.people[c.start[k]:c.start[k+1]]
			slices.Sort(list)
			list = slices.Compact(list)
			if m.self {
				list = slices.DeleteFunc(list, func(j uint32) bool { return int(j) == rows[k] })
			}
			ends[k] = c.start[k] + len(list)
		}
	})
	at := 0
	for k := range rows {
		from := c.start[k]
		c.start[k] = at
		at += copy(c.people[at:], c.people[from:ends[k]])
	}
	c.start[len(rows)] = at
	c.people = c.people[:at]
}

// pieces cuts n into pieces for all cores.
func (m *matcher) pieces(n, piece int, do func(from, to int)) {
	var wg sync.WaitGroup
	next := make(chan int)
	for range min(runtime.GOMAXPROCS(0), (n+piece-1)/piece) {
		wg.Go(func() {
			for from := range next {
				do(from, min(from+piece, n))
			}
		})
	}
	for from := 0; from < n; from += piece {
		next <- from
	}
	close(next)
	wg.Wait()
}
