package population

import (
	"slices"
	"strconv"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
)

// qrColumn is a column that a file may have beside those of the table: what the QR code
// of somebody's identity card says, as a scanner types it. What the other cells leave out
// is taken from it, and they may not contradict it.
const qrColumn = "qr"

// cardOfLaw is the first day on which cards were called căn cước (Luật Căn cước 2023, Điều 46);
// those with a QR code before it are căn cước công dân.
const cardOfLaw = citizen.Day(2024_07_01)

// readQR reads the code of a row and fills the cells that are empty from it.
func (r *rowReader) readQR(text string) (card citizen.CardQR, bad *BadRow) {
	if text == "" {
		return card, nil
	}
	card, err := citizen.ParseQR(text)
	if err != nil {
		f := fault.As(err)
		if f == nil {
			f = fault.New(fault.Invalid, "population.load.value", nil)
		}
		return card, &BadRow{Column: qrColumn, Key: f.Key, Args: f.Args}
	}
	kind := "CCCD"
	if card.Issued >= cardOfLaw {
		kind = "CC"
	}
	for column, said := range map[string]string{
		"number": card.Number.Reveal(), "old_numbers": card.OldNumber.Reveal(), "name": card.Name, "birth": card.Birth.String(),
		"sex": strconv.Itoa(int(card.Sex)), "permanent_detail": card.Address, "cards": list([]Card{{Kind: kind, Issued: card.Issued}}),
	} {
		if i := slices.Index(r.fields.columns, column); i >= 0 && citizen.Spell(r.cells[i]) == "" {
			r.cells[i] = said
		}
	}
	return card, nil
}

// columnOf is the name of a column in a message, which is about nobody.
type columnOf string

// againstQR says where a row contradicts the code of the card in it.
func againstQR(card *citizen.CardQR, p *Person) *BadRow {
	var differs columnOf
	switch {
	case p.Number != card.Number:
		differs = "number"
	case !citizen.SameName(card.Name, p.Name) && !citizen.SameName(p.Name, card.Name): // either may be without accents
		differs = "name"
	case !p.Birth.Fits(card.Birth):
		differs = "birth"
	case p.Sex != citizen.SexUnknown && p.Sex != card.Sex:
		differs = "sex"
	case !card.OldNumber.IsZero() && !slices.Contains(p.OldNumbers, card.OldNumber):
		differs = "old_numbers"
	case !slices.ContainsFunc(p.Cards, func(c Card) bool { return c.Issued == card.Issued }):
		differs = "cards"
	default:
		return nil
	}
	return &BadRow{Column: qrColumn, Key: "population.load.qr_differs", Args: fault.Args{"column": differs}}
}
