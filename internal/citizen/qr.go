package citizen

import (
	"strings"
	"unicode/utf8"

	"dean06/internal/platform/fault"
)

// CardQR is what the QR code of an identity card says.
type CardQR struct {
	Number    Number
	OldNumber OldNumber // of the card before, if there was one
	Name      string
	Birth     Day
	Sex       Sex
	Address   string // permanent residence as printed
	Issued    Day
}

// MaxQR is the most bytes that ParseQR reads; real ones have some 200.
const MaxQR = 1024

// ParseQR reads the seven fields of a card's QR code:
//
//	number|old number or empty|name|ddMMyyyy|Nam or Nữ|address|ddMMyyyy of issue
//
// Newer cards may append fields, which are left. It fails with Invalid:
// "citizen.qr.fields" when it is no such code, "citizen.qr.field" at the field that
// cannot be read.
func ParseQR(s string) (CardQR, error) {
	s = strings.TrimRight(s, "\r\n")
	parts := strings.Split(s, "|")
	if len(s) > MaxQR || !utf8.ValidString(s) || len(parts) < 7 {
		return CardQR{}, fault.New(fault.Invalid, "citizen.qr.fields", fault.Args{"n": min(len(parts), 99)})
	}
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	var qr CardQR
	var err error
	if qr.Number, err = ParseNumber(parts[0]); err != nil {
		return CardQR{}, at("number", err)
	}
	if parts[1] != "" {
		if qr.OldNumber, err = ParseOldNumber(parts[1]); err != nil {
			return CardQR{}, at("old_number", err)
		}
	}
	if qr.Name = Spell(parts[2]); qr.Name == "" {
		return CardQR{}, fault.New(fault.Invalid, "citizen.qr.name", nil).At("name")
	}
	if qr.Birth, err = qrDay(parts[3]); err != nil {
		return CardQR{}, at("birth", err)
	}
	var ok bool
	if qr.Sex, ok = sexWords[strings.ToLower(Spell(parts[4]))]; !ok {
		return CardQR{}, fault.New(fault.Invalid, "citizen.qr.sex", nil).At("sex")
	}
	qr.Address = Spell(parts[5])
	if qr.Issued, err = qrDay(parts[6]); err != nil {
		return CardQR{}, at("issued", err)
	}
	return qr, nil
}

// qrDay reads ddMMyyyy, with 00 for a day or month that is unknown, and the year alone.
func qrDay(s string) (Day, error) {
	if len(s) != 8 && len(s) != 4 || strings.Trim(s, "0123456789") != "" {
		return 0, fault.New(fault.Invalid, "citizen.day.bad", nil)
	}
	if len(s) == 8 {
		s = s[:2] + "/" + s[2:4] + "/" + s[4:]
	}
	return ParseDay(s)
}

var sexWords = map[string]Sex{"nam": Male, "nữ": Female}

func at(field string, err error) error {
	if f := fault.As(err); f != nil {
		return f.At(field)
	}
	return err
}
