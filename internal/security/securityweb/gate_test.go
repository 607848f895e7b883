package securityweb_test

import (
	"strconv"
	"strings"
	"testing"

	"dean06/internal/platform/clock"
	"dean06/internal/security"
)

// Pages say of a subsystem what the gate says: a system that names one which is open by another's
// dossier is not closed, one of whose codes one is closed is not open, and each says why.
func TestPagesSayWhatTheGateSays(t *testing.T) {
	t.Parallel()
	s := open(t)
	at := "/security/H55/s1/dossiers/" + s.begun()
	s.done("officer", at, "version", "1", "do", "submit", "level", "3", "overview", "a", "design", "b", "justification", "c", "plan", "d")
	s.done("unit", at+"/decide", "version", strconv.FormatInt(s.view().Open.Version, 10), "do", "appraise", "note", "Đạt")
	must(t, s.Approve(t.Context(), people["head"], s.view().Open.ID, s.view().Open.Version, security.Decision{
		Paper: security.Paper{Number: "9/QĐ-UBND", Day: clock.DayOf(s.clock.Now())}, File: security.File{Name: "qd.pdf", SHA256: "aa"},
	}))
	must(t, s.EnterCheck(t.Context(), people["unit"], security.Check{Agency: "H55", System: "s1", Day: clock.MustDate("2026-11-29"), Report: "BB 1"}, nil))
	s.done("officer", "/security/H55", "name", "Khám chữa bệnh")
	// The list of row 5 says, on paper too, that it does not have the new one yet.
	if word := wordText(t, s.get("officer", "/security/H55/unmet.docx").raw); !strings.Contains(word, "1 hệ thống chưa trả lời câu hỏi về cấp độ") {
		t.Error("the Word file does not say which systems it leaves out")
	}
	tell := func(version, subsystems string) {
		t.Helper()
		s.done("officer", "/security/H55/a1/facts", "version", version, "service", "3", "procedures", "1", "people", "10", "sensitive", "", "shared", "1",
			"always", "0", "secret", "0", "harm", "0", "subsystems", subsystems)
	}
	tell("1", "VN/GOV/H55/YTE")
	s.get("officer", "/security/H55").has(t, "Cả 2 hệ thống có kết nối đang mở")
	s.get("inspector", "/security").has(t, "0 trong 2 hệ thống", "Mở theo hồ sơ của “Hệ thống y tế”")
	s.get("officer", "/security/H55/a1").has(t, "Mở theo hồ sơ của “Hệ thống y tế”", "Hệ thống này còn thiếu", "VN/GOV/H55/YTE – đang mở")
	tell("2", "VN/GOV/H55/YTE\nVN/GOV/H55/KHAM")
	s.get("officer", "/security/H55").has(t, "1 trong 2 hệ thống có kết nối đang bị đóng")
	s.get("inspector", "/security").has(t, "1 trong 2 hệ thống")
	s.get("officer", "/security/H55/a1").has(t, "1 trong 2 mã đang bị đóng. VN/GOV/H55/KHAM: hồ sơ",
		"Cần làm để kết nối mở", "VN/GOV/H55/KHAM – đang đóng")
}
