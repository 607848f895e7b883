package identity

import (
	"strings"

	"dean06/internal/platform/mail/mailaddress"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
)

// ReadAddress reads an e-mail address, or a mobile telephone number (0912345678, one of
// another country with its plus), as people type it. It fails with Invalid
// ("identity.address.wrong") at "address".
func ReadAddress(text, lang string) (Address, error) {
	if strings.Contains(text, "@") {
		if to, err := mailaddress.Parse(text); err == nil {
			return Address{Kind: FieldEmail, To: to, Lang: lang}, nil
		}
	} else if to, err := citizen.ParsePhone(text); err == nil && (citizen.IsMobile(to) || strings.HasPrefix(to, "+")) {
		return Address{Kind: FieldPhone, To: to, Lang: lang}, nil
	}
	return Address{}, fault.New(fault.Invalid, "identity.address.wrong", nil).At("address")
}
