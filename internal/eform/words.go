package eform

import (
	"strings"

	"dean06/internal/citizen"
)

var digitWords = [...]string{"không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"}

// InWords reads a number from 0 to 9999 as Vietnamese do: 21 "hai mươi mốt", 24 "hai mươi
// tư", 15 "mười lăm", 2005 "hai nghìn không trăm linh năm".
func InWords(n int) string {
	var words []string
	rest := n
	if n >= 1000 {
		words = append(words, digitWords[n/1000%10], "nghìn")
		rest = n % 1000
	}
	if rest == 0 && n > 0 {
		return strings.Join(words, " ")
	}
	if rest >= 100 || n >= 1000 {
		words = append(words, digitWords[rest/100], "trăm")
		rest %= 100
		if rest == 0 {
			return strings.Join(words, " ")
		}
		if rest < 10 {
			return strings.Join(append(words, "linh", digitWords[rest]), " ")
		}
	}
	return strings.Join(append(words, belowHundred(rest)...), " ")
}

func belowHundred(n int) []string {
	tens, ones := n/10, n%10
	switch {
	case tens == 0:
		return []string{digitWords[ones]}
	case tens == 1 && ones == 5:
		return []string{"mười", "lăm"}
	case tens == 1 && ones == 0:
		return []string{"mười"}
	case tens == 1:
		return []string{"mười", digitWords[ones]}
	}
	words := []string{digitWords[tens], "mươi"}
	switch ones {
	case 0:
		return words
	case 1:
		return append(words, "mốt")
	case 4:
		return append(words, "tư")
	case 5:
		return append(words, "lăm")
	}
	return append(words, digitWords[ones])
}

// DayInWords reads a day as papers of civil status write it: "Ngày hai mươi tháng mười một
// năm hai nghìn không trăm hai mươi sáu"; the month alone, or the year, when no more of it
// is known; "" for no day.
func DayInWords(text string) string {
	d, err := citizen.ParseDay(text)
	if err != nil || d == 0 {
		return ""
	}
	year := "năm " + InWords(d.Year())
	month := "tháng " + InWords(d.Month())
	if d.Month() == 4 {
		month = "tháng tư"
	}
	switch {
	case d.Whole():
		return "Ngày " + InWords(d.DayOfMonth()) + " " + month + " " + year
	case d.Month() != 0:
		return "T" + month[1:] + " " + year
	}
	return "N" + year[1:]
}
