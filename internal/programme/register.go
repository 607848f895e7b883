package programme

import (
	"context"
	"maps"
	"slices"
	"strings"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
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
	if all || t.Concerns(who.Agency) {
		return t, b, nil
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
		_, err = s.ownRecord(who, list[0].Record)
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
	Text  string
	Late  bool // something is owed after its day
	// Fields are what stands in fields; of several places, one of them. Empty lets all pass.
	Fields map[string]string
	Known  clock.Date
}

// Records lists the rows of a register that somebody may see: all, or what is their
// agency's or names it.
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
	day := s.dayOf(f.Known)
	text := strings.ToLower(strings.TrimSpace(f.Text))
	var out []Record
	for _, r := range b.Of(kind) {
		if !all && !r.Concerns(k, who.Agency) || f.State != "" && r.State != f.State || f.Owner != "" && r.Owner != f.Owner ||
			f.Late && !r.Overdue(k, day) || !r.has(f.Fields) || text != "" && !strings.Contains(strings.ToLower(r.Title+" "+r.Note), text) {
			continue
		}
		out = append(out, *r)
	}
	return out, nil
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
		if _, err := s.ownRecord(who, &r); err != nil {
			return Record{}, nil, err
		}
	}
	return r, k, nil
}

func (s *Service) ownRecord(who actor.Actor, r *Record) (*Kind, error) {
	if r != nil {
		if k, ok := s.Kinds.Kind(r.Kind); ok && r.Concerns(k, who.Agency) {
			return k, nil
		}
	}
	return nil, errHidden
}

// SaveRecord keeps a row; one without an id is new. An agency keeps rows that it owns, in
// registers that are not the centre's alone. It fails with Denied, Invalid, NotFound, and
// with Conflict when somebody else was quicker.
func (s *Service) SaveRecord(ctx context.Context, who actor.Actor, r Record) (Record, error) {
	k, ok := s.Kinds.Kind(r.Kind)
	if !ok {
		return r, errHidden
	}
	if err := s.mayWrite(who, k, &r); err != nil {
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
		if err := s.mayWrite(who, k, &was); err != nil { // nobody takes another's row over
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

// mayWrite says whether somebody may keep a row of a register.
func (s *Service) mayWrite(who actor.Actor, k *Kind, r *Record) error {
	if Permissions.Can(who, Write) == nil {
		return nil
	}
	if k.Centre {
		return fault.New(fault.Denied, "programme.denied.write", nil)
	}
	return Permissions.CanOwn(who, Write, who.Agency != "" && r.Owner == who.Agency)
}

// MayWrite says whether somebody may add rows to a register, for a page that offers it.
func (s *Service) MayWrite(who actor.Actor, k *Kind, r Record) bool {
	return s.mayWrite(who, k, &r) == nil
}
