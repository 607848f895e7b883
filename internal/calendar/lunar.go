package calendar

import (
	"math"
	"time"

	"dean06/internal/platform/clock"
)

// The moon's calendar of Vietnam, for the years beyond the table: a month begins on the
// day of the new moon at UTC+7, the eleventh has the winter solstice, and a year of
// thirteen months has its leap month where no major solar term falls. New moons and the
// sun's place are by the short series of Meeus, Astronomical Algorithms, as Hồ Ngọc Đức
// uses them; a test holds them against the table.

const (
	zone      = 7.0 / 24
	synodic   = 29.530588853
	newMoon0  = 2415021 // day of the new moon that is counted from: January 1900
	unixEpoch = 2440588 // Julian day number of 1970-01-01
)

func julian(d clock.Date) int {
	return unixEpoch + int(time.Date(d.Year(), d.Month(), d.Day(), 0, 0, 0, 0, time.UTC).Unix()/86400)
}

func fromJulian(jd int) clock.Date {
	return clock.NewDate(1970, time.January, 1+jd-unixEpoch)
}

// newMoonDay is the day on which the k-th new moon since January 1900 falls.
func newMoonDay(k int) int {
	n := float64(k)
	t := n / 1236.85
	t2, t3 := t*t, t*t*t
	const r = math.Pi / 180
	jd := 2415020.75933 + 29.53058868*n + 0.0001178*t2 - 0.000000155*t3 + 0.00033*math.Sin((166.56+132.87*t-0.009173*t2)*r)
	m := (359.2242 + 29.10535608*n - 0.0000333*t2 - 0.00000347*t3) * r
	p := (306.0253 + 385.81691806*n + 0.0107306*t2 + 0.00001236*t3) * r
	f := (21.2964 + 390.67050646*n - 0.0016528*t2 - 0.00000239*t3) * r
	c := (0.1734-0.000393*t)*math.Sin(m) + 0.0021*math.Sin(2*m) - 0.4068*math.Sin(p) + 0.0161*math.Sin(2*p) - 0.0004*math.Sin(3*p) +
		0.0104*math.Sin(2*f) - 0.0051*math.Sin(m+p) - 0.0074*math.Sin(m-p) + 0.0004*math.Sin(2*f+m) - 0.0004*math.Sin(2*f-m) -
		0.0006*math.Sin(2*f+p) + 0.0010*math.Sin(2*f-p) + 0.0005*math.Sin(2*p+m)
	delta := -0.000278 + 0.000265*t + 0.000262*t2
	return int(math.Floor(jd + c - delta + 0.5 + zone))
}

// sunTerm is in which twelfth of its way the sun stands when a day begins: 0 from the
// spring equinox on, 9 from the winter solstice on.
func sunTerm(jd int) int {
	t := (float64(jd) - 2451545.5 - zone) / 36525
	t2 := t * t
	const r = math.Pi / 180
	m := (357.52910 + 35999.05030*t - 0.0001559*t2 - 0.00000048*t*t2) * r
	l := 280.46645 + 36000.76983*t + 0.0003032*t2 + (1.914600-0.004817*t-0.000014*t2)*math.Sin(m) +
		(0.019993-0.000101*t)*math.Sin(2*m) + 0.000290*math.Sin(3*m)
	return int(math.Floor(math.Mod(math.Mod(l, 360)+360, 360) / 30))
}

// eleventh is the number of the new moon with which the eleventh month of a year begins.
func eleventh(y int) int {
	k := int(float64(julian(clock.NewDate(y, time.December, 31))-newMoon0) / synodic)
	if sunTerm(newMoonDay(k)) >= 9 {
		k--
	}
	return k
}

// lunarDay is a day of one of the first nine months of the moon's year that begins in y.
func lunarDay(y, month, day int) clock.Date {
	k, next := eleventh(y-1), eleventh(y)
	at := k + 1 + month // the eleventh is k, the first of the year two later
	if next-k == 13 {
		leap := 1
		for sunTerm(newMoonDay(k+leap)) != sunTerm(newMoonDay(k+leap+1)) {
			leap++
		}
		if at >= k+leap {
			at++
		}
	}
	return fromJulian(newMoonDay(at) + day - 1)
}
