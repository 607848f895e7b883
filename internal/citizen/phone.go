package citizen

import (
	"regexp"
	"strings"

	"dean06/internal/platform/fault"
)

var (
	homePhone   = regexp.MustCompile(`^0(2\d{9}|[35789]\d{8})$`)
	mobilePhone = regexp.MustCompile(`^0[35789]\d{8}$`)
	abroadPhone = regexp.MustCompile(`^\+[1-9]\d{7,14}$`)
	oldMobile   = regexp.MustCompile(`^01[2689]\d{8}$`)
)

// ParsePhone reads a telephone number as people write it: a number of Vietnam as 0912345678,
// one of another country with its plus. It fails with Invalid: "citizen.phone.old" for a
// mobile number of eleven digits, as they were until 2018, "citizen.phone.bad" otherwise.
func ParsePhone(text string) (string, error) {
	text = strings.TrimSpace(strings.NewReplacer("(", "", ")", "", "/", "").Replace(text))
	number, plus := strings.CutPrefix(text, "+")
	only, ok := bareDigits(number)
	if cut, abroad := strings.CutPrefix(only, "00"); abroad && !plus {
		only, plus = cut, true
	}
	if home, is := strings.CutPrefix(only, "84"); is && (plus || len(only) >= 11) {
		only, plus = "0"+strings.TrimPrefix(home, "0"), false
	}
	switch {
	case ok && plus && abroadPhone.MatchString("+"+only):
		return "+" + only, nil
	case ok && !plus && homePhone.MatchString(only):
		return only, nil
	case ok && !plus && oldMobile.MatchString(only):
		return "", fault.New(fault.Invalid, "citizen.phone.old", nil)
	}
	return "", fault.New(fault.Invalid, "citizen.phone.bad", nil)
}

// IsMobile says that a number as ParsePhone gives it is a mobile one of Vietnam.
func IsMobile(phone string) bool { return mobilePhone.MatchString(phone) }

// bareDigits takes away what people write between digits; those of full width count.
func bareDigits(s string) (string, bool) {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r >= '０' && r <= '９':
			b.WriteRune(r - '０' + '0')
		case r == ' ' || r == '.' || r == '-':
		default:
			return "", false
		}
	}
	return b.String(), b.Len() > 0
}
