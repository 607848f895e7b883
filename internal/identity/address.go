package identity

import (
	"net/mail"
	"regexp"
	"strings"

	"dean06/internal/platform/fault"
)

var (
	homePhone   = regexp.MustCompile(`^0[35789]\d{8}$`)
	abroadPhone = regexp.MustCompile(`^\+[1-9]\d{7,14}$`)
	mailDomain  = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$`)
)

const longestMail = 254

// ReadAddress reads an e-mail address, or a mobile telephone number (0912345678, one of
// another country with its plus), as people type it. It fails with Invalid
// ("identity.address.wrong") at "address".
func ReadAddress(text, lang string) (Address, error) {
	bad := fault.New(fault.Invalid, "identity.address.wrong", nil).At("address")
	text = strings.TrimSpace(text)
	if local, domain, ok := strings.Cut(text, "@"); ok {
		text = local + "@" + strings.ToLower(domain)
		a, err := mail.ParseAddress(text)
		if err != nil || a.Name != "" || a.Address != text || len(text) > longestMail || !mailDomain.MatchString(strings.ToLower(domain)) {
			return Address{}, bad
		}
		return Address{Kind: FieldEmail, To: text, Lang: lang}, nil
	}
	number := strings.NewReplacer(" ", "", ".", "", "-", "", "(", "", ")", "").Replace(text)
	if home, ok := strings.CutPrefix(number, "+84"); ok {
		number = "0" + strings.TrimPrefix(home, "0")
	}
	if !homePhone.MatchString(number) && !abroadPhone.MatchString(number) {
		return Address{}, bad
	}
	return Address{Kind: FieldPhone, To: number, Lang: lang}, nil
}
