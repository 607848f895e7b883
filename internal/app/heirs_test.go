package app

import (
	"context"
	"slices"
	"testing"

	"dean06/data"
	"dean06/internal/org"
	"dean06/internal/platform/clock"
	"dean06/internal/programme"
)

// directed is the agencies of the reference data, as far as heirs ask.
type directed struct {
	programme.Country
	dir *org.Directory
}

func (d directed) Directory() *org.Directory { return d.dir }

// Who answers for whose systems follows the register of agencies and the day: Thái Nguyên for
// Bắc Kạn's since they are one, and nobody for anybody else's.
func TestWhoActsForAnAgencyThatIsGone(t *testing.T) {
	t.Parallel()
	h, err := org.ReadHistory(data.FS)
	must(t, err)
	day := clock.MustDate("2026-12-01")
	whose := &heirs{
		country: func() programme.Country { return directed{dir: org.NewDirectory(*h)} },
		lineage: func(context.Context) programme.Lineage { return nil },
		today:   func() clock.Date { return day },
	}
	for _, c := range []struct {
		day  string
		code string
		want []string
	}{
		{"2026-12-01", "H55", []string{"H55", "H03"}},
		{"2026-12-01", "H03", []string{"H03"}},
		{"2025-06-30", "H55", []string{"H55"}},
		{"2025-07-01", "H55", []string{"H55", "H03"}},
		{"2026-12-01", "X99", []string{"X99"}},
	} {
		day = clock.MustDate(c.day)
		if got := whose.of(c.code); !slices.Equal(got, c.want) {
			t.Errorf("%s on %s answers for %v, want %v", c.code, c.day, got, c.want)
		}
	}
}
