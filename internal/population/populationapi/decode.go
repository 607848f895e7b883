package populationapi

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
	"dean06/internal/population"
)

// maxText is how many bytes a name or another claimed value may have.
const maxText = 400

// reader reads one JSON document member by member and refuses what it does not know:
// a misspelt member that is passed over would be a question other than the one meant.
// It is written by hand because batches of a thousand persons pass through it.
type reader struct {
	b      []byte
	pos    int
	item   int // of "persons" that is being read, -1 for none
	fields *population.FieldTable
}

func (a *API) reader(b []byte) (*reader, error) {
	b = bytes.TrimPrefix(b, []byte("\ufeff")) // .NET writes a mark before UTF-8; RFC 8259 lets a reader pass over it
	if !utf8.Valid(b) {
		return nil, fault.New(fault.Invalid, "populationapi.utf8", nil)
	}
	return &reader{b: b, item: -1, fields: a.Fields}, nil
}

func (d *reader) bad() error {
	return fault.New(fault.Invalid, "populationapi.json", fault.Args{"at": d.pos})
}

// wrong is a fault at a member: of the object (in "values", say), and of the person
// in a batch.
func (d *reader) wrong(key, in, name string, args fault.Args) error {
	path := clip(name)
	if in != "" {
		path = strings.TrimSuffix(in+"."+path, ".")
	}
	if d.item >= 0 {
		path = strings.TrimSuffix("persons["+strconv.Itoa(d.item)+"]."+path, ".")
	}
	return fault.New(fault.Invalid, key, args).At(path)
}

func (d *reader) unknown(in, name string) error {
	return d.wrong("populationapi.unknown", in, name, fault.Args{"name": clip(name)})
}

// next is the next byte that is no space; 0 at the end.
func (d *reader) next() byte {
	for ; d.pos < len(d.b); d.pos++ {
		switch c := d.b[d.pos]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// take passes over one byte if it is the next.
func (d *reader) take(c byte) bool {
	if d.next() != c {
		return false
	}
	d.pos++
	return true
}

// end says that nothing follows.
func (d *reader) end() error {
	if d.next() != 0 || d.pos < len(d.b) {
		return d.bad()
	}
	return nil
}

// other is the fault of a value of another type than the one expected; one that is no
// value at all is bad JSON.
func (d *reader) other(key, in, name string) error {
	if c := d.next(); c == 0 || strings.IndexByte(`{["-0123456789tfn`, c) < 0 {
		return d.bad()
	}
	return d.wrong(key, in, name, nil)
}

// object reads { "name": … }; member reads the value of each.
func (d *reader) object(in, name string, member func(name string) error) error {
	if !d.take('{') {
		return d.other("populationapi.not_object", in, name)
	}
	if d.take('}') {
		return nil
	}
	var few [8]string
	seen := few[:0]
	for {
		m, ok := d.str()
		if !ok || !d.take(':') || len(seen) == 64 {
			return d.bad()
		}
		if slices.Contains(seen, m) {
			return d.wrong("populationapi.twice", in, m, fault.Args{"name": clip(m)})
		}
		seen = append(seen, m)
		if err := member(m); err != nil {
			return err
		}
		if d.take('}') {
			return nil
		}
		if !d.take(',') {
			return d.bad()
		}
	}
}

// array reads [ … ], calling item for each.
func (d *reader) array(name string, item func(i int) error) error {
	if !d.take('[') {
		return d.other("populationapi.not_array", "", name)
	}
	if d.take(']') {
		return nil
	}
	for i := 0; ; i++ {
		if err := item(i); err != nil {
			return err
		}
		if d.take(']') {
			return nil
		}
		if !d.take(',') {
			return d.bad()
		}
	}
}

// str reads a string.
func (d *reader) str() (string, bool) {
	if d.next() != '"' {
		return "", false
	}
	start, plain := d.pos+1, true
	for i := start; i < len(d.b); i++ {
		switch c := d.b[i]; {
		case c == '"':
			d.pos = i + 1
			if plain {
				return word(d.b[start:i]), true
			}
			var s string
			err := json.Unmarshal(d.b[start-1:i+1], &s)
			return s, err == nil
		case c < ' ':
			d.pos = i
			return "", false
		case c == '\\':
			plain = false
			i++
		}
	}
	d.pos = len(d.b)
	return "", false
}

// words are those that come again and again; they are not made anew each time.
var words = func() map[string]string {
	m := map[string]string{"values": "values", "persons": "persons", "fields": "fields"}
	for _, f := range population.Fields {
		m[string(f)] = string(f)
	}
	for _, code := range []string{"0", "1", "2", "3", "00", "01", "VN", "alive"} {
		m[code] = code
	}
	return m
}()

func word(b []byte) string {
	if w, ok := words[string(b)]; ok {
		return w
	}
	return string(b)
}

// text reads a string that says something; null is "", as if the member were not there.
// A string without any visible character is a member that was filled with nothing: what
// was meant with it is not guessed.
func (d *reader) text(in, name string) (string, error) {
	if d.next() == 'n' && strings.HasPrefix(string(d.b[d.pos:min(len(d.b), d.pos+4)]), "null") {
		d.pos += 4
		return "", nil
	}
	if d.next() != '"' {
		return "", d.other("populationapi.not_text", in, name)
	}
	s, ok := d.str()
	if !ok {
		return "", d.bad()
	}
	if len(s) > maxText {
		return "", d.wrong("populationapi.too_long", in, name, fault.Args{"max": maxText})
	}
	if s == "" || citizen.Spell(s) == "" {
		return "", d.wrong("populationapi.empty", in, name, fault.Args{"name": clip(name)})
	}
	return s, nil
}

// number reads a whole number that is not negative.
func (d *reader) number(name string) (int, error) {
	c := d.next()
	if c < '0' || c > '9' {
		return 0, d.other("populationapi.not_number", "", name)
	}
	end := d.pos
	for end < len(d.b) && strings.IndexByte("0123456789.eE+-", d.b[end]) >= 0 {
		end++
	}
	n, err := strconv.Atoi(string(d.b[d.pos:end]))
	if err != nil || n > 1e9 || c == '0' && end-d.pos > 1 {
		return 0, d.wrong("populationapi.not_number", "", name, nil)
	}
	d.pos = end
	return n, nil
}

// keyMember reads a member of a key; ok is false when it is none.
func (d *reader) keyMember(k *population.Key, name string) (ok bool, err error) {
	switch name {
	case "number", "old_number", "name", "birth":
	default:
		return false, nil
	}
	s, err := d.text("", name)
	if err != nil || s == "" {
		return true, err
	}
	switch name {
	case "number":
		k.Number, err = citizen.ParseNumber(s)
	case "old_number":
		k.OldNumber, err = citizen.ParseOldNumber(s)
	case "name":
		k.Name, err = citizen.ParseName(s)
	case "birth":
		k.Birth, err = citizen.ParseDay(s)
	}
	if f := fault.As(err); f != nil {
		err = d.wrong(f.Key, "", name, f.Args)
	}
	return true, err
}

func (d *reader) checkKey(k *population.Key) error {
	if k.Number.IsZero() && k.OldNumber.IsZero() {
		return d.wrong("populationapi.no_number", "", "number", nil)
	}
	return nil
}

// checkClaim refuses what the number alone would have to answer.
func (d *reader) checkClaim(k *population.Key) error {
	if err := d.checkKey(k); err != nil {
		return err
	}
	if !k.Proves() {
		return d.wrong("populationapi.unproven", "", "name", nil)
	}
	return nil
}

// ask is a question about one person.
type ask struct {
	key    population.Key
	fields []population.Field
	also   []population.Field // as far as they are granted; nil when it is not said
}

// readAsk reads {"number": …, "fields": […], "also": […]}; fields only where the service has
// them.
func (a *API) readAsk(b []byte, withFields bool) (ask, error) {
	d, err := a.reader(b)
	if err != nil {
		return ask{}, err
	}
	var q ask
	err = d.object("", "", func(name string) error {
		if ok, err := d.keyMember(&q.key, name); ok {
			return err
		}
		switch {
		case name == "fields" && withFields:
			q.fields, err = d.fieldList(name)
		case name == "also" && withFields:
			q.also, err = d.fieldList(name)
		default:
			return d.unknown("", name)
		}
		return err
	})
	if err == nil {
		err = d.end()
	}
	if err == nil {
		err = d.checkKey(&q.key)
	}
	return q, err
}

func (d *reader) fieldList(name string) ([]population.Field, error) {
	var list []population.Field
	err := d.array(name, func(i int) error {
		at := name + "[" + strconv.Itoa(i) + "]"
		s, err := d.text("", at)
		if err != nil {
			return err
		}
		f := population.Field(s)
		if !d.fields.Has(f) {
			return d.wrong("populationapi.no_field", "", at, fault.Args{"name": clip(s)})
		}
		if !slices.Contains(list, f) {
			list = append(list, f)
		}
		return nil
	})
	if err == nil && len(list) == 0 {
		err = d.wrong("populationapi.no_fields", "", name, nil)
	}
	return list, err
}

// readClaims reads one claim, or {"persons": […]}.
func (a *API) readClaims(b []byte) (claims []population.Claim, batch bool, err error) {
	d, err := a.reader(b)
	if err != nil {
		return nil, false, err
	}
	var one population.Claim
	alone := false
	err = d.object("", "", func(name string) error {
		if name != "persons" {
			alone = true
			return d.claimMember(&one, name)
		}
		batch = true
		return d.array(name, func(i int) error {
			if i == population.MaxBatch {
				return fault.New(fault.TooLarge, "populationapi.too_many", fault.Args{"max": population.MaxBatch}).At("persons")
			}
			claims = append(claims, population.Claim{})
			c := &claims[i]
			d.item = i
			defer func() { d.item = -1 }()
			if err := d.object("", "", func(name string) error { return d.claimMember(c, name) }); err != nil {
				return err
			}
			return d.checkClaim(&c.Key)
		})
	})
	if err == nil {
		err = d.end()
	}
	switch {
	case err != nil:
		return nil, false, err
	case batch && alone:
		return nil, false, fault.New(fault.Invalid, "populationapi.both", nil).At("persons")
	case batch && len(claims) == 0:
		return nil, false, fault.New(fault.Invalid, "populationapi.nobody", nil).At("persons")
	case batch:
		return claims, true, nil
	}
	return []population.Claim{one}, false, d.checkClaim(&one.Key)
}

func (d *reader) claimMember(c *population.Claim, name string) error {
	if ok, err := d.keyMember(&c.Key, name); ok {
		return err
	}
	if name != "values" {
		return d.unknown("", name)
	}
	return d.object("", "values", func(name string) error {
		f := population.Field(name)
		switch {
		case f == population.FieldNumber, f == population.FieldOldNumber, f == population.FieldName, f == population.FieldBirth,
			!d.fields.Has(f):
			return d.unknown("values", name)
		}
		s, err := d.text("values", name)
		if err == nil && s == "" {
			return nil
		}
		if err == nil && d.fields.HasNames(f) && strings.Trim(s, "0123456789") != "" {
			if s, err = citizen.ParseName(s); err != nil {
				err = d.wrong(fault.As(err).Key, "values", name, fault.As(err).Args)
			}
		}
		if err != nil {
			return err
		}
		if c.Values == nil {
			c.Values = make(map[population.Field]string, 4)
		}
		c.Values[f] = s
		return nil
	})
}
