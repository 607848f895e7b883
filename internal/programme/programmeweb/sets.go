package programmeweb

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/programme"
)

// setText says which agencies a set is.
func (p *Pages) setText(ctx context.Context, s programme.Set) string {
	var out []string
	for _, l := range s.Levels() {
		out = append(out, t(ctx, "assign.all."+string(l)))
	}
	text := strings.Join(out, "; ")
	if s.Under != "" {
		text += " (" + p.Agency(s.Under) + ")"
	}
	if len(s.Agencies) > 0 {
		if text != "" {
			text += "; "
		}
		text += p.names(s.Agencies)
	}
	if len(s.Except) > 0 {
		text += " – " + t(ctx, "sets.except", map[string]any{"agencies": p.names(s.Except)})
	}
	return text
}

// setTexts says to whom a task was given, from when to when.
func (p *Pages) setTexts(ctx context.Context, task *programme.Task) string {
	var out []string
	for i := range task.Sets {
		a := &task.Sets[i]
		text := p.setText(ctx, a.Set) + " (" + i18n.From(ctx).Date(a.From) + "–"
		if !a.To.IsZero() {
			text += i18n.From(ctx).Date(a.To)
		}
		out = append(out, text+")")
	}
	return strings.Join(out, "; ")
}

// setsPart is to whom a task was given, and until when.
func (p *Pages) setsPart(ctx context.Context, task *programme.Task) part {
	out := part{Title: t(ctx, "sets.title"), Table: &ui.Table{
		ID: "sets", Caption: t(ctx, "sets.title"), Quiet: true, Stack: true, Columns: columns(ctx, "sets.", "who", "from", "to", "why"),
		Empty: ui.Empty(t(ctx, "sets.none"), ui.Link{}),
	}}
	for i := range task.Sets {
		a := &task.Sets[i]
		to := t(ctx, "sets.open")
		if !a.To.IsZero() {
			to = i18n.From(ctx).Date(a.To)
		}
		out.Table.Rows = append(out.Table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: p.setText(ctx, a.Set)}, {Text: i18n.From(ctx).Date(a.From)}, {Text: to}, {Text: a.Why},
		}})
	}
	if !slices.ContainsFunc(task.Sets, func(a programme.Assigned) bool { return a.Why != "" }) { // none has ended
		out.Table.Columns = out.Table.Columns[:3]
		for i := range out.Table.Rows {
			out.Table.Rows[i].Cells = out.Table.Rows[i].Cells[:3]
		}
	}
	return out
}

// The ways in which a whole task is changed, as their forms and addresses call them.
const (
	toAssign   = "assign"
	toEnd      = "end"
	toWithdraw = "withdraw"
	toTakeBack = "take-back"
)

// taskActs is what can be done to a whole task; the form that was sent stands open.
func (p *Pages) taskActs(ctx context.Context, task *programme.Task, version int, sent web.Form) []part {
	field := func(way, key string) ui.Field {
		return ui.Field{Name: way + "-" + key, Label: t(ctx, "sets."+key), Hint: t(ctx, "sets."+key+".hint"), Value: sent.Text(way + "-" + key)}
	}
	act := func(way string, look ui.Look, questions ...question) part {
		return part{Title: t(ctx, way+".title"), Fold: sent.Text("way") != way, Text: t(ctx, way+".text"), Form: form{
			Action: Path + "/tasks/" + task.ID + "/" + way, Questions: append([]question{
				{asHidden, ui.Field{Name: "version", Value: strconv.Itoa(version)}},
			}, questions...), Buttons: []ui.Action{{Label: t(ctx, way+".send"), Look: look, Name: "way", Value: way}},
		}}
	}
	reason := func(way string) question {
		f := field(way, "reason")
		f.Rows = 2
		return question{asLong, f}
	}
	if task.Ended != "" {
		return []part{act(toTakeBack, ui.Secondary, reason(toTakeBack))}
	}
	levels := choices("", texts(programme.Levels), func(c string) string { return t(ctx, "assign.all."+c) })[1:]
	ticked := sent.Values("set")
	if ticked == nil {
		ticked = []string{}
	}
	out := []part{act(toAssign, ui.Secondary,
		question{asTicks, ui.Field{Name: "set", Label: t(ctx, "assign.levels"), Options: levels, Small: true, Values: ticked}},
		question{asText, ui.Field{Name: "codes", Label: t(ctx, "assign.codes"), Hint: t(ctx, "assign.codes.hint"), Value: sent.Text("codes")}},
	)}
	open := []ui.Option{}
	for i := range task.Sets {
		if a := &task.Sets[i]; !a.Over(p.Service.Today()) {
			open = append(open, ui.Option{Value: strconv.Itoa(i), Label: p.setText(ctx, a.Set) + " – " + i18n.From(ctx).Date(a.From)})
		}
	}
	if len(open) > 0 {
		which := field(toEnd, "which")
		which.Hint, which.Options = "", open
		from := dateField("end-from", p.Service.Today(), sent)
		from.Label, from.Hint = t(ctx, "sets.end_from"), t(ctx, "sets.end_from.hint")
		out = append(out, act(toEnd, ui.Secondary, question{asSelect, which}, question{asDay, from}, reason(toEnd)))
	}
	return append(out, act(toWithdraw, ui.Warning, reason(toWithdraw)))
}

// taskAct gives a task to more agencies, ends an assignment of it, withdraws it or takes it
// back.
func (p *Pages) taskAct(way string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		ctx, id := r.Context(), r.PathValue("task")
		sent, err := web.ReadForm(r)
		if err != nil {
			return err
		}
		version, _, _ := sent.Int("version")
		reason := sent.Text(way + "-reason")
		var n int
		switch way {
		case toAssign:
			n, err = p.Service.Assign(ctx, who(ctx), id, version, setOf(sent))
		case toEnd:
			n, err = p.end(ctx, id, version, reason, sent)
		case toWithdraw:
			n, err = p.Service.WithdrawTask(ctx, who(ctx), id, version, reason)
		case toTakeBack:
			n, err = p.Service.TakeBack(ctx, who(ctx), id, version, reason)
		}
		if err == nil {
			return web.RedirectWith(w, r, Path+"/tasks/"+id, "prog."+way+".done", fault.Args{"n": n})
		}
		list := web.FormErrors(err)
		if list == nil {
			return err
		}
		v, lookErr := p.taskView(r, sent)
		if lookErr != nil {
			return lookErr
		}
		for _, key := range []string{"reason", "from"} {
			list = list.Moved(key, way+"-"+key)
		}
		return again(w, r, &v, list)
	}
}

func (p *Pages) end(ctx context.Context, id string, version int, reason string, sent web.Form) (int, error) {
	from, err := sent.Date("end-from")
	if err != nil {
		return 0, err
	}
	which, _, err := sent.Int("end-which")
	if err != nil {
		return 0, err
	}
	return p.Service.EndAssignment(ctx, who(ctx), id, version, which, from, reason)
}

// setOf reads to whom a task is to be given.
func setOf(sent web.Form) programme.Set {
	set := programme.Set{Agencies: codes(sent.Text("codes"))}
	for _, l := range sent.Values("set") {
		for _, k := range programme.Level(l).Kinds() {
			if !slices.Contains(set.Kinds, k) {
				set.Kinds = append(set.Kinds, k)
			}
		}
	}
	return set
}
