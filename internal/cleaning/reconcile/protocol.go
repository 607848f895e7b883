package reconcile

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"dean06/internal/cleaning"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
)

// Spaces of the protocol: what ids are, and what entities are.
const (
	identifierSpace = "urn:dean06:personal-number"
	schemaSpace     = "urn:dean06:person"
	personType      = "person"
	// properties of a query; a row with more columns than that is none
	mostProperties = 32
)

// Manifest describes the service to a program.
type Manifest struct {
	Versions        []string `json:"versions"`
	Name            string   `json:"name"`
	IdentifierSpace string   `json:"identifierSpace"`
	SchemaSpace     string   `json:"schemaSpace"`
	DefaultTypes    []Named  `json:"defaultTypes"`
	BatchSize       int      `json:"batchSize"`
	Documentation   string   `json:"documentation,omitempty"`
	Suggest         Suggest  `json:"suggest"`
}

// Named is a type or a property.
type Named struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Suggest is where types and properties are suggested. Persons are not.
type Suggest struct {
	Type     Suggester `json:"type"`
	Property Suggester `json:"property"`
}

// Suggester is one of these addresses.
type Suggester struct {
	URL  string `json:"service_url"`
	Path string `json:"service_path"`
}

// Paths below the service.
const (
	SuggestType     = "/suggest/type"
	SuggestProperty = "/suggest/property"
)

// NewManifest describes the service at an address, which holds the key.
func NewManifest(at, documentation string, p *i18n.Printer) Manifest {
	return Manifest{
		Versions: []string{"0.1", "0.2"}, Name: p.T("reconcile.name"), IdentifierSpace: identifierSpace, SchemaSpace: schemaSpace,
		DefaultTypes: types(p), BatchSize: MostQuestions, Documentation: documentation,
		Suggest: Suggest{Type: Suggester{at, SuggestType}, Property: Suggester{at, SuggestProperty}},
	}
}

func types(p *i18n.Printer) []Named { return []Named{{personType, p.T("reconcile.person")}} }

// properties are what may be said of a person.
var properties = []cleaning.Kind{
	cleaning.Number, cleaning.Name, cleaning.Birth, cleaning.Sex, cleaning.Address, cleaning.Surname, cleaning.Middle, cleaning.Given,
	cleaning.DayPart, cleaning.Month, cleaning.Year, cleaning.Commune, cleaning.District, cleaning.Province,
}

// Suggested are types or properties.
type Suggested struct {
	Result []Named `json:"result"`
}

// Types suggests types for what somebody typed.
func Types(prefix string, p *i18n.Printer) Suggested { return suggest(types(p), prefix) }

// Properties suggests properties: by their names, or as a heading of a file would be
// understood.
func Properties(prefix string, p *i18n.Printer) Suggested {
	all := make([]Named, len(properties))
	for i, k := range properties {
		all[i] = Named{string(k), p.T("reconcile.property." + string(k))}
	}
	if k := cleaning.KindOf(prefix[:min(len(prefix), mostText)]); slices.Contains(properties, k) {
		return Suggested{[]Named{all[slices.Index(properties, k)]}}
	}
	return suggest(all, prefix)
}

func suggest(all []Named, prefix string) Suggested {
	prefix = strings.ToLower(strings.TrimSpace(prefix))
	out := Suggested{[]Named{}}
	for _, n := range all {
		if strings.Contains(strings.ToLower(n.Name), prefix) || strings.HasPrefix(n.ID, prefix) {
			out.Result = append(out.Result, n)
		}
	}
	return out
}

// Batch is queries by the names that the program gave them, in its order.
type Batch struct {
	Keys      []string
	Questions []Question
}

// ParseBatch reads a query batch. Members that the protocol does not know are passed over, as
// programs add some; a query that cannot be read refuses the batch. It fails with Invalid
// and TooLarge.
func ParseBatch(text string) (b Batch, err error) {
	if !utf8.ValidString(text) {
		return b, badBatch(errors.New("it is not UTF-8"))
	}
	d := json.NewDecoder(strings.NewReader(text))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return b, badBatch(err)
	}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return b, badBatch(err)
		}
		key, _ := t.(string) // a member's name is a text
		if len(b.Keys) == MostQuestions {
			return b, fault.New(fault.TooLarge, "reconcile.batch.large", fault.Args{"max": MostQuestions})
		}
		if slices.Contains(b.Keys, key) || len(key) > mostText {
			return b, fault.New(fault.Invalid, "reconcile.batch.key", fault.Args{"n": len(b.Keys) + 1})
		}
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return b, badBatch(err)
		}
		q, err := parseQuery(raw)
		if err != nil {
			return b, fault.New(fault.Invalid, "reconcile.batch.query", fault.Args{"n": len(b.Keys) + 1}).Because(err)
		}
		b.Keys, b.Questions = append(b.Keys, key), append(b.Questions, q)
	}
	if _, err := d.Token(); err != nil { // the end of the object
		return b, badBatch(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return b, badBatch(errors.New("something stands behind it"))
	}
	return b, nil
}

func badBatch(cause error) error {
	return fault.New(fault.Invalid, "reconcile.batch.json", nil).Because(cause)
}

type query struct {
	Text       value      `json:"query"`
	Limit      *float64   `json:"limit"`
	Properties []property `json:"properties"`
}

type property struct {
	ID    string `json:"pid"`
	Value value  `json:"v"`
}

// value is a value of a property, as a text: the first of several; of an entity that was
// matched before, its id, or its name where that is what is asked.
type value struct{ text, name string }

// UnmarshalJSON reads a text, number, truth, entity, or a list of these.
func (v *value) UnmarshalJSON(raw []byte) error {
	raw = bytes.TrimSpace(raw)
	switch raw[0] {
	case '"':
		return json.Unmarshal(raw, &v.text)
	case '{':
		var e struct{ ID, Name string }
		if err := json.Unmarshal(raw, &e); err != nil {
			return err
		}
		v.text, v.name = e.ID, e.Name
	case '[':
		var list []json.RawMessage
		if err := json.Unmarshal(raw, &list); err != nil || len(list) == 0 {
			return err
		}
		if first := bytes.TrimSpace(list[0]); first[0] == '[' { // nothing of a list in a list
			return errors.New("a list in a list")
		}
		return v.UnmarshalJSON(list[0])
	case 'n', 't', 'f': // nothing is known of it
	default:
		var n json.Number
		if err := json.Unmarshal(raw, &n); err != nil {
			return err
		}
		v.text = n.String()
	}
	return nil
}

func parseQuery(raw json.RawMessage) (Question, error) {
	var q query
	if err := json.Unmarshal(raw, &q); err != nil {
		return Question{}, err
	}
	out := Question{Said: cleaning.Said{}, Limit: MostCandidates}
	switch {
	case raw[0] != '{':
		return out, errors.New("it is no object")
	case len(q.Properties) > mostProperties:
		return out, errors.New("too many properties")
	case q.Text.text == "" && len(q.Properties) == 0:
		return out, errors.New("neither query nor properties")
	case q.Limit != nil && (*q.Limit < 1 || math.IsNaN(*q.Limit)):
		return out, errors.New("limit is not above 0")
	case q.Limit != nil:
		out.Limit = int(min(*q.Limit, MostCandidates))
	}
	for _, p := range q.Properties {
		if len(p.ID) > mostText {
			return out, errors.New("a property's name is too long")
		}
		k := cleaning.KindOf(p.ID)
		if !slices.Contains(properties, k) || out.Said[k] != "" { // a column that says nothing of who it is
			continue
		}
		text := p.Value.text
		if p.Value.name != "" && k != cleaning.Number {
			text = p.Value.name
		}
		if len(text) > mostText {
			return out, errors.New("a value is too long")
		}
		if text != "" {
			out.Said[k] = text
		}
	}
	if len(q.Text.text) > mostText {
		return out, errors.New("the query is too long")
	}
	take(out.Said, q.Text.text)
	return out, nil
}

// take takes what stands in the column that is matched: a number where it is one, else a
// name, unless a property says it.
func take(said cleaning.Said, text string) {
	if text = strings.TrimSpace(text); text == "" {
		return
	}
	k := cleaning.Name
	if strings.Trim(text, "0123456789 .-'") == "" {
		k = cleaning.Number
	}
	if said[k] == "" && (k != cleaning.Name || said[cleaning.Given] == "") {
		said[k] = text
	}
}

// Shown is a candidate as the protocol has it.
type Shown struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	Description string    `json:"description,omitempty"`
	Type        []Named   `json:"type"`
	Score       float64   `json:"score"` // of a hundred
	Match       bool      `json:"match"`
	Features    []Feature `json:"features"`
}

// Feature is what agrees of a candidate, or the weight in bits.
type Feature struct {
	ID    string `json:"id"`
	Value any    `json:"value"` // true or false, or a number
}

// Results is what the program is told, in the order of its queries.
func (b Batch) Results(a Answer, p *i18n.Printer) []Result {
	out := make([]Result, len(b.Keys))
	for i, key := range b.Keys {
		out[i] = Result{Key: key, Candidates: []Shown{}}
		if i >= len(a.Answers) {
			continue
		}
		for n, c := range a.Answers[i] {
			out[i].Candidates = append(out[i].Candidates, shown(c, n+1, p))
		}
	}
	return out
}

// Result is the candidates of one query.
type Result struct {
	Key        string
	Candidates []Shown
}

// WriteResults writes them as an object, by the names of the queries.
func WriteResults(w io.Writer, list []Result) error {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, r := range list {
		key, err := json.Marshal(r.Key)
		if err != nil {
			return err
		}
		result, err := json.Marshal(struct {
			Result []Shown `json:"result"`
		}{r.Candidates})
		if err != nil {
			return err
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(key)
		b.WriteByte(':')
		b.Write(result)
	}
	b.WriteByte('}')
	_, err := w.Write(b.Bytes())
	return err
}

func shown(c Candidate, n int, p *i18n.Printer) Shown {
	// Rounded down: what is shown as 100 would be taken for certain.
	out := Shown{
		ID: c.ID, Type: types(p), Score: math.Floor(c.Share*10000) / 100, Match: c.Match, Features: []Feature{{"bits", math.Round(c.Bits*10) / 10}},
	}
	var agree, differ []string
	for _, k := range properties {
		fits, said := c.Fits[k]
		if !said {
			continue
		}
		out.Features = append(out.Features, Feature{string(k), fits})
		if name := inside(p.T("reconcile.property." + string(k))); fits {
			agree = append(agree, name)
		} else {
			differ = append(differ, name)
		}
	}
	if c.Match {
		out.ID, out.Name = c.Number, c.Name
	} else {
		out.Name = p.T("reconcile.nobody", map[string]any{"n": n})
	}
	for _, part := range []struct {
		key  string
		list []string
	}{{"reconcile.agree", agree}, {"reconcile.differ", differ}} {
		if len(part.list) > 0 {
			out.Description = strings.TrimPrefix(out.Description+"; "+p.T(part.key, map[string]any{"what": strings.Join(part.list, ", ")}), "; ")
		}
	}
	if !c.Match && out.Description != "" {
		out.Name += " (" + out.Description + ")"
	}
	return out
}

// inside is the name of something as it stands inside a sentence.
func inside(name string) string {
	first, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToLower(first)) + name[size:]
}
