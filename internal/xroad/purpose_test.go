package xroad_test

import (
	"testing"

	"dean06/internal/xroad"
)

func TestPurposeCovers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		granted, asked string
		want           bool
	}{
		{"1.001193", "1.001193", true},
		{"1.001193", "1.001193.01", true},
		{"1.001193", "1.001193.000.00.00.H55", true},
		{"1.001193.01", "1.001193.01.02", true},
		{"1.00119", "1.001193", false},
		{"1.001193", "1.0011930", false},
		{"1.001193", "1.0011930.01", false},
		{"1.001193.01", "1.001193", false},
		{"1.001193.01", "1.001193.02", false},
		{"1.001193.01", "1.001193.010", false},
		{"1.001193", "1.001193.", false},
		{"1.001193", "1.001193..01", false},
		{"1.001193", "1.001193.0 1", false},
		{"1.001193", "1.001193.01\n", false},
		{"1", "1.001193", false},
		{"1.00119", "1.00119.3", false},
		{"residence", "residence.x", false},
		{"residence", "residence", true},
		{"1.001193", "", false},
		{"", "1.001193", false},
		{"", ".1", false},
	} {
		if got := xroad.PurposeCovers(tt.granted, tt.asked); got != tt.want {
			t.Errorf("%q for %q: %t, want %t", tt.granted, tt.asked, got, tt.want)
		}
	}
	by, ok := xroad.PurposeAmong([]string{"1.001193", "1.001193.01", "1.001193.02"}, "1.001193.01")
	if !ok || by != "1.001193.01" {
		t.Errorf("%q, %t, want the narrowest", by, ok)
	}
	if by, ok := xroad.PurposeAmong([]string{"1.001193"}, "1.001194.01"); ok {
		t.Errorf("covered by %q", by)
	}
}
