package population

import (
	"bufio"
	"cmp"
	"container/heap"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// saying is what a row of a file says of somebody, of a household, or of a card, so that
// it can be held against what other rows say. It is as short as can be, as there are some
// four of them for each row.
type saying struct {
	about int64 // topic and number of whom or of what
	by    int64 // personal number of whose row it is
	other int64 // of a self: the spouse; of a member: the codes of where they live
	name  int64 // by which the one whom it is about is called there, as a key; 0 is none
	line  int32
	birth int32 // of whose row it is
	ended int32
	kind  sayingKind
	bits  uint8 // sex, life, and marital status of whose row it is
	role  role  // in a household
	_     uint8
}

// sayingKind is what a saying is, in the order in which those about one are read.
type sayingKind uint8

const (
	saysSelf     sayingKind = iota + 1 // the row of the person themselves
	saysFather                         // the row of a child, about the father
	saysMother                         // and about the mother
	saysSpouse                         // the row of a spouse
	saysGuardian                       // the row of a ward
	saysMember                         // the row of a member, about the household
	saysHolder                         // the row of a holder, about a card
)

// The topics stand above the numbers in about.
const (
	topicPerson    = 0 << 60
	topicHousehold = 1 << 60
	topicCard      = 2 << 60
	topicNumber    = 1<<60 - 1
)

func compareSayings(a, b saying) int {
	return cmp.Or(cmp.Compare(a.about, b.about), cmp.Compare(a.kind, b.kind), cmp.Compare(a.line, b.line))
}

// sayings are those of a file, to be read by whom they are about. Of a long file they are
// in a temporary file that nobody else can open, as they do not fit into memory.
type sayings struct {
	most int // that are kept in memory
	last []saying
	file *os.File
	runs []int64 // how many sayings each sorted stretch of the file has
}

// keptSayings is how many are kept in memory: 24 MB, which is enough for 100,000 people.
const keptSayings = 500_000

// sayingSize is the size of a saying in the file.
const sayingSize = 8*4 + 4*3 + 4

func (s *sayings) add(more []saying) error {
	s.last = append(s.last, more...)
	if len(s.last) < s.most {
		return nil
	}
	return s.spill()
}

// spill writes what is in memory as a sorted stretch.
func (s *sayings) spill() error {
	if s.file == nil {
		f, err := os.CreateTemp("", "dean06-load-*") // mode 0600
		if err != nil {
			return err
		}
		s.file = f
		_ = os.Remove(f.Name()) // where it cannot be while it is open, close removes it
	}
	slices.SortFunc(s.last, compareSayings)
	w := bufio.NewWriterSize(s.file, 1<<18)
	var b [sayingSize]byte
	for i := range s.last {
		s.last[i].put(&b)
		if _, err := w.Write(b[:]); err != nil {
			return err
		}
	}
	s.runs, s.last = append(s.runs, int64(len(s.last))), s.last[:0]
	return w.Flush()
}

func (v *saying) put(b *[sayingSize]byte) {
	le := binary.LittleEndian
	le.PutUint64(b[0:], uint64(v.about))
	le.PutUint64(b[8:], uint64(v.by))
	le.PutUint64(b[16:], uint64(v.other))
	le.PutUint64(b[24:], uint64(v.name))
	le.PutUint32(b[32:], uint32(v.line))
	le.PutUint32(b[36:], uint32(v.birth))
	le.PutUint32(b[40:], uint32(v.ended))
	b[44], b[45], b[46] = byte(v.kind), v.bits, byte(v.role)
}

func (v *saying) get(b *[sayingSize]byte) {
	le := binary.LittleEndian
	v.about, v.by = int64(le.Uint64(b[0:])), int64(le.Uint64(b[8:]))
	v.other, v.name = int64(le.Uint64(b[16:])), int64(le.Uint64(b[24:]))
	v.line, v.birth, v.ended = int32(le.Uint32(b[32:])), int32(le.Uint32(b[36:])), int32(le.Uint32(b[40:]))
	v.kind, v.bits, v.role = sayingKind(b[44]), b[45], role(b[46])
}

// close removes the file.
func (s *sayings) close() error {
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	if gone := os.Remove(s.file.Name()); gone != nil && !errors.Is(gone, os.ErrNotExist) {
		err = errors.Join(err, gone)
	}
	return err
}

// stretch reads one sorted stretch.
type stretch struct {
	now  saying
	left int64
	from io.Reader // nil: of memory
	kept []saying
}

func (t *stretch) next() (bool, error) {
	if t.left == 0 {
		return false, nil
	}
	t.left--
	if t.from == nil {
		t.now, t.kept = t.kept[0], t.kept[1:]
		return true, nil
	}
	var b [sayingSize]byte
	if _, err := io.ReadFull(t.from, b[:]); err != nil {
		return false, fmt.Errorf("read what the rows say of one another: %w", err)
	}
	t.now.get(&b)
	return true, nil
}

// stretches is a heap of stretches by what comes next.
type stretches []*stretch

func (h stretches) Len() int           { return len(h) }
func (h stretches) Less(i, j int) bool { return compareSayings(h[i].now, h[j].now) < 0 }
func (h stretches) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }

// Push is of heap.Interface.
func (h *stretches) Push(x any) { *h = append(*h, x.(*stretch)) }

// Pop is of heap.Interface.
func (h *stretches) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

// maxGroup bounds how many sayings about one are held against each other. A file can
// say of 10 million people that they are children of one.
const maxGroup = 20_000

// each gives all sayings by whom they are about, those that keep says; a group is good
// until the next. It says how many were left out of groups that are too big.
func (s *sayings) each(keep func(*saying) bool, f func(group []saying) error) (left int, err error) {
	slices.SortFunc(s.last, compareSayings)
	var h stretches
	open := func(t *stretch) error {
		some, err := t.next()
		if some {
			h = append(h, t)
		}
		return err
	}
	at := int64(0)
	for _, n := range s.runs {
		part := io.NewSectionReader(s.file, at, n*sayingSize)
		if err := open(&stretch{left: n, from: bufio.NewReaderSize(part, 1<<14)}); err != nil {
			return 0, err
		}
		at += n * sayingSize
	}
	if err := open(&stretch{left: int64(len(s.last)), kept: s.last}); err != nil {
		return 0, err
	}
	heap.Init(&h)
	var group []saying
	for len(h) > 0 {
		v := &h[0].now
		if len(group) > 0 && group[0].about != v.about {
			if err := f(group); err != nil {
				return left, err
			}
			group = group[:0]
		}
		switch {
		case !keep(v):
		case len(group) == maxGroup:
			left++
		default:
			group = append(group, *v)
		}
		some, err := h[0].next()
		if err != nil {
			return left, err
		}
		if some {
			heap.Fix(&h, 0)
		} else {
			heap.Pop(&h)
		}
	}
	if len(group) > 0 {
		err = f(group)
	}
	return left, err
}
