package cleaning

import (
	"bytes"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/spelling"
)

// Table is the rows of a file or the people of a register, packed in columns: some sixty
// bytes a person, without a string or a pointer for any of them.
type Table struct {
	n      int
	number []uint64 // the digits of personal numbers; 0: none
	digits []uint8  // how many they are; twelve, if nobody slipped
	old    [2][]uint32
	wordAt []uint32 // where the words of a name begin
	words  []wordID
	same   []uint64 // hash of the name as it counts as the same, in its order
	plain  []uint64 // hash of its words without accents, in any order
	bare   []bool   // the name is written without any accent
	birth  []citizen.Day
	sex    []citizen.Sex
	place  [4][]placeID // 0: where somebody lives, 1: lives for a time, 2: was born, 3: comes from
	values [][]uint32   // of each column of text, code or category, in a dictionary
	idAt   []uint32     // where the text of an id begins
	ids    []byte
	notes  []remark
	bad    []badRow
	blocks []int // the first row of each block of the file
	print  string
}

// badRow is a row that could not be read.
type badRow struct {
	row, line int
	why       rowReason
}

// Len is how many rows there are.
func (t *Table) Len() int { return t.n }

func (t *Table) name(i int) []wordID { return t.words[t.wordAt[i]:t.wordAt[i+1]] }

func (t *Table) id(i int) []byte { return t.ids[t.idAt[i]:t.idAt[i+1]] }

// World is what all tables of a run share: words, places, values and the day.
type World struct {
	Words  *Lexicon
	Places *Gazetteer
	Today  clock.Date
	Disk   *Disk         // where people are kept; nil: in memory
	texts  []*dictionary // by the order of the columns of text, code and category
}

// NewWorld makes what tables share.
func NewWorld(places *Gazetteer, today clock.Date) *World {
	return &World{Words: NewLexicon(), Places: places, Today: today}
}

// shape is which parts a layout fills.
type shape struct {
	name, birth, sex, place, number, id bool
	texts                               []int // columns of the file, in the order of their headings
}

func (l Layout) shape() shape {
	var s shape
	for i, k := range l.Kinds {
		switch k {
		case Name, Surname, Middle, Given:
			s.name = true
		case Birth, DayPart, Month, Year:
			s.birth = true
		case Sex, MaleMark, FemaleMark:
			s.sex = true
		case Address, Commune, District, Province, dwelling, origin:
			s.place = true
		case Number, oldNumbers:
			s.number = true
		case ID:
			s.id = true
		case Text, Code, Category:
			s.texts = append(s.texts, i)
		case Ignore:
		}
	}
	slices.SortFunc(s.texts, func(a, b int) int { return compareText(l.Headings[a], l.Headings[b]) })
	return s
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// Read packs the rows of a file, on all cores.
func (w *World) Read(s *Source, l Layout) (*Table, error) { return w.read(s, l, nil) }

// ReadPeople packs the people: on the disk, where the world has one.
func (w *World) ReadPeople(s *Source, l Layout) (*Table, error) { return w.read(s, l, w.Disk) }

func (w *World) read(s *Source, l Layout, disk *Disk) (*Table, error) {
	sh := l.shape()
	s.need = 0
	if !s.quoted { // the register's own file
		for i, k := range l.Kinds {
			if k != Ignore {
				s.need = i + 1
			}
		}
	}
	for len(w.texts) < len(sh.texts) {
		w.texts = append(w.texts, newDictionary())
	}
	type part struct {
		table *Table
		lines int
	}
	var kept *spool
	if disk != nil {
		var err error
		if kept, err = newSpool(disk, len(sh.texts)); err != nil {
			return nil, err
		}
		defer kept.close()
	}
	var mu sync.Mutex
	var parts []part
	var full error // the disk
	next := 0      // part for the disk
	blocks := make(chan block, 2)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			p := newPacker(w, s, l, sh)
			for b := range blocks {
				t, lines := p.pack(b.text)
				mu.Lock()
				for len(parts) <= b.index {
					parts = append(parts, part{})
				}
				parts[b.index] = part{t, lines}
				for kept != nil && full == nil && next < len(parts) && parts[next].table != nil {
					full = kept.add(parts[next].table)
					next++
				}
				mu.Unlock()
			}
		})
	}
	err := s.eachBlock(func(b block) bool { blocks <- b; return true })
	close(blocks)
	wg.Wait()
	if err != nil {
		return nil, fmt.Errorf("read rows: %w", err)
	}
	if full != nil {
		return nil, full
	}
	tables := make([]*Table, 0, len(parts))
	lines := make([]int, 0, len(parts))
	for _, p := range parts {
		if p.table != nil {
			tables, lines = append(tables, p.table), append(lines, p.lines)
		}
	}
	row := 0
	starts := make([]int, 0, len(parts)+1)
	for _, p := range parts {
		starts = append(starts, row)
		if p.table != nil {
			row += p.table.n
		}
	}
	var t *Table
	if kept == nil {
		t = joined(tables, len(sh.texts))
	} else if t, err = kept.table(len(sh.texts)); err != nil {
		return nil, err
	}
	t.gather(tables, lines, int(s.head))
	t.blocks = starts
	return t, nil
}

// gather counts the rows of the parts, and says of those that are bad where they stand in the whole.
func (t *Table) gather(parts []*Table, lines []int, head int) {
	line := head + 1
	for i, p := range parts {
		for _, b := range p.bad {
			t.bad = append(t.bad, badRow{t.n + b.row, line + b.line, b.why})
		}
		t.n, line = t.n+p.n, line+lines[i]
	}
}

// joined puts tables one after the other.
func joined(parts []*Table, texts int) *Table {
	out := &Table{values: make([][]uint32, texts)}
	n := 0
	for _, p := range parts {
		n += p.n
	}
	gather := func(do func(p *Table)) {
		for _, p := range parts {
			do(p)
		}
	}
	out.number = concat(parts, func(p *Table) *[]uint64 { return &p.number })
	out.digits = concat(parts, func(p *Table) *[]uint8 { return &p.digits })
	for i := range out.old {
		out.old[i] = concat(parts, func(p *Table) *[]uint32 { return &p.old[i] })
	}
	out.same = concat(parts, func(p *Table) *[]uint64 { return &p.same })
	out.plain = concat(parts, func(p *Table) *[]uint64 { return &p.plain })
	out.bare = concat(parts, func(p *Table) *[]bool { return &p.bare })
	out.birth = concat(parts, func(p *Table) *[]citizen.Day { return &p.birth })
	out.sex = concat(parts, func(p *Table) *[]citizen.Sex { return &p.sex })
	out.notes = concat(parts, func(p *Table) *[]remark { return &p.notes })
	for i := range out.place {
		out.place[i] = concat(parts, func(p *Table) *[]placeID { return &p.place[i] })
	}
	for i := range out.values {
		out.values[i] = concat(parts, func(p *Table) *[]uint32 { return &p.values[i] })
	}
	out.wordAt, out.idAt = make([]uint32, 1, n+1), make([]uint32, 1, n+1)
	words, ids := 0, 0
	gather(func(p *Table) { words, ids = words+len(p.words), ids+len(p.ids) })
	out.words, out.ids = make([]wordID, 0, words), make([]byte, 0, ids)
	for _, p := range parts {
		for _, at := range p.wordAt[1:] {
			out.wordAt = append(out.wordAt, uint32(len(out.words))+at)
		}
		for _, at := range p.idAt[1:] {
			out.idAt = append(out.idAt, uint32(len(out.ids))+at)
		}
		out.words, out.ids = append(out.words, p.words...), append(out.ids, p.ids...)
		p.words, p.ids = nil, nil
	}
	return out
}

func concat[T any](parts []*Table, of func(*Table) *[]T) []T {
	n := 0
	for _, p := range parts {
		n += len(*of(p))
	}
	out := make([]T, 0, n)
	for _, p := range parts {
		out = append(out, *of(p)...)
		*of(p) = nil
	}
	return out
}

// packer packs blocks; each core has its own, with what it has met already.
type packer struct {
	world  *World
	source *Source
	layout Layout
	shape  shape
	t      *Table
	words  map[string][]known
	places map[string]placeID
	texts  []map[string]uint32
	names  [3][]byte
	joined []byte
	checks bool // that rows go with themselves: of a file, not of the register
	row0   int  // bytes of a row, about
}

func newPacker(w *World, s *Source, l Layout, sh shape) *packer {
	p := &packer{
		world: w, source: s, layout: l, shape: sh, words: map[string][]known{}, places: map[string]placeID{},
		checks: !slices.Contains(l.Kinds, oldNumbers),
	}
	for range sh.texts {
		p.texts = append(p.texts, map[string]uint32{})
	}
	return p
}

func (p *packer) pack(text []byte) (*Table, int) {
	p.t = newTable(len(text)/max(p.row0, 40)+16, len(p.shape.texts))
	lines := p.source.eachRow(text, func(line int, cells [][]byte, why rowReason) {
		if why != "" {
			p.t.bad = append(p.t.bad, badRow{p.t.n, line, why})
			cells = nil
		}
		p.row(cells)
	})
	if p.t.n > 0 {
		p.row0 = len(text) / p.t.n
	}
	return p.t, lines
}

// rows packs rows whose cells are at hand; of the bad ones nothing is known.
func (p *packer) rows(cells [][][]byte, bad []badRow) *Table {
	p.t = newTable(len(cells), len(p.shape.texts))
	p.t.bad = bad
	for _, row := range cells {
		p.row(row)
	}
	return p.t
}

func bytesOf(cells []string) [][]byte {
	var out [][]byte
	for _, c := range cells {
		out = append(out, []byte(c))
	}
	return out
}

// newTable makes room for about n rows.
func newTable(n, texts int) *Table {
	t := &Table{
		number: make([]uint64, 0, n), digits: make([]uint8, 0, n), wordAt: make([]uint32, 1, n+1), words: make([]wordID, 0, 4*n),
		same: make([]uint64, 0, n), plain: make([]uint64, 0, n), bare: make([]bool, 0, n), birth: make([]citizen.Day, 0, n),
		sex: make([]citizen.Sex, 0, n), values: make([][]uint32, texts), idAt: make([]uint32, 1, n+1), notes: make([]remark, 0, n),
	}
	for i := range t.old {
		t.old[i] = make([]uint32, 0, n)
	}
	for i := range t.place {
		t.place[i] = make([]placeID, 0, n)
	}
	return t
}

// row packs a row; without cells it is one of which nothing is known.
func (p *packer) row(cells [][]byte) {
	t := p.t
	var number idNumber
	var old [2]uint32
	var birth citizen.Day
	var sex citizen.Sex
	var notes remark
	var places [4]placeID
	var address, commune, district, province, birthplace []byte
	var part [3]int
	p.names = [3][]byte{}
	dwellings, origins := 0, 2
	both := false
	for i, k := range p.layout.Kinds {
		if i >= len(cells) {
			break
		}
		cell := cells[i]
		if len(cell) == 0 || k == Ignore {
			continue
		}
		switch k {
		case Number:
			n, o := numbersOf(cell)
			notes |= n.notes | o.notes
			switch {
			case o.size > 0 && old[0] == 0:
				old[0] = uint32(o.value)
			case o.size > 0:
				old[1] = uint32(o.value)
			}
			if n.size > 0 && number.size == 0 {
				number = n
			}
		case oldNumbers:
			for j, v := range bytes.Fields(cell) {
				if n := readNumber(v); j < 2 && n.size == 9 {
					old[j] = uint32(n.value)
				}
			}
		case Name, Given:
			p.names[2] = cell
		case Middle:
			p.names[1] = cell
		case Surname:
			p.names[0] = cell
		case Birth:
			var r remark
			birth, r = birthOf(cell, p.world.Today, p.layout.MonthFirst)
			notes |= r
		case DayPart:
			part[0] = parseYear(cell)
		case Month:
			part[1] = parseYear(cell)
		case Year:
			if part[2] = parseYear(cell); part[2] == 0 {
				var r remark
				birth, r = birthOf(cell, p.world.Today, p.layout.MonthFirst)
				notes |= r
			}
		case Sex:
			var r remark
			sex, r = sexOf(cell, &p.layout)
			notes |= r
		case MaleMark, FemaleMark:
			if !marked(cell) {
				continue
			}
			// Both are filled: neither says anything.
			if sex == citizen.SexUnknown && !both {
				sex = markOf[k]
			} else if sex != markOf[k] {
				sex, both = citizen.SexUnknown, true
			}
			if d, r := birthOf(cell, p.world.Today, p.layout.MonthFirst); d != 0 && birth == 0 {
				birth = d
				notes |= r
			}
		case dwelling:
			if id := p.coded(cell); id != 0 && dwellings < 2 && (dwellings == 0 || places[0] != id) {
				places[dwellings] = id
				dwellings++
			}
		case origin:
			if id := p.coded(cell); id != 0 && origins < 4 && (origins == 2 || places[2] != id) {
				places[origins] = id
				origins++
			}
		case Address:
			address = cell
		case Commune:
			commune = cell
		case District:
			district = cell
		case Province:
			province = cell
		case Birthplace:
			birthplace = cell
		case ID:
			t.ids = append(t.ids, cell...)
		case Text, Code, Category, Ignore:
		}
	}
	if part[2] > 0 {
		var r remark
		birth, r = checked(part[2], part[1], part[0], false)
		notes |= r
	}
	if p.checks {
		if number.size == 12 {
			var born placeID
			if len(birthplace) > 0 {
				born = p.place(birthplace, nil, nil, nil)
			}
			notes |= p.world.Places.against(number.value, birth, sex, born)
		}
		if birth != 0 && p.world.odd(birth) {
			notes |= birthOdd
		}
	}
	if len(address)+len(commune)+len(district)+len(province) > 0 {
		places[0] = p.place(address, commune, district, province)
	}
	t.idAt = append(t.idAt, uint32(len(t.ids)))
	for i, column := range p.shape.texts {
		var v uint32
		if column < len(cells) {
			v = p.text(i, cells[column])
		}
		t.values[i] = append(t.values[i], v)
	}
	if p.shape.name {
		if p.oldCode() {
			notes |= oldLetters
		}
		p.name()
	} else {
		t.wordAt = append(t.wordAt, uint32(len(t.words)))
		t.same, t.plain, t.bare = append(t.same, 0), append(t.plain, 0), append(t.bare, false)
	}
	t.number, t.digits = append(t.number, number.value), append(t.digits, number.size)
	t.old[0], t.old[1] = append(t.old[0], old[0]), append(t.old[1], old[1])
	t.birth, t.sex, t.notes = append(t.birth, birth), append(t.sex, sex), append(t.notes, notes)
	for i, id := range places {
		t.place[i] = append(t.place[i], id)
	}
	t.n++
}

// oldCode reads a name that is written in an old code, or coded twice, in a file that is not:
// somebody copied it from elsewhere. Nearly no other name has a sign of Latin-1.
func (p *packer) oldCode() bool {
	found := false
	for i, text := range p.names {
		if bytes.IndexByte(text, 0xC2) < 0 {
			continue
		}
		if l, ok := spelling.ReadLegacy(string(text)); ok && l.Text != "" {
			p.names[i], found = []byte(l.Text), true
		}
	}
	return found
}

// name packs the words of a name.
func (p *packer) name() {
	t := p.t
	start := len(t.words)
	same, plain := uint64(hashSeed), uint64(0)
	bare := true
	for _, text := range p.names {
		for at := 0; at < len(text); {
			for at < len(text) && text[at] <= ' ' {
				at++
			}
			end := at
			for end < len(text) && text[end] > ' ' {
				end++
			}
			if end == at {
				break
			}
			for _, w := range p.wordsOf(text[at:end]) {
				if len(t.words)-start < maxWords {
					t.words = append(t.words, w.id)
					same, plain, bare = mix(same, w.same), plain+w.plain, bare && w.bare
				}
			}
			at = end
		}
	}
	if len(t.words) == start {
		same, bare = 0, false
	}
	t.wordAt = append(t.wordAt, uint32(len(t.words)))
	t.same, t.plain, t.bare = append(t.same, same), append(t.plain, plain), append(t.bare, bare)
}

var markOf = map[Kind]citizen.Sex{MaleMark: citizen.Male, FemaleMark: citizen.Female}

// maxWords of a name are compared.
const maxWords = 12

// cached bounds what a packer keeps of texts that it has met.
const cached = 1 << 18

// known is a word that a packer has met.
type known struct {
	id          wordID
	same, plain uint64
	bare        bool
}

func (p *packer) wordsOf(raw []byte) []known {
	if words, ok := p.words[string(raw)]; ok {
		return words
	}
	words := p.world.Words.split(string(raw))
	if len(p.words) < cached {
		p.words[string(raw)] = words
	}
	return words
}

func (p *packer) coded(cell []byte) placeID {
	if id, ok := p.places[string(cell)]; ok {
		return id
	}
	id := p.world.Places.coded(string(cell))
	p.places[string(cell)] = id
	return id
}

// place reads an address in one column or in several.
func (p *packer) place(address, commune, district, province []byte) placeID {
	b := p.joined[:0]
	for _, text := range [][]byte{address, commune, district, province} {
		if len(bytes.TrimSpace(text)) > 0 {
			if len(b) > 0 {
				b = append(b, ", "...)
			}
			b = append(b, text...)
		}
	}
	p.joined = b
	if id, ok := p.places[string(b)]; ok {
		return id
	}
	g := p.world.Places
	var id placeID
	switch {
	case len(commune) > 0 && isDigits(commune):
		id = g.coded(string(bytes.TrimSpace(province)) + "/" + string(bytes.TrimSpace(district)) + "/" + string(bytes.TrimSpace(commune)))
	case bytes.Count(b, []byte("/")) == 2 && isDigits(bytes.ReplaceAll(b, []byte("/"), nil)):
		id = g.coded(string(b))
	default:
		id = g.read(string(b))
	}
	if len(p.places) < cached {
		p.places[string(b)] = id
	}
	return id
}

func isDigits(s []byte) bool {
	s = bytes.TrimSpace(s)
	for _, c := range s {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(s) > 0
}

func (p *packer) text(i int, cell []byte) uint32 {
	if v, ok := p.texts[i][string(cell)]; ok {
		return v
	}
	v := p.world.texts[i].put(citizen.Fold(string(cell)))
	if len(p.texts[i]) < cached {
		p.texts[i][string(cell)] = v
	}
	return v
}

// dictionary holds the texts of a column of both files; 0 is no text.
type dictionary struct {
	mu    sync.Mutex
	ids   map[string]uint32
	texts []string
	hash  []uint64
}

func newDictionary() *dictionary {
	return &dictionary{ids: map[string]uint32{"": 0}, texts: []string{""}, hash: []uint64{0}}
}

func (d *dictionary) put(s string) uint32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	if v, ok := d.ids[s]; ok {
		return v
	}
	v := uint32(len(d.texts))
	d.ids[s] = v
	d.texts, d.hash = append(d.texts, s), append(d.hash, hashString(s))
	return v
}
