package fill

import (
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
)

// Trial is a form as an agency fills it in, for whoever makes the form: all its parts on
// one page. It reads what was typed (nil: nothing yet) and shows the fields again; nothing
// is kept. The faults are what could not be understood.
func (p *Pages) Trial(r *http.Request, view readiness.View, typed *web.Form) (readiness.Return, templ.Component, fault.List) {
	q := &visit{
		Request: r, shell: p.shell, who: p.shell.Actor(r), view: view, p: i18n.From(r.Context()), now: clock.DayOf(p.shell.Clock.Now()),
		trial: true,
	}
	tasks := readiness.Tasks(view.Template, q.ret, q.kind())
	var wrong fault.List
	if typed != nil {
		// What would be kept of systems is in the names of the page's own fields.
		for _, name := range typed.Names() {
			id, ok := strings.CutSuffix(name, ".name")
			if id, of := strings.CutPrefix(id, "system."); ok && of && id != "new" {
				q.ret.Systems = append(q.ret.Systems, readiness.System{ID: id})
			}
		}
		slices.SortFunc(q.ret.Systems, func(a, b readiness.System) int { return strings.Compare(a.ID, b.ID) })
		for _, t := range tasks {
			in := input{form: *typed, visit: q}
			q.ret = in.apply(t)(q.ret)
			wrong = append(wrong, in.faults...)
		}
	}
	var parts []partView
	for i, t := range tasks {
		v := partView{visit: q, Task: t, Step: i + 1, Steps: len(tasks)}
		// The fields of a system that was just added have names that nobody has typed into.
		if v.Errors = wrong; typed != nil && t.Key != readiness.TaskSystems {
			v.Posted = typed
		}
		parts = append(parts, v)
	}
	return q.ret, trialFields(parts), wrong
}
