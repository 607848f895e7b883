package programme

import (
	"context"
	"slices"
	"strings"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
)

// Ready is who answered a letter on the requirements, as the register of who meets them
// tells it.
type Ready struct {
	Letter   string // its id
	Agencies []Answered
}

// Answered is one agency that answered.
type Answered struct {
	Code string
	Met  bool // everything
}

// Met is how many meet everything.
func (r Ready) Met() int {
	n := 0
	for _, a := range r.Agencies {
		if a.Met {
			n++
		}
	}
	return n
}

// The states of a row of a Ready.
const (
	StateMet    = "met"
	StateNotMet = "not_met"
)

// Figures computes the figures of a day, as they were known by its end, beside what was
// published of that very day: those that were published, or all of them when none was.
func (s *Service) Figures(ctx context.Context, who actor.Actor, day clock.Date, say *i18n.Printer) ([]Figure, error) {
	b, err := s.Books(ctx, who, day)
	if err != nil {
		return nil, err
	}
	var out []Figure
	some := slices.ContainsFunc(s.Published, func(p Published) bool { return p.AsOf == day })
	for i := range s.Parts.Figures {
		d := &s.Parts.Figures[i]
		if some && s.printed(d.Key, day) == nil {
			continue
		}
		f, _, err := s.figure(ctx, b, d, day, say)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	sortFigures(out, s.Parts.Figures)
	return out, nil
}

func (s *Service) printed(key string, day clock.Date) *Published {
	i := slices.IndexFunc(s.Published, func(p Published) bool { return p.Key == key && p.AsOf == day })
	if i < 0 {
		return nil
	}
	return &s.Published[i]
}

// figure computes one, and gives the rows behind it. What another register tells stands as
// published when that one tells something else, or nothing.
func (s *Service) figure(ctx context.Context, b *Book, d *Definition, day clock.Date, say *i18n.Printer) (Figure, []Row, error) {
	p := s.printed(d.Key, day)
	if d.From != FromReadiness {
		f := b.Compute(d)
		f.AsOf = s.dayOf(day)
		f.beside(b.note(d, &f, say), p, say)
		if f.Value == nil {
			return f, nil, nil
		}
		f.Said = s.said(d, f.Value)
		return f, b.Behind(d), nil
	}
	f := Figure{Key: d.Key, Name: d.Name, AsOf: s.dayOf(day)}
	told, err := s.ready(ctx, d.Where["kind"], day)
	if err != nil {
		return f, nil, err
	}
	var rows []Row
	for _, a := range told.Agencies {
		row := Row{Kind: FromReadiness, ID: told.Letter + "/" + a.Code, Title: s.NameOn(a.Code, day), Owner: a.Code, State: StateNotMet, N: 1}
		if a.Met {
			row.State = StateMet
		}
		rows = append(rows, row)
	}
	if f.Rows = len(rows); f.Rows > 0 {
		of := f.Rows
		f.Value, f.Of = told.Met(), &of
	}
	f.beside(b.note(d, &f, say), p, say)
	if p != nil && f.Differs {
		f.stand(p, told, say)
	}
	return f, rows, nil
}

// said gives what the codes of a list mean, when they are those of a register's field.
func (s *Service) said(d *Definition, value any) []Words {
	list, ok := value.([]string)
	k, there := s.Kinds.Kind(d.From)
	if !ok || !there {
		return nil
	}
	_, key, _ := strings.Cut(string(d.Measure), ":")
	i := slices.IndexFunc(k.Fields, func(f Field) bool { return f.Key == key })
	if i < 0 {
		return nil
	}
	out := make([]Words, len(list))
	for j, code := range list {
		out[j] = Words{code, code}
		if c := slices.IndexFunc(k.Fields[i].Choices, func(c Choice) bool { return c.Code == code }); c >= 0 {
			out[j] = k.Fields[i].Choices[c].Name
		}
	}
	return out
}

// NameOn is what an agency was called on a day; what was not there then has its last name.
func (s *Service) NameOn(code string, day clock.Date) string {
	if a, ok := s.Country().Agency(code, day); ok {
		return a.Name
	}
	return s.Country().NameOf(code)
}

func (s *Service) ready(ctx context.Context, kind string, day clock.Date) (Ready, error) {
	if s.Readiness == nil {
		return Ready{}, nil
	}
	return s.Readiness(ctx, kind, day)
}

// Definition says how a figure is computed. It fails with NotFound for a key that there is not.
func (s *Service) Definition(key string) (*Definition, error) {
	i := slices.IndexFunc(s.Parts.Figures, func(d Definition) bool { return d.Key == key })
	if i < 0 {
		return nil, fault.New(fault.NotFound, "programme.no_figure", fault.Args{"key": key})
	}
	return &s.Parts.Figures[i], nil
}

// Behind lists the rows of which a figure of a day was computed. It fails with NotFound for
// a key that there is not.
func (s *Service) Behind(ctx context.Context, who actor.Actor, key string, day clock.Date, say *i18n.Printer) (Figure, []Row, error) {
	b, err := s.Books(ctx, who, day)
	if err != nil {
		return Figure{}, nil, err
	}
	d, err := s.Definition(key)
	if err != nil {
		return Figure{}, nil, err
	}
	return s.figure(ctx, b, d, day, say)
}

// Beyond lists the rows of what a figure is a part of that it does not count: of the 89
// tasks those that are not done.
func (s *Service) Beyond(ctx context.Context, who actor.Actor, key string, day clock.Date) ([]Row, error) {
	b, err := s.Books(ctx, who, day)
	if err != nil {
		return nil, err
	}
	d, err := s.Definition(key)
	if err != nil {
		return nil, err
	}
	return b.Beyond(d), nil
}
