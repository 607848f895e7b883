package readiness

import (
	"fmt"
	"strconv"
	"strings"
)

// DeclareSystems lists the systems that the answers name, each once, and points
// the answers at them. Systems that the return declares already keep their ids.
// Two spellings are one system only when nothing but case, accents,
// abbreviations and the owner differ; any other likeness is left to people.
func DeclareSystems(tpl *Template, ret *Return) {
	d := declarer{ret: ret, byKey: map[string]int{}, ids: map[string]bool{}}
	for i, s := range ret.Systems {
		d.ids[s.ID] = true
		for _, name := range append([]string{s.Name}, s.Aliases...) {
			if k := systemKey(name); k != "" {
				if _, twice := d.byKey[k]; !twice {
					d.byKey[k] = i
				}
			}
		}
	}
	for i := range ret.Answers {
		a := &ret.Answers[i]
		row, ok := tpl.Row(a.Key)
		if !ok || a.SystemID != "" && d.ids[a.SystemID] {
			continue
		}
		switch {
		case a.System != "":
			a.SystemID = d.declare(tpl, row, *a)
		case row.System == SystemProcedure:
			a.SystemID = d.procedure(tpl, *a)
		}
	}
	for i := range ret.Systems {
		if s := &ret.Systems[i]; s.Kind == "" {
			s.Kind = SystemOther
			if startsWords(systemKey(s.Name), "csdl") {
				s.Kind = SystemDatabase
			}
		}
	}
}

type declarer struct {
	ret   *Return
	byKey map[string]int
	ids   map[string]bool
}

func (d *declarer) declare(tpl *Template, row Row, a Answer) string {
	key := systemKey(a.System)
	if key == "" {
		return ""
	}
	i, known := d.byKey[key]
	if !known {
		i = d.add(key, System{Name: a.System, Unit: a.Unit})
	}
	s := &d.ret.Systems[i]
	if s.Name != a.System && !hasName(s.Aliases, a.System) {
		s.Aliases = append(s.Aliases, a.System)
	}
	if s.Unit == "" {
		s.Unit = a.Unit
	}
	switch {
	case key == procedureKey:
		s.Kind = SystemProcedure
	case s.Kind == "" && row.System != "" && row.System != SystemProcedure:
		s.Kind = row.System
	}
	return s.ID
}

// procedure is the system that rows 2 and 4.1 speak of without naming it.
func (d *declarer) procedure(tpl *Template, a Answer) string {
	i, known := d.byKey[procedureKey]
	if !known {
		name := ""
		for _, r := range tpl.Rows {
			if r.System == SystemProcedure && (name == "" || len(r.Label.Vi) < len(name)) {
				name = r.Label.Vi
			}
		}
		i = d.add(procedureKey, System{Name: name, Kind: SystemProcedure, Unit: a.Unit})
	}
	return d.ret.Systems[i].ID
}

func (d *declarer) add(key string, s System) int {
	n := len(d.ret.Systems) + 1
	for d.ids["s"+strconv.Itoa(n)] {
		n++
	}
	s.ID = fmt.Sprintf("s%d", n)
	d.ids[s.ID] = true
	d.ret.Systems = append(d.ret.Systems, s)
	d.byKey[key] = len(d.ret.Systems) - 1
	return d.byKey[key]
}

func hasName(names []string, name string) bool {
	for _, n := range names {
		if n == name {
			return true
		}
	}
	return false
}

const procedureKey = "httt giai quyet tthc"

var systemShort = strings.NewReplacer(
	"co so du lieu", "csdl", "he thong thong tin", "httt", "ht thong tin", "httt", "he thong tt", "httt",
	"thu tuc hanh chinh", "tthc", "chuyen nganh", "nganh", "quoc gia", "qg", "cong nghe thong tin", "cntt",
)

// systemKey is what two spellings of one system have in common.
func systemKey(name string) string {
	key := systemShort.Replace(Fold(name))
	if !startsWords(key, procedureKey) {
		return key
	}
	// Every agency has one such system; what follows names the owner.
	rest := strings.Fields(strings.TrimPrefix(key, procedureKey))
	if len(rest) == 0 {
		return procedureKey
	}
	switch rest[0] {
	case "cua", "cap", "tinh", "bo", "thanh", "nganh", "tap":
		return procedureKey
	}
	return key
}
