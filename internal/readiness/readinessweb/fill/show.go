package fill

import (
	"net/http"
	"path"
	"strconv"
	"strings"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessweb"
)

type showView struct {
	ui.Page
	*visit
	Round    round
	Tasks    []readiness.Task
	Must     int // problems that stop the return from being handed in
	Comments []readiness.Comment
	Version  *readiness.Version    // the newest, when there is one
	Papers   []readiness.BatchItem // that wait at the office, or were refused
	Approval bool                  // the leader approves before it is handed in
}

// writing says that the visitor may write in the return now.
func (v showView) writing() bool {
	return v.may(readiness.EditDraft) && readiness.Editable(v.state()) && v.live()
}

// begun says that there is something to go on writing.
func (v showView) begun() bool {
	return v.view.Record.Draft != nil || v.state() == readiness.SentBack || v.state() == readiness.Withdrawn
}

// show is the page of a return: what is to be done, or what became of it.
func (p *Pages) show(q *visit) error {
	view := showView{Page: p.page(q, q.p.T("fill.show.title")), visit: q, Round: round{view: q.view, now: q.now}, Tasks: q.tasks()}
	view.Crumbs = view.Crumbs[:len(view.Crumbs)-1]
	for _, t := range view.Tasks {
		view.Must += readiness.Open(t.Problems)
	}
	if q.state() == readiness.SentBack && q.live() {
		view.Comments = q.view.Record.ToAnswer()
	}
	if last, ok := q.view.Record.Latest(); ok {
		view.Version = &last
	}
	var err error
	if view.Approval, err = p.approvalNeeded(q); err != nil {
		return err
	}
	if view.Papers, err = p.shell.Register.PapersOf(q.Context(), q.who, q.view.Campaign.ID, q.view.Agency.Code); err != nil {
		return err
	}
	return web.Render(q.w, q.Request, http.StatusOK, showPage(view))
}

func (v showView) paperArgs(i readiness.BatchItem) map[string]any {
	return map[string]any{
		"file": path.Base(i.File.Name), "date": clock.DayOf(i.At), "issuer": v.in(v.view.Campaign.Issuer), "n": len(v.view.Record.Versions),
	}
}

// waitingKey is what is said of a file that waits: one beside a return that is there does
// not take its place by itself.
func (v showView) waitingKey() string {
	if len(v.view.Record.Versions) > 0 {
		return "fill.paper.second"
	}
	return "fill.paper.waits"
}

// taskLines makes the lines of the task list for one part of the form.
func (v showView) taskLines(part int) []ui.Task {
	var out []ui.Task
	for _, t := range v.Tasks {
		if t.Part != part {
			continue
		}
		line := ui.Task{
			Title: taskLabel(v.visit, t), Href: v.at("/part/" + t.Key), State: v.p.T("readiness.task." + string(t.State)),
			Tone: ui.Good,
		}
		must, _ := open(t.Problems)
		if t.State != readiness.TaskComplete {
			line.Tone = ui.Neutral
		}
		switch {
		case t.State == readiness.TaskInProgress:
			line.Tone = ui.Caution
			line.Hint = v.p.T(must[0].Reason, must[0].Args)
			if len(must) > 1 {
				line.Hint += " " + v.p.T("fill.task.more", fault.Args{"n": len(must) - 1})
			}
		case t.State == readiness.TaskNotStarted && t.Optional:
			line.Hint = v.p.T("fill.task.optional")
		case t.Key == readiness.TaskSystems:
			line.Hint = v.thing("fill.task.systems", fault.Args{"n": len(v.ret.Systems)})
		}
		if who := v.holderLine(t.Key, "fill.team.has", "fill.team.has_done"); who != "" {
			line.Hint = strings.TrimSpace(line.Hint + " " + strings.ToUpper(string([]rune(who)[:1])) + string([]rune(who)[1:]) + ".")
		}
		out = append(out, line)
	}
	return out
}

// history lists what happened to the return, the newest first.
func (v showView) history() []ui.Event {
	var out []ui.Event
	for _, s := range v.view.Record.Steps {
		e := ui.Event{
			Title: v.p.T("fill.event."+string(s.Event), fault.Args{"n": s.Version}), At: s.At, By: v.by(s),
			Text: reasonWords(v.visit, s),
		}
		if s.Event == readiness.EventSubmit || s.Event == readiness.EventReplace {
			ver := v.view.Record.Versions[s.Version-1]
			e.By += " · " + v.p.T("readiness.channel."+string(ver.Channel))
			if n := ver.DaysLate(v.view.Campaign); n > 0 {
				e.By += " · " + v.p.T("fill.late", fault.Args{"n": n})
			}
			if s.Version > 1 {
				e.Link = ui.Link{Label: v.p.T("fill.compare.before"), Href: v.compareHref(s.Version-1, s.Version)}
			}
		}
		out = append([]ui.Event{e}, out...)
	}
	return out
}

// by names the side that took a step: the agency, or who sent the letter.
func (v showView) by(s readiness.Step) string {
	channel := v.view.Record.Versions[s.Version-1].Channel
	if s.Event == readiness.EventSubmit && (channel == readiness.ByWeb || channel == readiness.ByAPI) || s.Event == readiness.EventWithdraw {
		return v.view.Agency.Name
	}
	return v.in(v.view.Campaign.Issuer)
}

func (v showView) compareHref(a, b int) string {
	return v.at("/compare?a=" + strconv.Itoa(a) + "&b=" + strconv.Itoa(b))
}

func reasonWords(q *visit, s readiness.Step) string {
	text := s.Reason
	switch text {
	case "import", "resolve":
		text = q.p.T("fill.reason." + text)
	}
	for _, c := range s.Comments {
		if text != "" {
			text += "\n"
		}
		text += "– " + c.Text
	}
	return text
}

// commentLine is a comment with where it leads.
type commentLine struct {
	readiness.Comment
	About, Href string
}

func (v showView) commentLines() []commentLine {
	var out []commentLine
	for _, c := range v.Comments {
		line := commentLine{Comment: c, About: aboutField(v.visit, c.Field)}
		if v.writing() {
			line.Href = v.field(c.Field)
		}
		out = append(out, line)
	}
	return out
}

// aboutField names in words what a field of the form is about.
func aboutField(q *visit, field string) string {
	part := readiness.TaskOf(q.view.Template, field)
	for _, l := range readinessweb.AppendixLines(q.view.Template, q.ret, q.kind()) {
		if l.Heading() || !readinessweb.About(field, l.Field) {
			continue
		}
		name := q.in(l.Row.Label)
		number := l.Number
		if l.Answer != nil {
			number = l.Answer.Row
			if l.Answer.System != "" {
				name = l.Answer.System
			}
		}
		return number + ". " + name
	}
	for _, t := range q.tasks() {
		if t.Key == part {
			return taskLabel(q, t)
		}
	}
	return q.p.T("fill.comment.whole")
}
