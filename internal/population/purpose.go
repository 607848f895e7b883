package population

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"dean06/internal/platform/fault"
	"dean06/internal/xroad"
)

// DeskPurposes are the words of the register's own desk for why somebody is looked up.
var DeskPurposes = []string{"residence", "civil_status", "card", "citizen_asks", "correction", "authority_asks"}

// DeskProcedures are the administrative procedures for which the register's own desk may
// look people up: residence, civil status, identity cards. Codes of the national list
// (Cơ sở dữ liệu quốc gia về thủ tục hành chính).
var DeskProcedures = []string{
	"1.004222", "1.003197", "1.004194", "1.010028", "1.002755", "1.010040",
	"1.001193", "1.004884", "1.004772", "1.000689", "1.001022", "1.000894", "1.004746", "1.004873", "1.000656", "1.005461", "1.004837", "1.004845",
	"1.001247", "1.012543", "1.012549", "1.000889", "1.000757", "1.010098", "1.012566",
}

// What is chosen at the desk beside its own words.
const (
	PurposeProcedure = "procedure" // one of DeskProcedures, or a case of one
	PurposeOther     = "other"     // in the officer's own words
)

// How much an officer may write.
const (
	MinReason  = 10 // characters
	MaxReason  = 200
	MaxDossier = 60
)

// Matter is what is being worked on at the desk, as it is chosen there: why, and for
// which dossier. Each look-up is logged with it.
type Matter struct {
	Purpose   string // of DeskPurposes, PurposeProcedure or PurposeOther
	Procedure string // with PurposeProcedure
	Reason    string // with PurposeOther
	Dossier   string // "" is none
}

// Logged is the purpose as the log keeps it: a word of the desk, the procedure's code, or
// "other: " and the reason.
func (m Matter) Logged() string {
	switch m.Purpose {
	case PurposeProcedure:
		return m.Procedure
	case PurposeOther:
		return reasonBefore + m.Reason
	}
	return m.Purpose
}

const reasonBefore = PurposeOther + ": "

// PurposeUnstated is what the log keeps of a look-up at the command line for which no
// purpose was given.
const PurposeUnstated = "unstated"

// PurposeInWords is a purpose that was given as a text, as the log keeps it: a word of the
// desk or a procedure of its list as it is, else as somebody's own words.
func PurposeInWords(text string) string {
	if slices.Contains(DeskPurposes, text) || slices.Contains(DeskProcedures, text) {
		return text
	}
	return reasonBefore + text
}

// ReasonOf gives the officer's own words out of a purpose of the log; false when it is
// another.
func ReasonOf(purpose string) (string, bool) { return strings.CutPrefix(purpose, reasonBefore) }

// Check says what is wrong with a matter. It fails with a fault.List, each fault at its
// field of the form: purpose, procedure, reason, dossier.
func (m Matter) Check() error {
	var l fault.List
	add := func(field, key string, args fault.Args) { l = append(l, fault.New(fault.Invalid, key, args).At(field)) }
	switch n := utf8.RuneCountInString(m.Reason); {
	case m.Purpose == PurposeProcedure && !deskProcedure(m.Procedure):
		add("procedure", "population.matter.procedure", nil)
	case m.Purpose == PurposeOther && (n < MinReason || n > MaxReason || letters(m.Reason) < MinReason/2):
		add("reason", "population.matter.reason", fault.Args{"min": MinReason, "max": MaxReason})
	case m.Purpose == PurposeOther && !plain(m.Reason):
		add("reason", "population.matter.signs", nil)
	case m.Purpose != PurposeProcedure && m.Purpose != PurposeOther && !slices.Contains(DeskPurposes, m.Purpose):
		add("purpose", "population.matter.purpose", nil)
	}
	switch {
	case m.Dossier == "":
	case utf8.RuneCountInString(m.Dossier) > MaxDossier || letters(m.Dossier) == 0:
		add("dossier", "population.matter.dossier", fault.Args{"max": MaxDossier})
	case !plain(m.Dossier):
		add("dossier", "population.matter.signs", nil)
	}
	return l.Err()
}

// deskProcedure says that the desk may look people up for a procedure, or a case of one.
func deskProcedure(code string) bool {
	_, covered := xroad.PurposeAmong(DeskProcedures, code)
	return covered
}

// plain says that a line holds only what one sees: no control characters, and none that
// are invisible or turn the writing around.
func plain(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return r != ' ' && !unicode.IsGraphic(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r) ||
			unicode.IsSpace(r) && r != ' ' || r == utf8.RuneError
	})
}

// letters counts what can be read out.
func letters(s string) int {
	n := 0
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			n++
		}
	}
	return n
}
