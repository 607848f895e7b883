package org

import (
	"regexp"
	"strings"
)

// Agency codes follow Quyết định 20/2020/QĐ-TTg: groups of A–Z and 0–9 with
// points between, at most 35 characters, the widest unit first: G14, H26.16.
// The older shape of Thông tư 10/2016/TT-BTTTT has four groups, the widest last:
// 000.00.00.G14, 000.00.16.H26. Both are still in use.
//
// Four sorts of code are our own, because nobody gives one: X01 to X06 for the
// agencies that the decision left out, H55.D164 and H55.C05869 for the
// committee of a district or commune: the province's code, a letter for the
// level, and the code of the unit; and H55.P05869 for the police of a commune,
// who decide on residence and are no part of its committee.
var (
	codeShape     = regexp.MustCompile(`^[A-Z0-9]+(\.[A-Z0-9]+)*$`)
	oldCodeShape  = regexp.MustCompile(`^[0-9]{3}\.[0-9]{2}\.[0-9]{2,3}\.([A-Z][0-9]{2})$`)
	topCode       = regexp.MustCompile(`^[A-Z][0-9]{2}$`)
	localShape    = regexp.MustCompile(`^([A-Z][0-9]{2})\.([DC])([0-9]{3}|[0-9]{5})$`)
	policeShape   = regexp.MustCompile(`^([A-Z][0-9]{2})\.P([0-9]{5})$`)
	territoryCode = map[Level]*regexp.Regexp{
		Province: regexp.MustCompile(`^[0-9]{2}$`), District: regexp.MustCompile(`^[0-9]{3}$`), Commune: regexp.MustCompile(`^[0-9]{5}$`),
	}
)

const maxCode = 35

// ParseCode reads an agency code of either shape, in any case and with blanks
// around. top is the code of the ministry or province, code the whole code in
// the new shape; a part of an agency has a code longer than its top.
func ParseCode(s string) (top, code string, ok bool) {
	s = strings.ToUpper(strings.TrimSpace(s))
	if len(s) > maxCode {
		return "", "", false
	}
	if m := oldCodeShape.FindStringSubmatch(s); m != nil {
		rest := strings.Split(s, ".")
		code = m[1]
		for i := 2; i >= 0; i-- { // 000.01.16.H26 is unit 16 of H26, under it 01
			if strings.Trim(rest[i], "0") != "" {
				code += "." + rest[i]
			}
		}
		return m[1], code, true
	}
	if !codeShape.MatchString(s) {
		return "", "", false
	}
	top, _, _ = strings.Cut(s, ".")
	return top, s, topCode.MatchString(top)
}

// EDocCode is the code of an agency in the older shape of document exchange;
// "" for codes that have none.
func EDocCode(code string) string {
	if !topCode.MatchString(code) || code[0] == 'X' {
		return ""
	}
	return "000.00.00." + code
}

// LocalCode is our code for the committee of a district or commune.
func LocalCode(committee string, level Level, unit string) string {
	if level == District {
		return committee + ".D" + unit
	}
	return committee + ".C" + unit
}

// ParseLocalCode reads what LocalCode wrote: the province's committee and the
// code of the unit.
func ParseLocalCode(s string) (committee, unit string, ok bool) {
	m := localShape.FindStringSubmatch(strings.ToUpper(strings.TrimSpace(s)))
	if m == nil || (m[2] == "D") != (len(m[3]) == 3) {
		return "", "", false
	}
	return m[1], m[3], true
}

// PoliceCode is our code for the police of a commune.
func PoliceCode(committee, commune string) string { return committee + ".P" + commune }

// ParsePoliceCode reads what PoliceCode wrote: the province's committee and the commune.
func ParsePoliceCode(s string) (committee, commune string, ok bool) {
	m := policeShape.FindStringSubmatch(strings.ToUpper(strings.TrimSpace(s)))
	if m == nil {
		return "", "", false
	}
	return m[1], m[2], true
}

// mistaken are codes that the reference data had wrongly for communes until 2026, and
// the right ones. Accounts and rounds may still name a committee by them.
var mistaken = map[string]string{"06978": "06970"}

func validCode(level Level, code string) bool {
	if re, ok := territoryCode[level]; ok {
		return re.MatchString(code)
	}
	return len(code) <= maxCode && codeShape.MatchString(code) && strings.ContainsAny(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
}
