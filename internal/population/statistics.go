package population

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
)

// fresh is how old counts may be.
const fresh = 5 * time.Minute

// forget drops counts that are no longer right.
func (r *Register) forget() {
	r.counting.Lock()
	defer r.counting.Unlock()
	r.counted = Statistics{}
}

// Statistics are counts; they may be some minutes old. It fails with Denied.
func (r *Register) Statistics(ctx context.Context, a actor.Actor) (Statistics, error) {
	if err := Permissions.Can(a, Count); err != nil {
		return Statistics{}, err
	}
	r.counting.Lock()
	defer r.counting.Unlock()
	now := r.Clock.Now()
	if !r.counted.AsOf.IsZero() && now.Sub(r.counted.AsOf) < fresh {
		return r.counted, nil
	}
	c, err := r.Store.Counts(ctx, now)
	if err != nil {
		return Statistics{}, err
	}
	s := Statistics{
		AsOf: now, Living: c.Life[Alive] + c.Life[Missing], Dead: c.Life[Dead], Missing: c.Life[Missing],
		Households: c.Households, Events: c.Events, Lookups: c.Lookups,
	}
	s.Provinces, s.Provinces63 = r.byProvince(c.Communes)
	s.Ages = ages(c.Born, clock.DayOf(now).Year())
	slices.SortFunc(s.Events, func(a, b EventCount) int {
		return cmp.Or(strings.Compare(a.Month, b.Month), strings.Compare(string(a.Kind), string(b.Kind)))
	})
	slices.SortFunc(s.Lookups, func(a, b LookupCount) int { return strings.Compare(a.Day, b.Day) })
	r.counted = s
	return s, nil
}

// byProvince counts in today's geography and in that of the 63 provinces. A commune of
// today that was put together from two provinces counts in the likelier one.
func (r *Register) byProvince(communes map[string]int) (today, old []PlaceCount) {
	now, before := map[string]int{}, map[string]int{}
	for key, n := range communes {
		province, commune, _ := strings.Cut(key, "/")
		now[r.provinceOn(province, commune, r.Units.Successors, clock.Date{})] += n
		before[r.provinceOn(province, commune, r.Units.Old, LastOldDay)] += n
	}
	return counts(now), counts(before)
}

// provinceOn is the province of a commune on a day, whatever the day on which its code
// and that of its province were written.
func (r *Register) provinceOn(province, commune string, related func(string) []string, on clock.Date) string {
	same := r.Units.SameProvince(province)
	belongs := func(code string) (string, bool) {
		u, ok := r.Units.Commune(code, on)
		return u.Province, ok && slices.Contains(same, u.Province)
	}
	if p, ok := belongs(commune); ok {
		return p
	}
	for _, code := range related(commune) {
		if p, ok := belongs(code); ok {
			return p
		}
	}
	if u, ok := r.Units.Province(province, on); ok {
		return u.Code
	}
	for _, code := range same {
		if u, ok := r.Units.Province(code, on); ok && u.Current == on.IsZero() {
			return u.Code
		}
	}
	return province
}

func counts(m map[string]int) []PlaceCount {
	out := make([]PlaceCount, 0, len(m))
	for code, n := range m {
		out = append(out, PlaceCount{Code: code, Count: n})
	}
	slices.SortFunc(out, func(a, b PlaceCount) int { return strings.Compare(a.Code, b.Code) })
	return out
}

// oldest is where the last band of ages begins.
const oldest = 100

func ages(born map[BornCount]int, year int) []AgeCount {
	out := make([]AgeCount, oldest/5+1)
	for i := range out {
		out[i].From, out[i].To = i*5, i*5+4
	}
	out[oldest/5].To = 150
	for b, n := range born {
		band := &out[min(max(year-b.Year, 0), oldest)/5]
		switch b.Sex {
		case citizen.Male:
			band.Male += n
		case citizen.Female:
			band.Female += n
		}
	}
	return out
}
