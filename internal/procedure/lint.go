package procedure

import (
	"cmp"
	"fmt"
	"io/fs"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"dean06/internal/eform"
	"dean06/internal/platform/fault"
)

// Lint says everything that is wrong with the package in a folder, in the order of files and
// lines; nothing when it may be signed off. docs/procedures.md lists the rules.
func Lint(fsys fs.FS, dir string) []Fault {
	s := readSource(fsys, dir)
	faults := s.faults
	if s.pkg.Code != "" || len(s.pkg.Form.Sections) > 0 || len(s.pkg.Process.Steps) > 0 {
		l := newLinter(s)
		l.lint()
		faults = s.faults
	}
	order := map[string]int{Manifest: -1}
	slices.SortStableFunc(faults, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(order[a.File], order[b.File]), cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return slices.CompactFunc(faults, func(a, b Fault) bool { return reflect.DeepEqual(a, b) })
}

// linter looks at a package that was read.
type linter struct {
	*source
	p        *Package
	meanings *MeaningList
	fields   map[string]field // questions by id
	broken   bool             // a part could not be read: what would follow from its absence is not said
}

// field is a question with where it stands.
type field struct {
	*eform.Question
	section *eform.Section
	at      string // path
	order   int
}

func newLinter(s *source) *linter {
	broken := slices.ContainsFunc(s.faults, func(f Fault) bool { return f.Rule != "file_not_named" })
	l := &linter{source: s, p: s.pkg, meanings: Meanings(), fields: map[string]field{}, broken: broken}
	for i := range l.p.Form.Sections {
		sec := &l.p.Form.Sections[i]
		for j := range sec.Questions {
			q := &sec.Questions[j]
			if _, ok := l.fields[q.ID]; !ok {
				l.fields[q.ID] = field{q, sec, fmt.Sprintf("form.sections[%d].questions[%d]", i, j), len(l.fields)}
			}
		}
	}
	return l
}

func (l *linter) lint() {
	l.lintHead()
	l.lintTexts()
	l.lintForm()
	l.lintCases()
	l.lintPeople()
	l.lintPapers()
	l.lintProcess()
	l.lintLimits()
	l.lintFees()
	l.lintResults()
	l.lintEffect()
	l.lintReasons()
}

// fault reports a fault at a path.
func (l *linter) fault(at, rule string, args fault.Args) { l.add(l.placeOf(at), rule, args) }

var (
	codeShape    = regexp.MustCompile(`^[1-9]\.\d{6}$`)
	caseShape    = regexp.MustCompile(`^[1-9]\.\d{6}\.\d{2}$`)
	versionShape = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}\.\d+$`)
	fieldShape   = regexp.MustCompile(`^[A-Z]\d{2}-[A-Z]{2}\d{2}$`)
	paperShape   = regexp.MustCompile(`^000\.00\.00\.[A-Z]\d{2}-KQ\d{4,6}$`)
	resultShape  = regexp.MustCompile(`^KQ\.[A-Z]\d{2}\.\d{6}$`)
	idShape      = regexp.MustCompile(`^[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*$`)
	termShape    = regexp.MustCompile(`^(?:permanent|[1-9]\d{0,2}y)$`)
	clockShape   = regexp.MustCompile(`^(?:[01]\d|2[0-3]):[0-5]\d$`)
)

// The words that members of a package may have.
var (
	channels   = []string{"desk", "online", "post"}
	applicants = []string{"citizen", "foreigner", "household_business", "organisation"}
	sures      = []string{"record", "second-hand", "reading", "memory"}
	feeKinds   = []string{"FEE", "SERVICE_FEE", "PRICE_LEVEL"}
	levels     = []string{"commune", "province"}
	kinds      = []string{"committee", "police"}
	duties     = []string{"desk", "reviewer", "leader", "police"}
	stands     = []string{"receiving", "competent"}
	occasions  = []string{"supplement", "refusal", "stop"}
	pauses     = []string{"supplement", "fee"}
	verbs      = []string{"receive", "take", "propose", "approve", "return_back", "registered", "hand_over"}
	kin        = []string{"spouse", "father", "mother", "guardian", "head", "member"}
	proofs     = []string{"register", "dossier", "agency"}
)

// oneOf reports a word that is none of those that are known.
func (l *linter) oneOf(at, value string, known []string) {
	if !slices.Contains(known, value) {
		l.fault(at, "unknown_word", fault.Args{"member": last(at), "value": value, "known": strings.Join(known, ", ")})
	}
}

func (l *linter) shape(at, value string, want *regexp.Regexp, example string) {
	if value != "" && !want.MatchString(value) {
		l.fault(at, "wrong_shape", fault.Args{"member": last(at), "value": value, "example": example})
	}
}

// needed reports a member that must be there.
func (l *linter) needed(at string, missing bool) {
	if missing && !l.broken {
		l.fault(at, "missing", fault.Args{"member": last(at)})
	}
}

// lintHead looks at what a package says of itself.
func (l *linter) lintHead() {
	p := l.p
	for member, missing := range map[string]bool{
		"code": p.Code == "", "version": p.Version == "", "from": p.From.IsZero(), "name": p.Name == eform.Text{}, "plain": p.Plain == eform.Text{},
		"field": p.Field == "", "decided": len(p.Decided) == 0, "who": len(p.Who) == 0, "channels": len(p.Channels) == 0, "form": len(p.Form.Sections) == 0,
		"process": len(p.Process.Steps) == 0, "limits": len(p.Limits) == 0 && !p.Immediate, "results": len(p.Results) == 0, "competent": p.Competent.Level == "",
		"retention": p.Retention == "", "reasons": len(p.Reasons) == 0, "notice": p.Notice == eform.Text{},
	} {
		l.needed(member, missing)
	}
	l.shape("code", p.Code, codeShape, "1.001193")
	l.shape("version", p.Version, versionShape, "2026-07-18.1")
	l.shape("field", p.Field, fieldShape, "G15-TP07")
	l.shape("retention", p.Retention, termShape, "permanent, 70y")
	if !p.To.IsZero() && !p.To.After(p.From) {
		l.fault("to", "to_before_from", fault.Args{"from": p.From, "to": p.To})
	}
	for i, a := range p.Who {
		l.oneOf(fmt.Sprintf("who[%d].kind", i), a.Kind, applicants)
	}
	for i, c := range p.Channels {
		l.oneOf(fmt.Sprintf("channels[%d]", i), c, channels)
	}
	if p.Level != "" {
		l.oneOf("level", string(p.Level), []string{"1", "2"})
	}
	l.twice("channels[%d]", len(p.Channels), func(i int) string { return p.Channels[i] })
	for i, b := range p.Decided {
		l.needed(fmt.Sprintf("decided[%d].code", i), b.Code == "")
		l.needed(fmt.Sprintf("decided[%d].name", i), b.Name == "")
	}
	if p.Competent.Level != "" {
		l.oneOf("competent.level", p.Competent.Level, levels)
		l.oneOf("competent.kind", p.Competent.Kind, kinds)
		l.needed("competent.by", len(p.Competent.By) == 0)
	}
	for i, q := range p.Competent.By {
		at := fmt.Sprintf("competent.by[%d]", i)
		if f, ok := l.question(at, q); ok && f.Kind != eform.KindAddress {
			l.fault(at, "competence_not_address", fault.Args{"question": q})
		}
	}
}

// twice reports an id that is there before. path has one %d.
func (l *linter) twice(path string, n int, id func(int) string) {
	first := map[string]string{}
	for i := range n {
		at := fmt.Sprintf(path, i)
		if before, ok := first[id(i)]; ok && id(i) != "" {
			l.fault(at, "id_twice", fault.Args{"id": id(i), "first": l.placeOf(before).line})
			continue
		}
		first[id(i)] = at
	}
}

// named reports ids that are missing, not written as ids are, or there twice.
func (l *linter) named(path string, n int, id func(int) string) {
	for i := range n {
		at := fmt.Sprintf(path, i)
		l.needed(at, id(i) == "")
		l.shape(at, id(i), idShape, "birth_notice")
	}
	l.twice(path, n, id)
}

// question finds a question that is named at a path, and reports when there is none.
func (l *linter) question(at, id string) (field, bool) {
	f, ok := l.fields[id]
	if !ok {
		l.fault(at, "unknown_question", fault.Args{"question": id})
	}
	return f, ok
}

var textKind = reflect.TypeFor[eform.Text]()

// lintTexts reports texts that are in one language only.
func (l *linter) lintTexts() { l.texts(reflect.ValueOf(l.p).Elem(), "") }

func (l *linter) texts(v reflect.Value, at string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			l.texts(v.Elem(), at)
		}
	case reflect.Slice:
		for i := range v.Len() {
			l.texts(v.Index(i), fmt.Sprintf("%s[%d]", at, i))
		}
	case reflect.Struct:
		if v.Type() == textKind {
			l.text(v.Interface().(eform.Text), at)
			return
		}
		for name, i := range membersOf(v.Type()) {
			l.texts(v.Field(i), join(at, name))
		}
		if r, ok := v.Addr().Interface().(*Result); ok && r.Paper != nil {
			l.texts(reflect.ValueOf(r.Paper).Elem(), at+".paper")
		}
	}
}

// text reports a language that is missing. A text that is not there at all is another rule's.
func (l *linter) text(t eform.Text, at string) {
	_, written := l.at[at]
	switch vi, en := strings.TrimSpace(t.Vi), strings.TrimSpace(t.En); {
	case vi == "" && (en != "" || written):
		l.fault(at, "language_missing", fault.Args{"member": last(at), "language": "vi"})
	case en == "" && vi != "":
		l.fault(at, "language_missing", fault.Args{"member": last(at), "language": "en"})
	}
}

func (l *linter) lintReasons() {
	l.named("reasons[%d].code", len(l.p.Reasons), func(i int) string { return l.p.Reasons[i].Code })
	papers := map[string]bool{}
	for _, p := range l.p.Papers {
		papers[p.ID] = true
	}
	for i, r := range l.p.Reasons {
		at := fmt.Sprintf("reasons[%d]", i)
		l.needed(at+".text", r.Text == eform.Text{})
		l.needed(at+".for", len(r.For) == 0)
		for k, o := range r.For {
			l.oneOf(fmt.Sprintf("%s.for[%d]", at, k), o, occasions)
		}
		for k, id := range r.About {
			if _, ok := l.fields[id]; !ok && !papers[id] {
				l.fault(fmt.Sprintf("%s.about[%d]", at, k), "unknown_about", fault.Args{"id": id})
			}
		}
	}
}

func (l *linter) lintCases() {
	l.named("cases[%d].id", len(l.p.Cases), func(i int) string { return l.p.Cases[i].ID })
	for i, c := range l.p.Cases {
		at := fmt.Sprintf("cases[%d]", i)
		l.needed(at+".name", c.Name == eform.Text{})
		l.shape(at+".code", c.Code, caseShape, l.p.Code+".01")
		if c.Code != "" && !strings.HasPrefix(c.Code, l.p.Code+".") {
			l.fault(at+".code", "case_of_another", fault.Args{"case": c.Code, "code": l.p.Code})
		}
		l.condition(at+".when", c.When, nil)
	}
}

// lintPeople looks at how people become known.
func (l *linter) lintPeople() {
	l.twice("people[%d].owner", len(l.p.People), func(i int) string { return l.p.People[i].Owner })
	listed := map[string]bool{eform.Applicant: true}
	for _, p := range l.p.People {
		listed[p.Owner] = true
	}
	for i, p := range l.p.People {
		at := fmt.Sprintf("people[%d]", i)
		if o, ok := l.meanings.Owner(p.Owner); !ok || !o.Person {
			l.fault(at+".owner", "unknown_owner", fault.Args{"owner": p.Owner})
		}
		l.needed(at+".from", len(p.From) == 0)
		for k, by := range p.From {
			l.way(fmt.Sprintf("%s.from[%d]", at, k), by, listed)
		}
	}
}

func (l *linter) way(at string, by PersonBy, listed map[string]bool) {
	ways := 0
	for _, has := range []bool{by.Is != "", by.Kin != "", by.Typed != ""} {
		if has {
			ways++
		}
	}
	if ways != 1 || (by.Kin == "") != (by.Of == "") {
		l.fault(at, "way_of_person", nil)
	}
	for member, owner := range map[string]string{".is": by.Is, ".of": by.Of} {
		if owner != "" && !listed[owner] && (member != ".is" || owner != Principal) {
			l.fault(at+member, "unknown_owner", fault.Args{"owner": owner})
		}
	}
	if by.Kin != "" {
		l.oneOf(at+".kin", by.Kin, kin)
	}
	if by.Typed != "" {
		if f, ok := l.question(at+".typed", by.Typed); ok && f.Kind != eform.KindNumber {
			l.fault(at+".typed", "typed_not_number", fault.Args{"question": by.Typed})
		}
	}
	l.condition(at+".when", by.When, nil)
}
