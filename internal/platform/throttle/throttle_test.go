package throttle_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/throttle"
)

// book keeps counts as the stores do.
type book map[string]*window

type window struct {
	n           int
	until, last time.Time
}

func (b book) Count(_ context.Context, key string, at time.Time, within time.Duration) (int, error) {
	w := b[key]
	if w == nil || !at.Before(w.until) {
		w = &window{until: at.Add(within)}
		b[key] = w
	}
	w.n, w.last = w.n+1, at
	return w.n, nil
}

func (b book) Failures(_ context.Context, key string, since time.Time) (int, time.Time, error) {
	if w := b[key]; w != nil && !w.last.Before(since) {
		return w.n, w.last, nil
	}
	return 0, time.Time{}, nil
}

func (b book) Forgive(_ context.Context, key string) error {
	delete(b, key)
	return nil
}

var (
	rules = throttle.Rules{Key: []byte("a key of the test")}
	noon  = time.Date(2026, 11, 24, 5, 0, 0, 0, time.UTC)
)

// scene is tries at secrets, one after the other.
type scene struct {
	t   testing.TB
	b   book
	now time.Time
}

func (s *scene) ask(t throttle.Try) throttle.Verdict {
	s.t.Helper()
	v, err := rules.Ask(s.t.Context(), s.b, t, s.now)
	if err != nil {
		s.t.Fatal(err)
	}
	return v
}

// guess tries wrongly n times, as soon as it may.
func (s *scene) guess(t throttle.Try, n int) {
	s.t.Helper()
	for range n {
		if v := s.ask(t); v.Wait > 0 {
			s.now = s.now.Add(v.Wait)
		}
		if _, _, err := rules.Failed(s.t.Context(), s.b, t, s.now); err != nil {
			s.t.Fatal(err)
		}
	}
}

func TestThrottle(t *testing.T) {
	t.Parallel()
	const (
		victim = "victim"
		phone  = "the victim's phone"
	)
	from := func(address, account string) throttle.Try {
		return throttle.Try{What: "password", Account: account, Address: address}
	}
	known := throttle.Try{What: "password", Account: victim, Address: "203.0.113.9", Device: phone}
	for _, tt := range []struct {
		name   string
		before func(s *scene)
		try    throttle.Try
		wait   time.Duration // at least
		second bool
	}{
		{name: "a first try", before: func(*scene) {}, try: from("203.0.113.9", victim)},
		{name: "four typing errors", before: func(s *scene) { s.guess(from("203.0.113.9", victim), 4) }, try: from("203.0.113.9", victim)},
		{
			name: "the fifth costs a wait", before: func(s *scene) { s.guess(from("203.0.113.9", victim), 5) },
			try: from("203.0.113.9", victim), wait: 15 * time.Second,
		},
		{
			name: "which grows", before: func(s *scene) { s.guess(from("203.0.113.9", victim), 8) },
			try: from("203.0.113.9", victim), wait: 2 * time.Minute,
		},
		{
			name: "not for ever", before: func(s *scene) { s.guess(from("203.0.113.9", victim), 40); s.now = s.now.Add(15 * time.Minute) },
			try: from("203.0.113.9", victim), second: true,
		},
		{
			name: "another account from there", before: func(s *scene) { s.guess(from("203.0.113.9", victim), 9) },
			try: from("203.0.113.9", "somebody else"),
		},
		{
			name: "the victim elsewhere", before: func(s *scene) { s.guess(from("203.0.113.9", victim), 9) },
			try: from("198.51.100.7", victim),
		},
		{
			name: "the victim elsewhere, after many guesses: with a second factor, at once",
			before: func(s *scene) {
				for i := range 50 {
					s.guess(from(fmt.Sprintf("203.0.113.%d", i), victim), 5)
				}
			},
			try: from("198.51.100.7", victim), second: true,
		},
		{
			name:   "the victim's device, whatever others do, even at the same address",
			before: func(s *scene) { s.guess(from("203.0.113.9", victim), 300) },
			try:    known,
		},
		{
			name:   "a stolen device does not guess for ever",
			before: func(s *scene) { s.guess(known, 12) },
			try:    known, wait: time.Minute,
		},
		{
			name: "thirty typing errors of an office",
			before: func(s *scene) {
				for i := range 30 {
					s.guess(from("203.0.113.9", fmt.Sprint("colleague ", i)), 1)
				}
			},
			try: from("203.0.113.9", "colleague 31"),
		},
		{
			name: "one password at two hundred accounts",
			before: func(s *scene) {
				for i := range 200 {
					s.guess(from("203.0.113.9", fmt.Sprint("account ", i)), 1)
				}
			},
			try: from("203.0.113.9", victim), second: true,
		},
		{
			name: "an hour after that", try: from("203.0.113.9", victim),
			before: func(s *scene) {
				for i := range 200 {
					s.guess(from("203.0.113.9", fmt.Sprint("account ", i)), 1)
				}
				s.now = s.now.Add(time.Hour + time.Second)
			},
		},
		{
			name: "IPv6: the neighbour in the /64 is the same machine",
			before: func(s *scene) {
				for i := range 5 {
					s.guess(from(fmt.Sprintf("2001:db8:1:2::%x", i+1), victim), 1)
				}
			},
			try: from("2001:db8:1:2:ffff::9", victim), wait: 15 * time.Second,
		},
		{
			name: "IPv6: another /64 is not", before: func(s *scene) { s.guess(from("2001:db8:1:2::1", victim), 5) },
			try: from("2001:db8:1:3::1", victim),
		},
		{
			name: "IPv4 written as IPv6 is the same", before: func(s *scene) { s.guess(from("203.0.113.9", victim), 5) },
			try: from("::ffff:203.0.113.9", victim), wait: 15 * time.Second,
		},
		{
			name: "another secret is counted apart", before: func(s *scene) { s.guess(from("203.0.113.9", victim), 30) },
			try: throttle.Try{What: "code", Account: victim, Address: "203.0.113.9"},
		},
		{
			name: "a day later", before: func(s *scene) { s.guess(from("203.0.113.9", victim), 12); s.now = s.now.Add(25 * time.Hour) },
			try: from("203.0.113.9", victim),
		},
		{
			name: "who got in begins anew",
			before: func(s *scene) {
				s.guess(from("203.0.113.9", victim), 6)
				if err := rules.Passed(s.t.Context(), s.b, from("203.0.113.9", victim)); err != nil {
					s.t.Fatal(err)
				}
			},
			try: from("203.0.113.9", victim),
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := &scene{t, book{}, noon}
			tt.before(s)
			v := s.ask(tt.try)
			if v.Wait < tt.wait || tt.wait == 0 && v.Wait > 0 || v.Second != tt.second {
				t.Errorf("got a wait of %s, second factor %v; want %s, %v", v.Wait, v.Second, tt.wait, tt.second)
			}
			if (fault.Of(v.Err()) == fault.TooMany) != (tt.wait > 0) {
				t.Errorf("the fault is %v", v.Err())
			}
		})
	}
}

// TestNobodyIsKeptOut: whatever strangers do, wherever, a device that is known to the account
// never waits, and the account is open to its holder from an address of their own, with a
// second factor at most; nobody waits longer than a quarter of an hour; and who guesses from
// one address gets no more tries a day than the waits allow.
func TestNobodyIsKeptOut(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		b, now := book{}, noon
		tries := map[string]int{}
		for range rapid.IntRange(1, 300).Draw(rt, "tries") {
			try := throttle.Try{
				What: "password", Account: rapid.SampledFrom([]string{"victim", "other"}).Draw(rt, "account"),
				Address: fmt.Sprintf("203.0.113.%d", rapid.IntRange(1, 4).Draw(rt, "address")),
			}
			now = now.Add(time.Duration(rapid.IntRange(0, 600).Draw(rt, "seconds")) * time.Second)
			v, err := rules.Ask(t.Context(), b, try, now)
			if err != nil {
				rt.Fatal(err)
			}
			if v.Wait > 15*time.Minute {
				rt.Fatalf("a wait of %s", v.Wait)
			}
			if v.Wait > 0 {
				continue
			}
			if now.Sub(noon) < 24*time.Hour {
				tries[try.Address+try.Account]++
			}
			if _, _, err := rules.Failed(t.Context(), b, try, now); err != nil {
				rt.Fatal(err)
			}
		}
		for _, n := range tries {
			if most := throttle.FreePair + 10 + int(now.Sub(noon)/(15*time.Minute)); n > most {
				rt.Errorf("%d tries of a pair, want at most %d", n, most)
			}
		}
		for _, own := range []throttle.Try{
			{What: "password", Account: "victim", Address: "203.0.113.1", Device: "phone"},
			{What: "password", Account: "victim", Address: "198.51.100.7"},
		} {
			v, err := rules.Ask(t.Context(), b, own, now)
			if err != nil || v.Wait > 0 || own.Device != "" && v.Second {
				rt.Errorf("the holder with %q: %+v, %v", own.Device, v, err)
			}
		}
	})
}

// TestRowsAreBounded: names and addresses without end share counters.
func TestRowsAreBounded(t *testing.T) {
	t.Parallel()
	b := book{}
	for i := range 20000 {
		try := throttle.Try{What: "password", Account: fmt.Sprint(i), Address: fmt.Sprintf("2001:db8:%x::1", i)}
		if _, _, err := rules.Failed(t.Context(), b, try, noon); err != nil {
			t.Fatal(err)
		}
	}
	for key := range b {
		if len(key) > len("password.account:fffff") {
			t.Fatalf("key %q", key)
		}
	}
	other := book{}
	if _, _, err := (throttle.Rules{Key: []byte("another key")}).Failed(t.Context(), other, throttle.Try{What: "password", Account: "0"}, noon); err != nil {
		t.Fatal(err)
	}
	mine := book{}
	if _, _, err := rules.Failed(t.Context(), mine, throttle.Try{What: "password", Account: "0"}, noon); err != nil {
		t.Fatal(err)
	}
	for key := range mine {
		if other[key] != nil {
			t.Errorf("counter %q is the same under another key", key)
		}
	}
}

func TestLimit(t *testing.T) {
	t.Parallel()
	b := book{}
	for i := range 4 {
		err := rules.Limit(t.Context(), b, "qr", "203.0.113.9", noon, 3, time.Minute)
		if got := fault.Of(err) == fault.TooMany; err != nil && !got || got != (i == 3) {
			t.Errorf("time %d: %v", i+1, err)
		}
	}
	if err := rules.Limit(t.Context(), b, "qr", "203.0.113.9", noon.Add(time.Minute), 3, time.Minute); err != nil {
		t.Errorf("a minute later: %v", err)
	}
}

func TestNet(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"203.0.113.9": "203.0.113.9", "::ffff:203.0.113.9": "203.0.113.9", "2001:db8:1:2:3::4": "2001:db8:1:2::/64",
		"2001:db8:1:2::/64": "2001:db8:1:2::/64", "fe80::1%eth0": "fe80::/64", "": "", "nowhere": "",
	} {
		if got := throttle.Net(in); got != want {
			t.Errorf("Net(%q) = %q, want %q", in, got, want)
		}
	}
}
