package main

import (
	"os"
	"path/filepath"
	"testing"

	"dean06/internal/platform/config"
)

// TestAgencyConfig reads the configuration that joining writes for a new agency.
func TestAgencyConfig(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "dean06.toml")
	want := config.Default().Gateway
	want.Dir, want.Address = `var\gate "way"`, "h99.example.vn:8008"
	if err := os.WriteFile(file, agencyConfig(want, want.Address), 0o600); err != nil {
		t.Fatal(err)
	}
	got, problems := config.Load(file, nil, nil)
	if len(problems) > 0 || got.Node.Role != "agency" || got.Gateway.Dir != want.Dir || got.Gateway.Address != want.Address {
		t.Errorf("configuration = %+v, %v, want an agency's", got, problems)
	}
}
