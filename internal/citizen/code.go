package citizen

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"dean06/data"
)

// CodeList is one of the lists of codes by which the population contract writes what
// is true of a person (QCVN 109:2017/BTTTT).
type CodeList struct {
	entries []Code
	byCode  map[string]Code
}

// Code is a line of a list.
type Code struct {
	Code    string
	Name    string // in Vietnamese
	English string
}

// CodeLists are the lists that are known.
type CodeLists struct {
	Sex, Marital, Blood, Ethnicity, Religion CodeList
}

// Codes are the code lists of data/codes.
var Codes = sync.OnceValue(func() CodeLists {
	names := readCodes("codes/population-codes.json")
	for list, more := range readCodes("codes/population-codes.more.json") {
		maps.Copy(names[list], more)
	}
	english := readCodes("codes/population-codes.en.json")
	list := func(name string) CodeList { return newCodeList(names[name], english[name]) }
	return CodeLists{
		Sex: list("GioiTinh"), Marital: list("TinhTrangHonNhan"), Blood: list("NhomMau"),
		Ethnicity: list("DanToc"), Religion: list("TonGiao"),
	}
})

func readCodes(path string) map[string]map[string]string {
	b, err := data.FS.ReadFile(path)
	if err != nil {
		panic(err) // embedded: a build without it is broken
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(b, &raw); err != nil {
		panic(fmt.Errorf("read %s: %w", path, err))
	}
	lists := map[string]map[string]string{}
	for name, text := range raw {
		if name == "source" {
			continue
		}
		var list map[string]string
		if err := json.Unmarshal(text, &list); err != nil {
			panic(fmt.Errorf("read %s, %s: %w", path, name, err))
		}
		lists[name] = list
	}
	return lists
}

func newCodeList(names, english map[string]string) CodeList {
	l := CodeList{byCode: map[string]Code{}}
	for _, code := range slices.Sorted(maps.Keys(names)) {
		c := Code{Code: code, Name: names[code], English: english[code]}
		if c.English == "" {
			c.English = c.Name // names of peoples and blood groups are the same
		}
		l.entries = append(l.entries, c)
		l.byCode[code] = c
	}
	return l
}

// All lists the codes in order.
func (l CodeList) All() []Code { return slices.Clone(l.entries) }

// Has says that the code is in the list.
func (l CodeList) Has(code string) bool { _, ok := l.byCode[code]; return ok }

// Name is the name of a code in a language, "vi" or "en"; the code itself when it is
// not in the list, so that an answer from a newer list can still be shown.
func (l CodeList) Name(code, lang string) string {
	c, ok := l.byCode[code]
	switch {
	case !ok:
		return code
	case strings.HasPrefix(lang, "en"):
		return c.English
	}
	return c.Name
}

var provinces = sync.OnceValue(func() map[string]string {
	b, err := data.FS.ReadFile("codes/cccd-province-codes-63.csv")
	if err != nil {
		panic(err)
	}
	names := map[string]string{}
	for line := range strings.Lines(string(b)) {
		code, name, _ := strings.Cut(strings.TrimSpace(line), ",")
		if code != "code" && code != "" {
			names[code] = name
		}
	}
	return names
})

// CheckProvince gives the name of the province of registration. A prefix that is not
// in the list is a reason to warn and never to refuse: people born abroad have
// others, and lists change.
func CheckProvince(n Number) (name string, known bool) {
	if n.IsZero() {
		return "", false
	}
	name, known = provinces()[n.Province()]
	return name, known
}
