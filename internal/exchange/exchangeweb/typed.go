package exchangeweb

import (
	"github.com/a-h/templ"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

// typed is what stands in a form: as it begins, or as somebody has sent it with
// what is wrong with it.
type typed struct {
	values map[string]string
	lists  map[string][]string
	errs   fault.List
}

// begin is a form with its first values, in pairs.
func begin(pairs ...string) typed {
	t := typed{values: map[string]string{}, lists: map[string][]string{}}
	for i := 0; i+1 < len(pairs); i += 2 {
		t.values[pairs[i]] = pairs[i+1]
	}
	return t
}

// again is a form as it was sent.
func again(f web.Form, err error) typed {
	t := begin()
	t.errs = web.FormErrors(err)
	for _, name := range f.Names() {
		t.values[name], t.lists[name] = f.Text(name), f.Values(name)
	}
	return t
}

func (t typed) fill(f ui.Field) ui.Field {
	f.Value, f.Values, f.Errors = t.values[f.Name], t.lists[f.Name], t.errs
	f.Day, f.Month, f.Year = t.values[f.Name+"-day"], t.values[f.Name+"-month"], t.values[f.Name+"-year"]
	return f
}

func (t typed) text(f ui.Field) templ.Component       { return ui.Text(t.fill(f)) }
func (t typed) area(f ui.Field) templ.Component       { return ui.Textarea(t.fill(f)) }
func (t typed) pick(f ui.Field) templ.Component       { return ui.Select(t.fill(f)) }
func (t typed) radios(f ui.Field) templ.Component     { return ui.Radios(t.fill(f)) }
func (t typed) ticks(f ui.Field) templ.Component      { return ui.Checkboxes(t.fill(f)) }
func (t typed) date(f ui.Field) templ.Component       { return ui.DateInput(t.fill(f)) }
func (t typed) uploadFile(f ui.Field) templ.Component { return ui.Upload(t.fill(f)) }
