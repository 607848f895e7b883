package readiness

import (
	"bytes"
	"context"
	"errors"
	"reflect"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// Working is what the agency goes on writing, with its revision: the draft, or
// else the version that came back to it, or else nothing.
func (r Record) Working() (Return, int) {
	if r.Draft != nil {
		return r.Draft.Return.Clone(), r.Draft.Revision
	}
	if last, ok := r.Latest(); ok && Editable(r.State()) {
		return last.Return.Clone(), 0
	}
	return Return{Campaign: r.Campaign, Agency: r.Agency}, 0
}

// Source says what a draft is begun from.
type Source string

// The sources.
const (
	FromLast  Source = "last"  // the agency's return to the campaign before
	FromBlank Source = "blank" // nothing
)

// Start begins the draft of a campaign. A draft that is there already stays as
// it is, so that a second click does no harm; a return that came back is begun
// from the version that came back. FromLast fails with NotFound when there was
// no return to the campaign before.
func (r *Register) Start(ctx context.Context, who actor.Actor, campaign, agency string, from Source) (Record, error) {
	if err := Can(who, EditDraft, agency); err != nil {
		return Record{}, err
	}
	v, err := r.view(ctx, campaign, agency)
	if err != nil {
		return Record{}, err
	}
	if v.Record.Draft != nil {
		return v.Record, nil
	}
	ret, revision := v.Record.Working()
	if len(v.Record.Versions) == 0 && from == FromLast {
		if v.Previous == nil {
			return Record{}, fault.New(fault.NotFound, "readiness.draft.no_last", nil)
		}
		before, err := r.store.Template(ctx, v.Previous.Template)
		if err != nil {
			return Record{}, err
		}
		ret = NextRound(before, v.Template, campaign, *v.Previous, clock.DayOf(r.clock.Now())).Draft
	}
	now, err := r.Save(ctx, who, campaign, agency, ret, revision)
	if f := fault.As(err); f != nil && f.Key == "readiness.state.saved_meanwhile" {
		return r.store.Record(ctx, campaign, agency)
	}
	return now, err
}

// Edit is a change that a person made to a draft as it stood at a revision.
type Edit struct {
	Revision int
	Apply    func(Return) Return
	Chosen   map[string]Side // sides of conflicts, by field
	// Quiet saves only when what the person sees is what is saved afterwards:
	// nothing was changed by another where this edit writes.
	Quiet bool
}

// Edited is what became of an edit.
type Edited struct {
	Record Record
	// Merged says that somebody saved since the revision, and that both are kept.
	Merged bool
	// Conflicts are where both wrote something else. Nothing was saved then.
	Conflicts []Conflict
	// Unsaved says that a quiet edit was not saved.
	Unsaved bool
}

var errUnsaved = errors.New("edit not saved")

// Edit changes a draft, or begins it. What somebody else saved since the
// revision is kept: see Merge.
func (r *Register) Edit(ctx context.Context, who actor.Actor, campaign, agency string, e Edit) (Edited, error) {
	if err := Can(who, EditDraft, agency); err != nil {
		return Edited{}, err
	}
	v, err := r.view(ctx, campaign, agency)
	if err != nil {
		return Edited{}, err
	}
	base, _ := v.Record.Working()
	if e.Revision > 0 {
		if base, err = r.store.DraftRevision(ctx, campaign, agency, e.Revision); err != nil {
			return Edited{}, err
		}
	} else if v.Record.Draft != nil {
		closed := v.Record
		closed.Draft = nil
		base, _ = closed.Working()
	}
	var out Edited
	now, err := r.change(ctx, who, EditDraft, v, func(rec Record) (Record, error) {
		out = Edited{Record: rec}
		if !Editable(rec.State()) {
			return rec.Save(base, e.Revision, who.Account, r.clock.Now()) // says why
		}
		theirs, revision := rec.Working()
		ret := e.Apply(base.Clone())
		if revision != e.Revision {
			ret, out.Conflicts = mergeDrafts(v.Template, base, ret, theirs, e.Chosen)
			out.Merged = true
			if len(out.Conflicts) > 0 || e.Quiet && !reflect.DeepEqual(e.Apply(ret.Clone()), ret) {
				out.Unsaved = true
				return rec, errUnsaved
			}
		}
		ret.Campaign, ret.Agency, ret.Template = campaign, agency, v.Template.Ref()
		if rec.Draft != nil && reflect.DeepEqual(ret, theirs) {
			return rec, errUnsaved // there is nothing to save
		}
		return r.saved(v, rec, ret, revision, who)
	})
	if errors.Is(err, errUnsaved) {
		return out, nil
	}
	out.Record = now
	return out, err
}

// mergeDrafts is Merge, but numbers of rows follow from the order of the
// systems and are never in conflict.
func mergeDrafts(tpl *Template, base, mine, theirs Return, chosen map[string]Side) (Return, []Conflict) {
	sides := map[string]Side{}
	for field, side := range chosen {
		sides[field] = side
	}
	_, conflicts := Merge(tpl, base, mine, theirs, sides)
	for _, c := range conflicts {
		if c.Column == ColNumber {
			sides[c.Field] = Theirs
		}
	}
	merged, conflicts := Merge(tpl, base, mine, theirs, sides)
	Arrange(tpl, &merged)
	return merged, conflicts
}

// ReadFile reads the agency's own Word or Excel file. It stores nothing: what
// was read becomes the draft when the caller saves it. A file that names
// another agency is Invalid.
func (r *Register) ReadFile(ctx context.Context, who actor.Actor, campaign, agency string, file File) (Return, []Problem, error) {
	if err := Can(who, EditDraft, agency); err != nil {
		return Return{}, nil, err
	}
	v, err := r.view(ctx, campaign, agency)
	if err != nil {
		return Return{}, nil, err
	}
	if file.Fault != nil {
		return Return{}, nil, file.Fault
	}
	ret, problems, err := r.readerOf(file).Read(v.Template, file.Name, bytes.NewReader(file.Content), int64(len(file.Content)))
	if err != nil {
		return Return{}, nil, err
	}
	among := localsOf(r.agencies, v.Campaign)
	named := whoseAmong(r.agencies, among, v.Campaign.Recipients.On, ret, file.Name).Named
	if named.Code != "" && named.Code != agency {
		return Return{}, nil, fault.New(fault.Invalid, "readiness.draft.other_agency", fault.Args{
			"file": file.Name, "found": named.Name, "agency": v.Agency.Name,
		})
	}
	ret.Campaign, ret.Agency, ret.Template, ret.Seen = campaign, agency, v.Template.Ref(), Evidence{}
	// The check names the input of the form, the reader only the row.
	problems = union(union(Check(v.Template, ret, v.Agency.Kind), problems), r.doubts(v, ret))
	for i, p := range problems {
		if _, ok := RowOf(v.Template, p.Row); ok && p.Field == "" {
			problems[i].Field = FieldOf("row", p.Row, p.Column)
		}
	}
	return ret, problems, nil
}
