package population

import (
	"encoding/binary"

	"dean06/internal/platform/bigsort"
)

// saying is what a row of a file says of somebody, of a household, or of a card, so that
// it can be held against what other rows say. It is as short as can be, as there are some
// four of them for each row.
type saying struct {
	about int64 // topic and number of whom or of what
	by    int64 // personal number of whose row it is
	other int64 // of a self: the spouse; of a child, about the mother: its name as a key; of a member: the codes of where they live
	name  int64 // by which the one whom it is about is called there, as a key; 0 is none
	line  int32
	birth int32 // of whose row it is
	ended int32
	kind  sayingKind
	bits  uint8 // sex, life, and marital status of whose row it is
	role  role  // in a household
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

// sayings are those of a file, to be read by whom they are about.
type sayings struct {
	sorted bigsort.Sorter
	record [sayingSize]byte
}

// keptSayings is how many bytes of them are kept in memory: those of 100,000 people. More
// go through a file.
const keptSayings = 32 << 20

// sayingSize is the size of a saying in a record; who and what it is about is its key,
// its kind and line are its order.
const sayingSize = 8*3 + 4*2 + 2

func (s *sayings) add(more []saying) error {
	for i := range more {
		v := &more[i]
		v.put(&s.record)
		if err := s.sorted.Add(v.about, int64(v.kind)<<32|int64(v.line), s.record[:]); err != nil {
			return err
		}
	}
	return nil
}

func (v *saying) put(b *[sayingSize]byte) {
	le := binary.LittleEndian
	le.PutUint64(b[0:], uint64(v.by))
	le.PutUint64(b[8:], uint64(v.other))
	le.PutUint64(b[16:], uint64(v.name))
	le.PutUint32(b[24:], uint32(v.birth))
	le.PutUint32(b[28:], uint32(v.ended))
	b[32], b[33] = v.bits, byte(v.role)
}

func (v *saying) get(about, order int64, b []byte) {
	le := binary.LittleEndian
	v.about, v.kind, v.line = about, sayingKind(order>>32), int32(order)
	v.by, v.other, v.name = int64(le.Uint64(b[0:])), int64(le.Uint64(b[8:])), int64(le.Uint64(b[16:]))
	v.birth, v.ended = int32(le.Uint32(b[24:])), int32(le.Uint32(b[28:]))
	v.bits, v.role = b[32], role(b[33])
}

// maxGroup bounds how many sayings about one are held against each other. A file can
// say of 10 million people that they are children of one.
const maxGroup = 20_000

// each gives all sayings by whom they are about, those that keep says; a group is good
// until the next. It says how many were left out of groups that are too big.
func (s *sayings) each(keep func(*saying) bool, f func(group []saying) error) (left int, err error) {
	var group []saying
	var v saying
	err = s.sorted.Each(func(about, order int64, record []byte) error {
		if len(group) > 0 && group[0].about != about {
			if err := f(group); err != nil {
				return err
			}
			group = group[:0]
		}
		v.get(about, order, record)
		switch {
		case !keep(&v):
		case len(group) == maxGroup:
			left++
		default:
			group = append(group, v)
		}
		return nil
	})
	if err == nil && len(group) > 0 {
		err = f(group)
	}
	return left, err
}
