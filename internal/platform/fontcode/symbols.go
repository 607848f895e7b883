package fontcode

// What symbol fonts draw is written as the signs of Unicode that look like it.
const (
	ticked  = "☒" // a box with a tick or a cross in it
	empty   = "☐" // an empty box
	tick    = "✓"
	cross   = "✗"
	bullet  = "•"
	unknown = "▯" // a sign that is not in our tables: it keeps its place
)

// Meaning says what a sign is for a reader of forms.
type Meaning uint8

// The meanings of signs.
const (
	Unknown  Meaning = iota // not in our tables
	Ticks                   // a tick, a cross, a box with or without one: it may be an answer
	Ornament                // bullets, arrows, Greek letters
)

// Sign reads a character of a symbol font, also where Word keeps it in the private use
// area (U+F0xx). For another font it reads signs of that area alone, as Wingdings, from
// which nearly all of them come, but never as known.
func Sign(font string, r rune) (string, Meaning) {
	if r == ' ' || r == '\t' || r == '\n' || r == '\u00a0' {
		return string(r), Ornament
	}
	table := symbolFonts[fold(font)]
	private := r >= 0xF000 && r <= 0xF0FF
	if table == nil || r > 0xFF && !private {
		if r >= 0xE000 && r <= 0xF8FF {
			return unknown, Unknown
		}
		return string(r), Ornament // Unicode: the font does not have it
	}
	sign, ok := table[r&0xFF]
	switch {
	case !ok:
		return unknown, Unknown
	case sign == ticked || sign == empty || sign == tick || sign == cross:
		return sign, Ticks
	}
	return sign, Ornament
}

// IsPrivate says that a character has a meaning in some font only.
func IsPrivate(r rune) bool { return r >= 0xE000 && r <= 0xF8FF }

// symbolFonts hold the signs that forms are filled in with, by the font's own code
// (the tables that Microsoft and Adobe publish for their symbol fonts).
var symbolFonts = map[string]map[rune]string{
	"wingdings": {
		0xFB: cross, 0xFC: tick, 0xFD: ticked, 0xFE: ticked, 0x78: ticked, 0xA4: ticked,
		0x6F: empty, 0x70: empty, 0x71: empty, 0x72: empty, 0xA8: empty, 0xA1: empty, 0xA6: empty,
		0x6C: "●", 0x6E: "■", 0x73: "◆", 0x74: "◆", 0x75: "◆", 0x76: bullet, 0x77: bullet, 0x9E: bullet, 0x9F: bullet, 0xA7: bullet,
		0xD8: "➢", 0xE0: "→", 0xE8: "→", 0xF0: "→", 0xDF: "←", 0xE7: "←", 0xE1: "↑", 0xE2: "↓", 0x46: "→", 0x28: "☎", 0x2A: "✉", 0x3F: "✍",
		0xAB: "★", 0x4A: "☺", 0x4C: "☹",
	},
	"wingdings 2": {
		0x4F: cross, 0x50: tick, 0x51: ticked, 0x52: ticked, 0x53: ticked, 0x54: ticked, 0x55: ticked, 0x56: ticked, 0x99: ticked,
		0x2A: empty, 0xA3: empty, 0x30: empty, 0x9A: empty, 0x81: empty,
		0x95: bullet, 0x96: bullet, 0x97: bullet, 0x98: "●", 0xA0: bullet, 0xA1: "■", 0xA2: "■",
	},
	"wingdings 3": {
		0x63: "→", 0x22: "→", 0x66: "→", 0x21: "←", 0x23: "↑", 0x24: "↓", 0x7D: "➢", 0x75: "►", 0x84: "►", 0x70: "▲", 0x71: "▼", 0x76: "►",
	},
	"webdings": {
		0x61: tick, 0x72: cross, 0x63: empty, 0x67: "■", 0x6E: "●", 0x34: "►", 0x33: "◄",
	},
	"marlett": {0x61: tick, 0x62: tick, 0x72: cross, 0x69: "●", 0x68: "●"},
	"zapf dingbats": {
		0x33: tick, 0x34: tick, 0x35: cross, 0x36: cross, 0x37: cross, 0x38: cross, 0x6F: empty, 0x70: empty, 0x71: empty, 0x72: empty,
		0x6C: "●", 0x6E: "■", 0x76: "❖", 0xD5: "→", 0xE4: "➢",
	},
	"symbol": symbolLetters(),
}

func init() {
	for name, same := range map[string]string{
		"zapfdingbats": "zapf dingbats", "itc zapf dingbats": "zapf dingbats", "monotype sorts": "zapf dingbats",
		"wingdings2": "wingdings 2", "wingdings3": "wingdings 3", "symbolmt": "symbol", "symbol mt": "symbol",
	} {
		symbolFonts[name] = symbolFonts[same]
	}
}

// symbolLetters is Adobe's Symbol encoding: digits and punctuation as everywhere, Greek
// letters, and signs of which the root is drawn as a tick.
func symbolLetters() map[rune]string {
	m := map[rune]string{
		0xB7: bullet, 0xD6: tick, 0xB4: "×", 0xB8: "÷", 0xB1: "±", 0xA3: "≤", 0xB3: "≥", 0xB9: "≠", 0xBB: "≈", 0xA5: "∞",
		0xAE: "→", 0xAC: "←", 0xAD: "↑", 0xAF: "↓", 0xDE: "⇒", 0xDB: "⇔", 0xA8: "◆", 0xC4: ticked, 0xC5: "⊕", 0xB0: "°", 0xBE: "—",
		0xA0: "€", 0x80: "€", 0xF0: "", 0x2D: "-", 0x27: "∋", 0x22: "∀", 0x24: "∃", 0x40: "≅", 0x5C: "∴", 0x5E: "⊥", 0x60: "‾", 0x7E: "∼",
	}
	for r := rune(0x20); r < 0x40; r++ {
		if _, own := m[r]; !own {
			m[r] = string(r)
		}
	}
	for i, r := range []rune("ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ") {
		m[rune('A'+i)] = string(r)
	}
	for i, r := range []rune("αβχδεφγηιϕκλμνοπθρστυϖωξψζ") {
		m[rune('a'+i)] = string(r)
	}
	for _, r := range "[]_{|}" {
		m[r] = string(r)
	}
	return m
}
