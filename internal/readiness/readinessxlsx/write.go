package readinessxlsx

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/sheet"
	"dean06/internal/readiness"
)

// Options say for whom a workbook is made.
type Options struct {
	AgencyCode, AgencyName     string
	CampaignCode, CampaignName string
	Kind                       string // "ministry" or "province"
	Lang                       string // "vi" or "en"
}

// Write makes the workbook of an agency: blank, or filled in with its return,
// whose agency and campaign go before those of the options.
// It fails with Invalid when a text is longer than a cell can hold.
func Write(tpl *readiness.Template, ret *readiness.Return, opts Options) ([]byte, error) {
	size, err := sizesFor(tpl, ret)
	if err != nil {
		return nil, err
	}
	hash, err := hashOf(tpl)
	if err != nil {
		return nil, err
	}
	key := formKey{template: hash, kind: readiness.FormKind(opts.Kind), lang: opts.Lang, sizes: size}
	if key.lang != string(i18n.En) {
		key.lang = string(i18n.Vi)
	}
	if ret != nil {
		for _, a := range ret.Answers {
			row, ok := tpl.Row(a.Key)
			if !ok || !row.Answered() {
				return nil, fmt.Errorf("write workbook of %s: template %s has no row %q", ret.Agency, tpl.Ref(), a.Key)
			}
			key.full = key.full || !row.IsFor(key.kind)
		}
		opts.AgencyCode = cmp.Or(ret.Agency, opts.AgencyCode)
		opts.CampaignCode = cmp.Or(ret.Campaign, opts.CampaignCode)
	}
	f, err := formFor(tpl, key)
	if err != nil {
		return nil, err
	}
	w := &filler{form: f, values: map[string]map[string]sheet.Value{}}
	w.meta(key, opts)
	if ret != nil {
		w.fill(ret)
	}
	if len(w.lost) > 0 {
		return nil, fmt.Errorf("write workbook of %s: no cell for %v", opts.AgencyCode, w.lost)
	}
	raw, err := f.mould.Fill(w.values)
	var long *sheet.TooLong
	if errors.As(err, &long) {
		return nil, fault.New(fault.Invalid, "readiness.workbook.too_long",
			fault.Args{"cell": long.Ref, "length": long.Length, "limit": sheet.MaxText}).Because(err)
	}
	if err != nil {
		return nil, fmt.Errorf("write workbook of %s: %w", opts.AgencyCode, err)
	}
	return raw, nil
}

// filler puts a return into the cells of a form.
type filler struct {
	*form
	values map[string]map[string]sheet.Value
	lost   []place
}

func (w *filler) put(page, row, col string, v sheet.Value) {
	ref, ok := w.slots[place{page, row, col}]
	if !ok {
		w.lost = append(w.lost, place{page, row, col})
		return
	}
	name := w.names[page]
	if w.values[name] == nil {
		w.values[name] = map[string]sheet.Value{}
	}
	w.values[name][ref] = v
}

func (w *filler) text(page, row, col, s string) {
	if s != "" {
		w.put(page, row, col, sheet.String(s))
	}
}

func (w *filler) meta(k formKey, opts Options) {
	m := map[string]string{
		"template": w.tpl.Ref(), "template_hash": k.template, "campaign": opts.CampaignCode, "agency": opts.AgencyCode,
		"kind": k.kind, "lang": k.lang, "full": fmt.Sprint(k.full),
	}
	m["checksum"] = checksum(m, w.digest)
	for field, v := range m {
		w.text(pageMeta, field, colValue, v)
	}
	w.text(pageGuide, "agency", colValue, opts.AgencyName)
	w.text(pageGuide, "campaign", colValue, opts.CampaignName)
}

// checksum covers what a workbook says of itself and all its labels.
func checksum(meta map[string]string, digest string) string {
	h := sha256.New()
	for _, field := range metaFields[:len(metaFields)-1] {
		fmt.Fprintf(h, "%s %q\n", field, meta[field])
	}
	fmt.Fprintf(h, "labels %s\n", digest)
	return hex.EncodeToString(h.Sum(nil))
}

func (w *filler) fill(ret *readiness.Return) {
	w.text(pageContact, "heading", colValue, ret.Heading)
	w.text(pageContact, "letter_number", colValue, ret.Letter.Number)
	w.text(pageContact, "letter_date", colValue, showDate(ret.Letter.Date))
	for _, c := range w.tpl.Contact {
		if v := ret.Contact.Field(c.Key); v != nil {
			w.text(pageContact, "contact:"+c.Key, colValue, *v)
		}
	}
	names := map[string]string{}
	kinds := w.listed(colKind)
	for i, s := range ret.Systems {
		row := rowKey("system", i+1)
		names[s.ID] = s.Name
		w.text(pageSystems, row, colName, s.Name)
		kind := s.Kind
		for j, k := range w.tpl.AllSystemKinds() {
			if k == s.Kind {
				kind = kinds[j]
			}
		}
		w.text(pageSystems, row, colKind, kind)
		w.text(pageSystems, row, readiness.ColUnit, s.Unit)
		w.text(pageSystems, row, colAliases, showList(s.Aliases))
		w.text(pageSystems, row, colID, s.ID)
	}
	for _, a := range numbered(w.tpl, ret.Answers) {
		w.answer(a, names)
	}
	groups := map[string]int{}
	for _, p := range ret.Proposals {
		groups[p.Group]++
		text := p.Text
		if text == "" {
			text = w.tpl.Nothing.In(w.lang)
		}
		w.text(pageProposals, rowKey(p.Group, groups[p.Group]), colValue, text)
	}
	for _, l := range w.tpl.FormLists(ret) {
		for i, s := range l.Items {
			w.text(pageFree, rowKey(l.Key, i+1), colValue, s)
		}
	}
	for i, x := range ret.Extra {
		where, _ := json.Marshal(x.Where) // strings and numbers only: cannot fail
		w.text(pageFree, rowKey(readiness.ExtraList, i+1), colTrace, string(where))
	}
}

// trace stands in a hidden cell of each answer that was exported: what the
// visible cells cannot say. Reading believes a part of it only while the visible
// cell that it belongs to is unchanged.
type trace struct {
	Row    string              `json:"row,omitempty"` // when not the one that follows from the key
	Shown  string              `json:"shown,omitempty"`
	System string              `json:"system,omitempty"`
	ID     string              `json:"id,omitempty"`
	Month  string              `json:"month,omitempty"` // as shown
	Is     readiness.Month     `json:"is,omitempty"`
	By     readiness.Precision `json:"by,omitempty"`
	Note   string              `json:"note,omitempty"` // sum of the note, whose parts were split already
}

func (w *filler) answer(a numberedAnswer, names map[string]string) {
	row := rowKey(a.Key, a.n)
	text := func(col, s string) { w.text(pageState, row, col, s) }
	t := trace{System: a.System, ID: a.SystemID, Shown: a.System, Note: sumOf(a.Note)}
	if t.Shown == "" {
		t.Shown = names[a.SystemID]
	}
	if a.Row != a.row.Numbered(a.n) {
		t.Row = a.Row
	}
	w.system(a, t, text)
	text(readiness.ColUnit, a.Unit)
	text(readiness.ColCompliance, w.option(a.row.Options, a.Compliance))
	text(readiness.ColStage, w.option(readiness.StageList, a.Stage))
	text(colStageOther, a.StageOther)
	if a.ExpectedMonth != "" || a.Precision != "" {
		t.Month, t.Is, t.By = showMonth(a.ExpectedMonth, a.Precision, w.lang), a.ExpectedMonth, a.Precision
		text(colMonth, t.Month)
	}
	text(readiness.ColNote, a.Note)
	text(colCauses, showList(a.Causes))
	text(colUnmet, showList(a.Unmet))
	if a.Counts != nil {
		for col, n := range countsOf(a.Counts) {
			if *n != nil {
				w.put(pageState, row, col, sheet.Int(**n))
			}
		}
	}
	for _, c := range w.tpl.OwnColumns() {
		w.value(c, a.Values[c.Key], row)
	}
	if a.Decision != nil {
		text(colDecision, a.Decision.Number)
		text(colDecided, showDate(a.Decision.Date))
	}
	raw, _ := json.Marshal(t) // strings only: cannot fail
	text(colTrace, string(raw))
}

// value shows a value of one of the form's own columns.
func (w *filler) value(c readiness.Column, value, row string) {
	if c.Kind == readiness.CountsColumn {
		part, whole, both := strings.Cut(value, "/")
		w.text(pageState, row, c.Key+partOfCounts, part)
		if both {
			w.text(pageState, row, c.Key+wholeOfCounts, whole)
		}
		return
	}
	w.text(pageState, row, c.Key, clean(readiness.ShowValue(w.tpl, c, value).In(w.lang)))
}

// system shows the system of an answer: in the row of its group when it is an
// item, and in its own row when the group's says another.
func (w *filler) system(a numberedAnswer, t trace, text func(col, s string)) {
	if a.row.Kind != readiness.Item {
		text(colSystem, t.Shown)
		return
	}
	group := rowKey(a.row.Parent, a.n)
	at := w.slots[place{pageState, group, colTrace}]
	if _, drawn := w.values[w.names[pageState]][at]; !drawn {
		w.text(pageState, group, colSystem, t.Shown)
		raw, _ := json.Marshal(trace{Shown: t.Shown}) // cannot fail
		w.text(pageState, group, colTrace, string(raw))
		return
	}
	v := w.values[w.names[pageState]][w.slots[place{pageState, group, colSystem}]]
	if v != sheet.String(t.Shown) {
		text(colSystem, t.Shown)
	}
}

// option shows an option in the form's language; what is none shows itself.
func (w *filler) option(list, key string) string {
	if o, ok := w.tpl.Option(list, key); ok {
		return clean(o.In(w.lang))
	}
	return key
}

func countsOf(c *readiness.Counts) map[string]**int {
	return map[string]**int{
		colUnitsUnmet: &c.UnitsUnmet, colUnitsTotal: &c.UnitsTotal,
		colHave: &c.DevicesHave, colNeed: &c.DevicesNeed,
	}
}

func sumOf(s string) string {
	if s == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:8])
}

// showList writes one item a line; an item of several lines is marked with a
// dash and its further lines are set in.
func showList(items []string) string {
	lines := make([]string, len(items))
	for i, s := range items {
		if strings.Contains(s, "\n") || strings.TrimLeft(s, bullets) != s {
			s = "- " + strings.ReplaceAll(s, "\n", "\n  ")
		}
		lines[i] = s
	}
	return strings.Join(lines, "\n")
}

const bullets = "-–•*+ "

// readList is the reverse of showList, and takes other bullets too.
func readList(s string) []string {
	var out []string
	dashed := false
	for line := range strings.SplitSeq(s, "\n") {
		if rest, ok := strings.CutPrefix(line, "  "); ok && dashed {
			out[len(out)-1] += "\n" + rest
			continue
		}
		item := line
		dashed = false
		for _, bullet := range []string{"- ", "– ", "• ", "* ", "+ "} {
			if rest, ok := strings.CutPrefix(strings.TrimLeft(line, " \t"), bullet); ok {
				item, dashed = rest, true
				break
			}
		}
		if item = strings.TrimSpace(item); item != "" {
			out = append(out, item)
		} else {
			dashed = false
		}
	}
	return out
}
