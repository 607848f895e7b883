package populationweb

import (
	"slices"
	"strings"

	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ui"
	"dean06/internal/population"
)

// place is an address in words, with the names that its units had on a day. Of a day that
// is not known (zero), the commune's names one after the other.
func (w words) place(p population.Place, on citizen.Day) string {
	if p.IsZero() {
		return ""
	}
	commune, province := p.Commune, p.Province
	if named := population.Named(w.pages.Units, p, on); len(named) > 0 {
		commune = named[0].Name
		for _, u := range named[1:] {
			commune = w.Printer.T("people.place.later", map[string]any{"name": commune, "day": w.Date(u.From), "later": u.Name})
		}
		if name := w.provinceOf(named[len(named)-1]); name != "" && p.Province == named[len(named)-1].Province {
			province = name
		}
	}
	if province == p.Province {
		if u, ok := w.pages.Units.Province(p.Province, dayOf(p)); ok {
			province = u.Name
		}
	}
	parts := []string{p.Detail, commune, province}
	if p.Country != "" && p.Country != "VN" {
		parts = append(parts, w.country(p.Country))
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

// provinceOf is the name of the province in which a unit lies, on its last day or today.
func (w words) provinceOf(u population.Unit) string {
	pr, _ := w.pages.Units.Province(u.Province, u.Last())
	return pr.Name
}

// dayOf is a day of the time in which a place was written, by its district.
func dayOf(p population.Place) clock.Date {
	if p.District != "" {
		return population.LastOldDay
	}
	return clock.Date{}
}

// placeDay is the day of which a field of a person says a place: since when they live
// there, when they were born; zero when it is not known.
func (w words) placeDay(p *population.Person, f population.Field) citizen.Day {
	l := w.pages.Fields.Line(f)
	switch {
	case f == population.FieldBirthplace:
		return p.Birth
	case f == population.FieldPresent && p.Present == p.Permanent:
		return p.PermanentSince
	case f == population.FieldPresent && p.Present == p.Temporary:
		return p.TemporarySince
	case l == nil:
		return 0
	}
	for i := range l.Data {
		if l.Data[i].Day != nil {
			return *l.Data[i].Day(p)
		}
	}
	return 0
}

// other says how the ground of a place is called today when it is called otherwise, and
// how it was called before July 2025 when it is not.
func (w words) other(p population.Place, on citizen.Day) string {
	named := population.Named(w.pages.Units, p, on)
	if len(named) == 0 {
		return ""
	}
	u := named[len(named)-1]
	if !u.Current || u.District != "" {
		now := w.pages.Units.Became(u, clock.Date{})
		if len(now) == 0 {
			return w.Printer.T("people.place.gone", map[string]any{"day": w.Date(u.Last())})
		}
		return w.several("people.place.now", now)
	}
	var before []population.Unit
	for _, code := range w.pages.Units.Old(p.Commune) {
		if was, ok := w.pages.Units.Commune(code, population.LastOldDay); ok {
			before = append(before, was)
		}
	}
	return w.several("people.place.before", before)
}

// several names units, the first ones alone when they are many.
func (w words) several(key string, units []population.Unit) string {
	var names []string
	province := ""
	for _, u := range units {
		if name := w.provinceOf(u); name != "" {
			province = name
		}
		if !slices.Contains(names, u.Name) {
			names = append(names, u.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	if most := 4; len(names) > most {
		names = append(names[:most], w.Printer.T("people.place.more", map[string]any{"n": len(names) - most}))
	}
	return w.Printer.T(key, map[string]any{"names": strings.Join(names, ", "), "province": province})
}

// where is a commune with its district and province.
func (w words) where(u population.Unit) string {
	name := u.Name
	if d, ok := w.pages.Units.District(u.District, u.Last()); ok && u.District != "" {
		name += ", " + d.Name
	}
	if province := w.provinceOf(u); province != "" {
		name += ", " + province
	}
	return name
}

// unit is a commune with what it lies in, and until when it was when it is not today.
func (w words) unit(u population.Unit) string {
	name := w.where(u)
	if !u.Current && !u.To.IsZero() {
		return w.Printer.T("people.unit.old", map[string]any{"name": name, "day": w.Date(u.Last())})
	}
	return name
}

// called finds the communes that ever had a name as people say it, with or without what
// it lies in ("xã Phúc Xá", "hong ha, ha noi", "Hòa Bình, Hòa Vang, Đà Nẵng"), or a code.
// Each is as it was then.
func (p *Pages) called(text string) []population.Unit {
	name, above, _ := strings.Cut(text, ",")
	name = citizen.Fold(strings.TrimSpace(name))
	var found []population.Unit
	if len(name) == 5 && strings.Trim(name, "0123456789") == "" {
		found = p.Units.Coded(name)
	} else {
		found = p.Units.Called(name)
	}
	for part := range strings.SplitSeq(above, ",") {
		if part = citizen.Fold(strings.TrimSpace(part)); part != "" {
			found = slices.DeleteFunc(found, func(u population.Unit) bool { return !p.liesIn(u, part) })
		}
	}
	return found
}

// liesIn says that the district or the province of a unit has a folded name, with or
// without its kind.
func (p *Pages) liesIn(u population.Unit, name string) bool {
	has := func(above population.Unit, ok bool) bool {
		full := citizen.Fold(above.Name)
		return ok && (full == name || strings.HasSuffix(full, " "+name))
	}
	return has(p.Units.District(u.District, u.Last())) || has(p.Units.Province(u.Province, u.Last()))
}

// placed is what a name means for something that is true on a day.
type placed struct {
	there  []population.Unit // had the name on the day
	others []population.Unit // had it on other days
	now    []population.Unit // what has the ground of those others on the day
}

// communesOn finds what a name means on a day; zero is any day, of something of which
// nobody knows since when it is true. A name that ended, or begins later, is no answer:
// what has its ground on the day is offered, and a person chooses.
func (p *Pages) communesOn(text string, on citizen.Day) placed {
	var out placed
	for _, u := range p.called(text) {
		if on == 0 || u.Within(on) {
			out.there = addUnit(out.there, u)
			continue
		}
		out.others = addUnit(out.others, u)
		for _, kin := range p.Units.Became(u, population.FirstOf(on)) {
			out.now = addUnit(out.now, kin)
		}
	}
	// Those of today come first.
	slices.SortStableFunc(out.there, func(a, b population.Unit) int { return b.From.Compare(a.From) })
	return out
}

// addUnit adds a unit once, as it was last.
func addUnit(list []population.Unit, u population.Unit) []population.Unit {
	if i := slices.IndexFunc(list, func(o population.Unit) bool { return o.ID == u.ID }); i >= 0 {
		if u.From.After(list[i].From) {
			list[i] = u
		}
		return list
	}
	return append(list, u)
}

// choices are the communes of which one must be chosen.
func (f placed) choices() []population.Unit {
	switch {
	case len(f.there) > 1:
		return f.there
	case len(f.there) == 0:
		return f.now
	}
	return nil
}

// maxChoices is how many communes a form offers; of more, the province is asked for.
const maxChoices = 20

// placeInput asks for a commune by name and the address below it; on is the day of which
// it is asked.
func (p *Pages) placeInput(w words, v *eventView, i *input, likely population.Place, on citizen.Day) {
	name := i.Field.Name
	i.Field.Value = v.Form.Text(name)
	detail, code := v.Form.Text(name+"-detail"), v.Form.Text(name+"-code")
	if v.Blank && !likely.IsZero() {
		detail = likely.Detail
		if named := population.Named(p.Units, likely, on); len(named) > 0 {
			i.Field.Value = named[len(named)-1].Name
		}
	}
	i.Detail = ui.Field{
		Name: name + "-detail", Label: w.Printer.T("people.ask.detail"), Value: detail, Errors: v.Errors, Autocomplete: "off", Optional: true,
	}
	if i.Field.Value == "" || v.Blank {
		return
	}
	if choices := p.communesOn(i.Field.Value, on).choices(); len(choices) > 0 {
		i.Choices = ui.Field{Name: name + "-code", Label: w.Printer.T("people.ask.which"), Value: code, Errors: v.Errors, Small: true}
		for _, u := range choices[:min(len(choices), maxChoices)] {
			i.Choices.Options = append(i.Choices.Options, ui.Option{Value: u.Code, Label: w.unit(u)})
		}
	}
}

// askedOn is the day of which a form asks: that of its event, which is today until one is
// typed.
func (p *Pages) askedOn(v *eventView) citizen.Day {
	if on, err := citizen.ParseDay(v.Form.Text("on")); err == nil && on != 0 {
		return on
	}
	return citizen.DayFrom(p.today())
}

// saidOn is the day of which a field of a corrected event says a place; zero when nobody
// knows.
func (w words) saidOn(v *eventView, said *population.Person, f population.Field) citizen.Day {
	if on := w.placeDay(said, f); on != 0 || v.Corrects.Kind == population.Registration {
		return on
	}
	return v.Corrects.On
}

// place reads a commune by name or code, as it was on a day (zero: on any). When several
// have the name, or none has it on that day, one must be chosen, and the form then offers
// them.
func (r *reader) place(name string, on citizen.Day) population.Place {
	text := r.v.Form.Text(name)
	out := population.Place{Detail: r.text(name + "-detail"), Country: "VN"}
	if text == "" {
		return population.Place{}
	}
	found := r.pages.communesOn(text, on)
	one := found.there
	if choices := found.choices(); len(choices) > 0 {
		code := r.v.Form.Text(name + "-code")
		one = slices.DeleteFunc(slices.Clone(choices), func(u population.Unit) bool { return u.Code != code })
	}
	if len(one) != 1 {
		r.unclear(name, text, on, found)
		return out
	}
	out.Province, out.District, out.Commune = one[0].Province, one[0].District, one[0].Code
	return out
}

// unclear says why a name is no answer, and how to go on.
func (r *reader) unclear(field, name string, on citizen.Day, found placed) {
	args := fault.Args{"name": name, "n": len(found.choices()), "most": maxChoices, "on": r.words.day(on)}
	switch {
	case len(found.there)+len(found.others) == 0:
		r.wrong("people.place.unknown", field, args)
	case len(found.choices()) > maxChoices:
		r.wrong("people.place.many", field, args)
	case len(found.there) > 0:
		r.wrong("people.place.which", field, args)
	default:
		was := found.others[len(found.others)-1]
		args["was"], args["last"], args["from"] = r.where(was), was.Last(), was.From
		var ground []string
		for _, u := range found.now {
			ground = append(ground, u.Name)
		}
		args["ground"] = strings.Join(ground, ", ")
		key := "people.place.ended"
		switch {
		case len(found.now) == 0:
			key = "people.place.ended.gone"
		case was.From.After(population.FirstOf(on)):
			key = "people.place.begins"
		}
		r.wrong(key, field, args)
	}
}

// samePlace reads a place and leaves the one that was there when it is meant still:
// its commune may be gone by now.
func (r *reader) samePlace(name string, said population.Place, on citizen.Day) population.Place {
	text := r.v.Form.Text(name)
	if named := population.Named(r.pages.Units, said, on); len(named) > 0 && named[len(named)-1].Name == text {
		said.Detail = r.text(name + "-detail")
		return said
	}
	return r.place(name, on)
}

// communeCode is the code of the commune that a clerk means when they narrow a search, of
// today or of old. It fails with Invalid when there is none, and when several have the
// name that have no ground in common.
func (w words) communeCode(text string) (string, error) {
	found := w.pages.communesOn(text, 0).there
	if len(found) == 0 {
		return "", invalidAt("people.place.unknown", "commune", map[string]any{"name": text})
	}
	var names []string
	for _, u := range found {
		if !w.pages.Units.Kin(found[0], u) {
			names = append(names, w.unit(u))
		}
	}
	if len(names) > 0 {
		names = append([]string{w.unit(found[0])}, names...)
		args := map[string]any{"name": text, "n": len(names), "names": strings.Join(names[:min(len(names), 6)], "; ")}
		return "", invalidAt("people.place.several", "commune", args)
	}
	return found[0].Code, nil
}

// movedOn is the day on which an event says that somebody came to live somewhere; zero of
// those that say it of another day, as a registration and a correction do.
func movedOn(e population.Event) citizen.Day {
	switch e.Kind {
	case population.MovePerm, population.MoveTemp, population.MovePresent, population.Birth:
		return e.On
	}
	return 0
}
