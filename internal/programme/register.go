package programme

import (
	"context"
	"maps"
	"slices"
	"strings"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/spelling"
)

// Books is the whole book for who reads everything, as known on a day. It fails with Denied
// for an agency, which reads Owed and Records.
func (s *Service) Books(ctx context.Context, who actor.Actor, known clock.Date) (*Book, error) {
	if err := Permissions.Can(who, Read); err != nil {
		return nil, err
	}
	return s.book(ctx, known)
}

// Task gives a task with its directives and parts: all of it to who reads everything, and
// to an agency that it concerns or that has it. It fails with NotFound.
func (s *Service) Task(ctx context.Context, who actor.Actor, id string) (*Task, *Book, error) {
	all, err := Sees(who)
	if err != nil {
		return nil, nil, err
	}
	b, err := s.book(ctx, clock.Date{})
	if err != nil {
		return nil, nil, err
	}
	t, ok := b.Task(id)
	if !ok {
		return nil, nil, errHidden
	}
	if all {
		return t, b, nil
	}
	own, err := s.heritage(ctx, who.Agency)
	if err != nil || t.Concerns(own...) {
		return t, b, err
	}
	has, err := s.UnitTasks(ctx, who, Filter{Tasks: []string{id}}, Cursor{}, 1)
	if err == nil && len(has) == 0 { // a commune of its province may have it
		has, err = s.Store.UnitTasks(ctx, Filter{Tasks: []string{id}, Origins: s.geography(clock.Date{}).Heritage(who.Agency)}, Cursor{}, 1)
	}
	if err != nil {
		return nil, nil, err
	}
	if len(has) == 0 {
		return nil, nil, errHidden
	}
	return t, b, nil
}

// Versions lists what a task, directive or row was, the last first. Who may see the thing
// may see them.
func (s *Service) Versions(ctx context.Context, who actor.Actor, kind DocKind, id string) ([]Doc, error) {
	all, err := Sees(who)
	if err != nil {
		return nil, err
	}
	list, err := s.Store.History(ctx, kind, id)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, errHidden
	}
	if all {
		return list, nil
	}
	switch kind {
	case RecordDoc:
		err = s.ownRecord(ctx, who, list[0].Record)
	case TaskDoc:
		_, _, err = s.Task(ctx, who, id)
	case DirectiveDoc:
		err = errHidden
	}
	return list, err
}

// RecordFilter narrows a register.
type RecordFilter struct {
	State string
	Owner string
	// Agency is whom rows concern: they are its own or name it, or one of which it is the heir.
	Agency string
	Text   string // words that stand somewhere in the row, in any order, with or without accents
	Late   bool   // something is owed after its day
	// Fields are what stands in fields; of several places, one of them. Empty lets all pass.
	Fields map[string]string
	Known  clock.Date
}

// Records lists the rows of a register that somebody may see: all, or what is their
// agency's or names it, or one of which it is the heir.
func (s *Service) Records(ctx context.Context, who actor.Actor, kind string, f RecordFilter) ([]Record, error) {
	all, err := Sees(who)
	if err != nil {
		return nil, err
	}
	k, ok := s.Kinds.Kind(kind)
	if !ok {
		return nil, errHidden
	}
	b, err := s.book(ctx, f.Known)
	if err != nil {
		return nil, err
	}
	var own, of []string
	if !all {
		if own, err = s.heritage(ctx, who.Agency); err != nil {
			return nil, err
		}
	}
	if f.Agency != "" {
		if of, err = s.heritage(ctx, f.Agency); err != nil {
			return nil, err
		}
	}
	day, words := s.dayOf(f.Known), wordsOf(f.Text)
	var out []Record
	for _, r := range b.Of(kind) {
		if !all && !r.Concerns(k, own...) || f.Agency != "" && !r.Concerns(k, of...) || f.State != "" && r.State != f.State ||
			f.Owner != "" && r.Owner != f.Owner || f.Late && !r.Overdue(k, day) || !r.has(f.Fields) || !hasWords(words, r.texts(k)) {
			continue
		}
		out = append(out, *r)
	}
	return out, nil
}

// texts is all that people wrote in a row, to look for words in it.
func (r *Record) texts(k *Kind) string {
	out := []string{r.Title, r.Note}
	for _, f := range k.Fields {
		if f.Type == TextField || f.Type == LongField {
			out = append(out, r.Fields[f.Key])
		}
	}
	return strings.Join(out, " ")
}

// wordsOf are the words that somebody looks for, and hasWords says that words of a text begin
// with all of them, however they are typed: "thong tu" is found in "Thông tư".
func wordsOf(text string) []string { return strings.Fields(spelling.Fold(text)) }

func hasWords(words []string, text string) bool {
	if len(words) == 0 {
		return true
	}
	text = " " + spelling.Fold(text)
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, " "+w) })
}

func (r *Record) has(fields map[string]string) bool {
	for key, want := range fields {
		if want != "" && !slices.Contains(split(r.Fields[key]), want) {
			return false
		}
	}
	return true
}

// Record gives a row. It fails with NotFound.
func (s *Service) Record(ctx context.Context, who actor.Actor, id string) (Record, *Kind, error) {
	all, err := Sees(who)
	if err != nil {
		return Record{}, nil, err
	}
	b, err := s.book(ctx, clock.Date{})
	if err != nil {
		return Record{}, nil, err
	}
	i := slices.IndexFunc(b.Records, func(r Record) bool { return r.ID == id })
	if i < 0 {
		return Record{}, nil, errHidden
	}
	r := b.Records[i]
	k, ok := s.Kinds.Kind(r.Kind)
	if !ok {
		return Record{}, nil, errHidden
	}
	if !all {
		if err := s.ownRecord(ctx, who, &r); err != nil {
			return Record{}, nil, err
		}
	}
	return r, k, nil
}

// ownRecord hides a row from an agency that it does not concern.
func (s *Service) ownRecord(ctx context.Context, who actor.Actor, r *Record) error {
	own, err := s.heritage(ctx, who.Agency)
	if err != nil {
		return err
	}
	if r != nil {
		if k, ok := s.Kinds.Kind(r.Kind); ok && r.Concerns(k, own...) {
			return nil
		}
	}
	return errHidden
}

// SaveRecord keeps a row; one without an id is new. An agency keeps rows that it owns, and
// those of which it is the heir, in registers that are not the centre's alone. It fails with Denied, Invalid, NotFound, and
// with Conflict when somebody else was quicker.
func (s *Service) SaveRecord(ctx context.Context, who actor.Actor, r Record) (Record, error) {
	k, ok := s.Kinds.Kind(r.Kind)
	if !ok {
		return r, errHidden
	}
	if err := s.mayWrite(ctx, who, k, &r); err != nil {
		return r, err
	}
	if r.ID != "" {
		was, _, err := s.Record(ctx, who, r.ID)
		if err != nil {
			return r, err
		}
		if was.Kind != r.Kind {
			return r, errHidden
		}
		if err := s.mayWrite(ctx, who, k, &was); err != nil { // nobody takes another's row over
			return r, err
		}
		r.Example = was.Example
	}
	r.Fields = maps.Clone(r.Fields) // it may be the book's own, which others read
	if err := r.Check(k, s.Country(), s.Today()).Err(); err != nil {
		return r, err
	}
	if r.ID == "" {
		r.ID, r.Version = s.NewID(), 0
	}
	r.Version++
	return r, s.save(ctx, who, Doc{Kind: RecordDoc, ID: r.ID, Version: r.Version, Record: &r})
}

// mayWrite says whether somebody may keep a row of a register. A new one is its agency's own.
func (s *Service) mayWrite(ctx context.Context, who actor.Actor, k *Kind, r *Record) error {
	if Permissions.Can(who, Write) == nil {
		return nil
	}
	if k.Centre {
		return fault.New(fault.Denied, "programme.denied.write", nil)
	}
	owns := who.Agency != "" && r.Owner == who.Agency
	if who.Agency != "" && !owns && r.ID != "" {
		own, err := s.heritage(ctx, who.Agency)
		if err != nil {
			return err
		}
		owns = slices.Contains(own, r.Owner)
	}
	return Permissions.CanOwn(who, Write, owns)
}

// MayWrite says whether somebody may add rows to a register, for a page that offers it.
func (s *Service) MayWrite(ctx context.Context, who actor.Actor, k *Kind, r Record) bool {
	return s.mayWrite(ctx, who, k, &r) == nil
}
