package programme

import (
	"context"
	"slices"
	"strings"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// TaskChoices are the names of what a file of tasks can choose.
type TaskChoices struct {
	Scopes, Levels, Groups, Every []Choice
}

// All gives a task of a file to all agencies of its level.
const All = "*"

// TakeTasks keeps the tasks of a file, one by one: a code that there is changes that task, a
// new one makes one. What stands under "give" are the agencies that get it from today on.
func (s *Service) TakeTasks(ctx context.Context, who actor.Actor, lines []Line, c TaskChoices) ([]Account, error) {
	if err := Permissions.Can(who, Manage); err != nil {
		return nil, err
	}
	if err := tooMany(lines); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	out := make([]Account, 0, len(lines))
	for _, l := range lines {
		code := strings.TrimSpace(l.Cells["code"])
		a := Account{Number: l.Number, Title: short(strings.TrimSpace(code + " " + l.Cells["title"]))}
		if key := strings.ToLower(code); l.Why != nil {
			a.Outcome, a.Why = Wrong, l.Why
		} else if seen[key] {
			a.Outcome = Twice
		} else {
			seen[key] = true
			a.Outcome, a.Why = s.takeTask(ctx, who, l, c)
		}
		if a.Why != nil && fault.As(a.Why) == nil {
			return out, a.Why
		}
		out = append(out, a)
	}
	return out, nil
}

func (s *Service) takeTask(ctx context.Context, who actor.Actor, l Line, c TaskChoices) (Outcome, error) {
	b, err := s.book(ctx, clock.Date{})
	if err != nil {
		return Wrong, err
	}
	text := func(key string) string { return strings.TrimSpace(l.Cells[key]) }
	task, version := Task{}, 0
	i := slices.IndexFunc(b.Tasks, func(t Task) bool { return strings.EqualFold(t.Code, text("code")) })
	if i >= 0 {
		task = b.Tasks[i]
		history, err := s.Store.History(ctx, TaskDoc, task.ID)
		if err != nil {
			return Wrong, err
		}
		version = history[0].Version
	}
	was := task
	task.Code, task.Title, task.Result, task.Basis = text("code"), text("title"), text("result"), text("basis")
	task.Scope, task.Level = Scope(coded(text("scope"), c.Scopes)), Level(coded(text("level"), c.Levels))
	task.Group, task.Every = coded(text("group"), c.Groups), Every(coded(text("every"), c.Every))
	task.Lead, task.Supporting = strings.ToUpper(text("lead")), split(strings.ToUpper(text("supporting")))
	if i >= 0 {
		task.Code = was.Code
	}
	j := slices.IndexFunc(b.Directives, func(d Directive) bool { return strings.EqualFold(d.Number, text("directive")) })
	switch {
	case j < 0:
		return Wrong, fault.New(fault.Invalid, "programme.handin.directive", fault.Args{"text": short(text("directive"))}).At("directive")
	case len(was.Directives) > 0:
		task.Directives = append([]string{b.Directives[j].ID}, was.Directives[1:]...)
	default:
		task.Directives = []string{b.Directives[j].ID}
	}
	for key, into := range map[string]*clock.Date{"from": &task.From, "due": &task.Due} {
		*into = clock.Date{}
		if day := text(key); day != "" {
			if *into, err = ReadDay(day); err != nil {
				return Wrong, fault.New(fault.Invalid, "programme.handin.day", fault.Args{"text": short(day)}).At(key)
			}
		}
	}
	set, given, err := s.setOf(strings.ToUpper(text("give")), task.Level)
	if err != nil {
		return Wrong, err
	}
	outcome := Taken
	if i >= 0 && sameTask(&was, &task) {
		outcome = Same
	} else if task, err = s.SaveTask(ctx, who, task, version); err != nil {
		return Wrong, err
	} else {
		version++
	}
	if !given {
		return outcome, nil
	}
	if _, err = s.Assign(ctx, who, task.ID, version, set); err != nil {
		return Wrong, err
	}
	return Taken, nil
}

// setOf reads to whom a task is given: nobody, all of its level, or agencies by their codes.
func (s *Service) setOf(give string, level Level) (set Set, given bool, err error) {
	switch give {
	case "":
		return set, false, nil
	case All:
		return Set{Kinds: level.Kinds()}, true, nil
	}
	set.Agencies = split(give)
	if f := s.missing(set.Agencies); f != nil {
		return set, false, f.At("give")
	}
	return set, true, nil
}

func sameTask(a, b *Task) bool {
	return a.Title == b.Title && a.Result == b.Result && a.Basis == b.Basis && a.Scope == b.Scope && a.Level == b.Level && a.Group == b.Group &&
		a.Every == b.Every && a.Lead == b.Lead && a.From == b.From && a.Due == b.Due && slices.Equal(a.Supporting, b.Supporting) &&
		slices.Equal(a.Directives, b.Directives)
}
