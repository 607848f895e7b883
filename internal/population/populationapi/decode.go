package populationapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"unicode/utf8"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
	"dean06/internal/population"
)

// maxText is how many bytes a name or another claimed value may have.
const maxText = 400

// reader reads one JSON document member by member and refuses what it does not know:
// a misspelt member that is passed over would be a question other than the one meant.
type reader struct {
	dec *json.Decoder
	b   []byte
}

func newReader(b []byte) (*reader, error) {
	if !utf8.Valid(b) {
		return nil, fault.New(fault.Invalid, "populationapi.utf8", nil)
	}
	return &reader{dec: json.NewDecoder(bytes.NewReader(b)), b: b}, nil
}

func (d *reader) bad() error {
	return fault.New(fault.Invalid, "populationapi.json", fault.Args{"at": int(d.dec.InputOffset())})
}

func (d *reader) token() (json.Token, error) {
	t, err := d.dec.Token()
	if err != nil {
		return nil, d.bad()
	}
	return t, nil
}

// end says that nothing follows.
func (d *reader) end() error {
	if _, err := d.dec.Token(); !errors.Is(err, io.EOF) {
		return d.bad()
	}
	return nil
}

// object reads { "name": … }, calling member with the path of each; member reads the value.
func (d *reader) object(path string, member func(name string) error) error {
	t, err := d.token()
	if err != nil {
		return err
	}
	if t != json.Delim('{') {
		return wrongType(path, "populationapi.not_object")
	}
	var seenFew [8]string
	seen := seenFew[:0]
	for d.dec.More() {
		t, err := d.token()
		if err != nil {
			return err
		}
		name, ok := t.(string)
		if !ok {
			return d.bad()
		}
		if slices.Contains(seen, name) {
			return fault.New(fault.Invalid, "populationapi.twice", fault.Args{"name": clip(name)}).At(join(path, name))
		}
		if seen = append(seen, name); len(seen) > 64 {
			return d.bad()
		}
		if err := member(name); err != nil {
			return err
		}
	}
	_, err = d.token()
	return err
}

// array reads [ … ], calling item for each.
func (d *reader) array(path string, item func(i int) error) error {
	t, err := d.token()
	if err != nil {
		return err
	}
	if t != json.Delim('[') {
		return wrongType(path, "populationapi.not_array")
	}
	for i := 0; d.dec.More(); i++ {
		if err := item(i); err != nil {
			return err
		}
	}
	_, err = d.token()
	return err
}

// text reads a string; null is "".
func (d *reader) text(path string) (string, error) {
	t, err := d.token()
	if err != nil {
		return "", err
	}
	switch v := t.(type) {
	case nil:
		return "", nil
	case string:
		if len(v) > maxText {
			return "", fault.New(fault.Invalid, "populationapi.too_long", fault.Args{"max": maxText}).At(path)
		}
		return v, nil
	}
	return "", wrongType(path, "populationapi.not_text")
}

// number reads a whole number that is not negative.
func (d *reader) number(path string) (int, error) {
	t, err := d.token()
	if err != nil {
		return 0, err
	}
	if v, ok := t.(float64); ok && v >= 0 && v <= 1e9 && v == float64(int(v)) {
		return int(v), nil
	}
	return 0, wrongType(path, "populationapi.not_number")
}

func wrongType(path, key string) error { return fault.New(fault.Invalid, key, nil).At(path) }

func unknown(path, name string) error {
	return fault.New(fault.Invalid, "populationapi.unknown", fault.Args{"name": clip(name)}).At(join(path, name))
}

func join(path, name string) string {
	if path == "" {
		return clip(name)
	}
	return path + "." + clip(name)
}

// keyMember reads a member of a key; ok is false when it is none.
func (d *reader) keyMember(k *population.Key, path, name string) (ok bool, err error) {
	switch name {
	case "number", "old_number", "name", "birth":
	default:
		return false, nil
	}
	at := path
	if at != "" {
		at += "."
	}
	at += name
	s, err := d.text(at)
	if err != nil || s == "" {
		return true, err
	}
	switch name {
	case "number":
		k.Number, err = citizen.ParseNumber(s)
	case "old_number":
		k.OldNumber, err = citizen.ParseOldNumber(s)
	case "name":
		k.Name = s
	case "birth":
		k.Birth, err = citizen.ParseDay(s)
	}
	if f := fault.As(err); f != nil {
		err = f.At(at)
	}
	return true, err
}

func checkKey(k population.Key, path string) error {
	if k.Number.IsZero() && k.OldNumber.IsZero() {
		return fault.New(fault.Invalid, "populationapi.no_number", nil).At(join(path, "number"))
	}
	return nil
}

// ask is a question about one person.
type ask struct {
	key    population.Key
	fields []population.Field
}

// readAsk reads {"number": …, "fields": […]}; fields only where the service has them.
func readAsk(b []byte, withFields bool) (ask, error) {
	d, err := newReader(b)
	if err != nil {
		return ask{}, err
	}
	var q ask
	err = d.object("", func(name string) error {
		if ok, err := d.keyMember(&q.key, "", name); ok {
			return err
		}
		if name != "fields" || !withFields {
			return unknown("", name)
		}
		q.fields, err = d.fieldList("fields")
		return err
	})
	if err == nil {
		err = d.end()
	}
	if err == nil {
		err = checkKey(q.key, "")
	}
	return q, err
}

func (d *reader) fieldList(path string) ([]population.Field, error) {
	var list []population.Field
	err := d.array(path, func(i int) error {
		at := path + "[" + strconv.Itoa(i) + "]"
		s, err := d.text(at)
		if err != nil {
			return err
		}
		f := population.Field(s)
		if !slices.Contains(population.Fields, f) {
			return fault.New(fault.Invalid, "populationapi.no_field", fault.Args{"name": clip(s)}).At(at)
		}
		if slices.Contains(list, f) {
			return nil
		}
		list = append(list, f)
		return nil
	})
	return list, err
}

// readClaims reads one claim, or {"persons": […]}.
func readClaims(b []byte) (claims []population.Claim, batch bool, err error) {
	d, err := newReader(b)
	if err != nil {
		return nil, false, err
	}
	var one population.Claim
	alone := false
	err = d.object("", func(name string) error {
		if name != "persons" {
			alone = true
			return d.claimMember(&one, "", name)
		}
		batch = true
		return d.array("persons", func(i int) error {
			if i == population.MaxBatch {
				return fault.New(fault.TooLarge, "populationapi.too_many", fault.Args{"max": population.MaxBatch}).At("persons")
			}
			claims = append(claims, population.Claim{})
			return d.claim(&claims[i], "persons["+strconv.Itoa(i)+"]")
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
	return []population.Claim{one}, false, checkKey(one.Key, "")
}

func (d *reader) claim(c *population.Claim, path string) error {
	err := d.object(path, func(name string) error { return d.claimMember(c, path, name) })
	if err != nil {
		return err
	}
	return checkKey(c.Key, path)
}

func (d *reader) claimMember(c *population.Claim, path, name string) error {
	if ok, err := d.keyMember(&c.Key, path, name); ok {
		return err
	}
	if name != "values" {
		return unknown(path, name)
	}
	at := join(path, "values")
	return d.object(at, func(name string) error {
		f := population.Field(name)
		switch {
		case f == population.FieldNumber, f == population.FieldOldNumber, f == population.FieldName, f == population.FieldBirth,
			!slices.Contains(population.Fields, f):
			return unknown(at, name)
		}
		s, err := d.text(join(at, name))
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
