package xroad

import "regexp"

// procedureCode is a procedure of the national list, 1.001193, or a case of one,
// 1.001193.01.
var procedureCode = regexp.MustCompile(`^[0-9]\.[0-9]{6}(\.[0-9A-Za-z]+)*$`)

// PurposeCovers says whether what was granted for one purpose holds for a call that
// names another: the same word does, and a procedure covers its cases (1.001193 covers
// 1.001193.01), as the portal files dossiers under the case. A case covers neither its
// procedure nor another case, and no other word covers anything but itself. Licences of
// older systems, rights of the exchange and the register's desk all ask this.
func PurposeCovers(granted, asked string) bool {
	if granted == asked {
		return true
	}
	n := len(granted)
	return len(asked) > n && asked[n] == '.' && asked[:n] == granted && procedureCode.MatchString(granted) && procedureCode.MatchString(asked)
}

// PurposeAmong gives the purpose of a list that covers the one asked for, the longest
// when several do; ok is false when none does.
func PurposeAmong(granted []string, asked string) (by string, ok bool) {
	for _, g := range granted {
		if PurposeCovers(g, asked) && (!ok || len(g) > len(by)) {
			by, ok = g, true
		}
	}
	return by, ok
}
