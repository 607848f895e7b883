package chart

import (
	"strings"
	"unicode"
)

// textWidth estimates how wide a text is at a size. Layout happens on the
// server, where the reader's font is not known; the estimate errs on the wide side.
func textWidth(s string, size float64, bold bool) float64 {
	var w float64
	for _, r := range s {
		switch {
		case strings.ContainsRune("iìíỉĩịljtfrI.,:;'|!()[]/ ", r):
			w += .34
		case strings.ContainsRune("mwMW%—", r):
			w += .88
		case unicode.IsUpper(r):
			w += .7
		default:
			w += .57
		}
	}
	if bold {
		w *= 1.06
	}
	return w * size
}

// wrap breaks a text at spaces into lines no wider than width; at most max
// lines (0: any number), the last one cut with an ellipsis.
func wrap(s string, size, width float64, max int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		next := strings.TrimSpace(line + " " + word)
		if line != "" && textWidth(next, size, false) > width {
			lines = append(lines, line)
			next = word
		}
		line = next
	}
	if line != "" {
		lines = append(lines, line)
	}
	if max > 0 && len(lines) > max {
		lines = lines[:max]
		lines[max-1] = cut(lines[max-1]+" …", size, width)
	}
	for i, l := range lines {
		lines[i] = cut(l, size, width)
	}
	return lines
}

// cut shortens a text to a width, with an ellipsis where something is missing.
func cut(s string, size, width float64) string {
	if textWidth(s, size, false) <= width {
		return s
	}
	r := []rune(strings.TrimSuffix(s, "…"))
	for len(r) > 1 && textWidth(string(r)+"…", size, false) > width {
		r = r[:len(r)-1]
	}
	return strings.TrimSpace(string(r)) + "…"
}

// label writes text lines down from a first baseline.
func label(lines []string, x, y, size float64, anchor Anchor, class string, bold bool) []Mark {
	var out []Mark
	for i, l := range lines {
		out = append(out, Mark{Shape: Text, Class: class, X: x, Y: y + float64(i)*size*1.25, Size: size, Anchor: anchor, Text: l, Bold: bold})
	}
	return out
}
