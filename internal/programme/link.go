package programme

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// Linked is what a page of this program is about: a title, and how it stands, as words of the
// data or as the key of a text. Neither is kept: a link says how it stands when one looks.
type Linked struct {
	Title Words
	State Words
	Key   string
}

// bothWays is a title that is one in both languages.
func bothWays(title string) Words { return Words{Vi: title, En: title} }

// Linked says to somebody what a page of this program is about. It fails with NotFound when
// there is nothing, or nothing that they may see; an address of another site is not asked.
func (s *Service) Linked(ctx context.Context, who actor.Actor, link string) (Linked, error) {
	u, err := url.Parse(s.within(link))
	if err != nil {
		return Linked{}, errHidden
	}
	if u.Scheme != "" {
		return Linked{}, nil
	}
	path := strings.Split(strings.Trim(u.Path, "/"), "/")
	if path[0] == "programme" && len(path) == 3 {
		return s.linked(ctx, who, path[1], path[2])
	}
	if s.Parts.Linked == nil {
		return Linked{}, nil
	}
	l, err := s.Parts.Linked(ctx, who, path)
	if kind := fault.Of(err); err != nil && (kind == fault.Denied || kind == fault.Unsigned) {
		return Linked{}, errHidden
	}
	return l, err
}

// within is the path of an address of this program, as browsers show it; another stays.
func (s *Service) within(link string) string {
	if path, ok := strings.CutPrefix(link, s.URL); ok && s.URL != "" && strings.HasPrefix(path, "/") {
		return path
	}
	return link
}

// linked is a page of the programme itself.
func (s *Service) linked(ctx context.Context, who actor.Actor, list, id string) (Linked, error) {
	switch list {
	case "tasks":
		t, _, err := s.Task(ctx, who, id)
		if err != nil {
			return Linked{}, err
		}
		return Linked{Title: bothWays(t.Code + " " + t.Title)}, nil
	case "units":
		u, err := s.UnitTask(ctx, who, id)
		if err != nil {
			return Linked{}, err
		}
		return Linked{Title: bothWays(u.Of.Code + " " + u.Of.Title + ", " + s.Country().NameOf(u.Agency)), Key: "programme.state." + string(u.State)}, nil
	case "rows":
		r, k, err := s.Record(ctx, who, id)
		if err != nil {
			return Linked{}, err
		}
		state, _ := k.State(r.State)
		return Linked{Title: bothWays(r.Title), State: state.Name}, nil
	case "registers":
		if k, ok := s.Kinds.Kind(id); ok {
			return Linked{Title: k.Name}, nil
		}
	case "figures":
		i := slices.IndexFunc(s.Parts.Figures, func(d Definition) bool { return d.Key == id })
		if i >= 0 && Permissions.Can(who, Read) == nil {
			return Linked{Title: s.Parts.Figures[i].Name}, nil
		}
	}
	return Linked{}, errHidden
}

// checkLinks keeps addresses of this program as paths, and refuses evidence that leads to no page of this program, or to one that who shows
// it may not see.
func (s *Service) checkLinks(ctx context.Context, who actor.Actor, list []Evidence) error {
	for i := range list {
		e := &list[i]
		if e.Kind == EvidenceLink {
			e.Link = s.within(e.Link)
		}
		if e.Kind != EvidenceLink || !goodLink(e.Link) {
			continue
		}
		_, err := s.Linked(ctx, who, e.Link)
		switch kind := fault.Of(err); {
		case err == nil:
		case kind == fault.NotFound || kind == fault.Denied || kind == fault.Invalid:
			return fault.New(fault.Invalid, "programme.act.evidence_nothing", fault.Args{"link": short(e.Link)}).At("link")
		default:
			return err
		}
	}
	return nil
}

// Shown is a piece of evidence with what its link is about now.
type Shown struct {
	Evidence
	Linked
	Hidden bool // there is nothing, or nothing for who looks
	Event  *Event
	Day    clock.Date
}

// Shown lists the evidence of a unit task, the last above, as somebody sees it.
func (s *Service) Shown(ctx context.Context, who actor.Actor, l *Looked) ([]Shown, error) {
	var out []Shown
	for i := range l.Events {
		e := &l.Events[i]
		for _, x := range e.Evidence {
			one := Shown{Evidence: x, Event: e, Day: e.Day}
			if x.Kind == EvidenceLink {
				var err error
				if one.Linked, err = s.Linked(ctx, who, x.Link); fault.Of(err) == fault.NotFound {
					one.Hidden = true
				} else if err != nil {
					return nil, err
				}
			}
			out = append(out, one)
		}
	}
	return out, nil
}
