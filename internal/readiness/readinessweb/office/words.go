package office

import (
	"math"
	"strconv"
	"time"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/readiness"
)

func str(n int) string { return strconv.Itoa(n) }

func percent(x float64) int { return int(math.Round(100 * x)) }

func withErrors(f ui.Field, errs fault.List) ui.Field {
	f.Errors = errs
	return f
}

// place says where on the paper something stood.
func place(pr *i18n.Printer, w readiness.Place) string {
	switch {
	case w.Column != "" && w.Line == 0 && w.Table == 0:
		return pr.T("readinessweb.appendix.where.cell", map[string]any{"cell": w.Column})
	case w.Table > 0:
		return pr.T("readinessweb.appendix.where.table", map[string]any{"table": w.Table, "line": w.Line})
	case w.Line > 0:
		return pr.T("readinessweb.appendix.where.line", map[string]any{"line": w.Line})
	}
	return ""
}

// barNote says what a decision is about and what stands in its way.
func (v reviewView) barNote(pr *i18n.Printer) string {
	switch {
	case v.Shown.Number == 0:
		return ""
	case v.Open() && len(v.Blocks) > 0:
		return pr.T("office.review.bar.open", map[string]any{"n": len(v.Blocks)}) + " " + v.Place
	case v.Open():
		return pr.T("office.review.bar.ready") + " " + v.Place
	}
	return pr.T("readiness.state." + string(v.State))
}

func unlessZero(p *i18n.Printer, n int) string {
	if n == 0 {
		return ""
	}
	return p.Int(int64(n))
}

// timeText is a moment, or nothing for none.
func timeText(p *i18n.Printer, at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return p.Time(at)
}

// dayText is a day, or nothing for none.
func dayText(p *i18n.Printer, day clock.Date) string {
	if day.IsZero() {
		return ""
	}
	return p.Date(day)
}
