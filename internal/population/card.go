package population

import (
	"context"
	"slices"
	"strings"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
)

// CardCheck is what the QR code of a card says beside what the register has.
type CardCheck struct {
	Said   citizen.CardQR // what could be read of it
	Whole  bool           // all of it could
	Fields []CardField    // with somebody found: in the order of the card
}

// CardField is one thing that a card says.
type CardField struct {
	Field   Field
	Verdict CardVerdict
}

// CardVerdict says whether a card and the register agree.
type CardVerdict string

// The verdicts.
const (
	CardFits    CardVerdict = "fits"
	CardDiffers CardVerdict = "differs"
	CardUnclear CardVerdict = "unclear" // it was not read, or cannot be compared
)

// cardParts is how many parts a card's code has, newer ones more.
const cardParts = 7

// isCard says that a text is the code of a card, or a piece of one: parts between bars.
func isCard(text string) bool { return strings.Count(text, "|") >= 2 }

// searchCard finds the person whose card's code a text is, by the number, or by the old
// number when nobody has that one, and compares what the card says. A code that is cut or
// damaged finds by the number as long as that is whole, and what of it could not be read
// is said. It fails with Invalid when no number can be read.
func (r *Register) searchCard(ctx context.Context, in Inquiry, text string) (Found, error) {
	check, lost := readCard(text)
	qr := check.Said
	if qr.Number.IsZero() && qr.OldNumber.IsZero() {
		return Found{}, fault.New(fault.Invalid, "population.search.card", nil).At("text")
	}
	found := Found{
		Understood: Understood{Number: qr.Number, OldNumber: qr.OldNumber, Name: qr.Name, Birth: qr.Birth, Sex: qr.Sex, Place: qr.Address},
		Card:       &check, NotUnderstood: lost,
	}
	fields := append(slices.Clone(SearchFields), FieldOldNumber)
	var people []Person
	var err error
	if !qr.Number.IsZero() {
		people, err = r.Store.Persons(ctx, []citizen.Number{qr.Number}, fields)
	}
	if err == nil && len(people) == 0 && !qr.OldNumber.IsZero() {
		var who map[citizen.OldNumber][]citizen.Number
		if who, err = r.Store.ByOldNumber(ctx, []citizen.OldNumber{qr.OldNumber}); err == nil && len(who[qr.OldNumber]) > 0 {
			people, err = r.Store.Persons(ctx, who[qr.OldNumber], fields)
		}
	}
	if err != nil {
		return Found{}, err
	}
	slices.SortFunc(people, func(a, b Person) int { return byNumber(a.Number, b.Number) })
	people = people[:min(len(people), maxFound)]
	numbers := make([]citizen.Number, len(people))
	for i, p := range people {
		numbers[i] = p.Number
		found.People = append(found.People, hitOf(&p, false))
	}
	outcome := NotFound
	if len(people) > 0 {
		outcome = Answered
	}
	if len(people) == 1 {
		check.Fields = r.compareCard(&check, &people[0])
	}
	return found, r.log(ctx, in, append(shownFields(), FieldOldNumber), len(people), outcome, numbers)
}

// readCard reads as much of a code as can be read. Of one with too few parts the last is
// taken to be cut.
func readCard(text string) (CardCheck, []string) {
	text = strings.TrimSpace(text)
	if qr, err := citizen.ParseQR(text); err == nil && !broken(qr.Name) && !broken(qr.Address) {
		return CardCheck{Said: qr, Whole: true}, nil
	}
	parts := strings.Split(text, "|")
	var c CardCheck
	var lost []string
	lose := func(part string) {
		if part = citizen.Spell(part); part != "" {
			lost = append(lost, part)
		}
	}
	for i, part := range parts[:min(len(parts), cardParts)] {
		part = strings.TrimSpace(part)
		cut := i == len(parts)-1 && len(parts) < cardParts
		var one citizen.CardQR
		var err error
		switch { // each part by itself, in a code whose other parts are sound
		case part == "":
			continue
		case i == 0:
			one.Number, err = citizen.ParseNumber(part)
			c.Said.Number = one.Number
		case i == 1:
			one.OldNumber, err = citizen.ParseOldNumber(part)
			c.Said.OldNumber = one.OldNumber
		case cut || broken(part):
			lose(part)
			continue
		case i == 2:
			c.Said.Name = citizen.Spell(part)
		case i == 5:
			c.Said.Address = citizen.Spell(part)
		default:
			sound := []string{"001090000001", "", "A", "01011990", "Nam", "", "01012021"}
			sound[i] = part
			one, err = citizen.ParseQR(strings.Join(sound, "|"))
			switch {
			case err != nil:
			case i == 3:
				c.Said.Birth = one.Birth
			case i == 4:
				c.Said.Sex = one.Sex
			default:
				c.Said.Issued = one.Issued
			}
		}
		if err != nil {
			lose(part)
		}
	}
	return c, lost
}

// broken says that a reader lost letters of a text on the way.
func broken(text string) bool { return strings.ContainsAny(text, "?\ufffd") }

// compareCard holds what a card says against the register.
func (r *Register) compareCard(c *CardCheck, p *Person) []CardField {
	qr := c.Said
	verdict := func(said, fits bool) CardVerdict {
		switch {
		case !said:
			return CardUnclear
		case fits:
			return CardFits
		}
		return CardDiffers
	}
	out := []CardField{{FieldNumber, verdict(!qr.Number.IsZero(), qr.Number == p.Number)}}
	if !qr.OldNumber.IsZero() {
		out = append(out, CardField{FieldOldNumber, verdict(true, slices.Contains(p.OldNumbers, qr.OldNumber))})
	}
	return append(
		out,
		CardField{FieldName, verdict(qr.Name != "", citizen.SameName(qr.Name, p.Name))},
		CardField{FieldBirth, verdict(qr.Birth != 0, qr.Birth.Fits(p.Birth))},
		CardField{FieldSex, verdict(qr.Sex != citizen.SexUnknown, qr.Sex == p.Sex)},
		CardField{FieldPermanent, r.places.of(r.Units).holdsAddress(qr.Address, p.Permanent)},
	)
}

// holdsAddress compares an address as a card prints it, "Số 1 phố Thử, Phúc Xá, Ba Đình, Hà
// Nội", with a place: the ground has to be the same, whatever it was called then.
func (x *places) holdsAddress(address string, p Place) CardVerdict {
	if address == "" || p.Province == "" {
		return CardUnclear
	}
	t := takeApart(address, 0)
	var list [][]UnitName
	parts := strings.Split(t.text, ",")
	for i := len(parts) - 1; i >= 0 && len(list) < 3; i-- { // from the province inwards
		var words []piece
		for _, w := range strings.Fields(parts[i]) {
			words = append(words, piece{text: w, fold: foldWord(w)})
		}
		kind, n := kindAt(words)
		units := x.named(words[n:], kind)
		if len(units) == 0 {
			units = x.named(words, kindOfPlace{})
		}
		if len(units) == 0 {
			break
		}
		if len(list) > 0 {
			if units = x.within(units, list[len(list)-1]); len(units) == 0 {
				break
			}
		}
		list = append(list, units)
	}
	if len(list) == 0 {
		return CardUnclear
	}
	narrowest := list[len(list)-1]
	ground := x.ground(narrowest)
	switch {
	case !ground.Has(p):
		return CardDiffers
	case slices.ContainsFunc(narrowest, func(u UnitName) bool { return u.Level == CommuneLevel }):
		return CardFits
	}
	return CardUnclear // in the province, and the commune is not known
}
