package eform

import "testing"

func TestInWords(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{
		0: "không", 1: "một", 4: "bốn", 5: "năm", 10: "mười", 11: "mười một", 14: "mười bốn", 15: "mười lăm", 20: "hai mươi", 21: "hai mươi mốt",
		24: "hai mươi tư", 25: "hai mươi lăm", 30: "ba mươi", 31: "ba mươi mốt", 55: "năm mươi lăm", 100: "một trăm", 101: "một trăm linh một",
		110: "một trăm mười", 1000: "một nghìn", 1001: "một nghìn không trăm linh một", 1900: "một nghìn chín trăm", 1994: "một nghìn chín trăm chín mươi tư",
		2000: "hai nghìn", 2005: "hai nghìn không trăm linh năm", 2010: "hai nghìn không trăm mười", 2015: "hai nghìn không trăm mười lăm",
		2021: "hai nghìn không trăm hai mươi mốt", 2026: "hai nghìn không trăm hai mươi sáu", 2100: "hai nghìn một trăm",
	} {
		if got := InWords(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestDayInWords(t *testing.T) {
	t.Parallel()
	for day, want := range map[string]string{
		"2026-11-20": "Ngày hai mươi tháng mười một năm hai nghìn không trăm hai mươi sáu",
		"2024-04-04": "Ngày bốn tháng tư năm hai nghìn không trăm hai mươi tư",
		"1955-05":    "Tháng năm năm một nghìn chín trăm năm mươi lăm",
		"1961":       "Năm một nghìn chín trăm sáu mươi mốt",
		"":           "", "31/02/2026": "",
	} {
		if got := DayInWords(day); got != want {
			t.Errorf("%s: %q, want %q", day, got, want)
		}
	}
}
