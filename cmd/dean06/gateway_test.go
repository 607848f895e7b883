package main

import (
	"os"
	"path/filepath"
	"testing"

	"dean06/internal/app"
	"dean06/internal/exchange/exchangenode"
	"dean06/internal/platform/config"
)

// TestAgencyConfig reads the configuration that joining writes for a new agency.
func TestAgencyConfig(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "dean06.toml")
	want := *config.In[exchangenode.GatewayConfig](config.Default(app.Shape().Sections...))
	want.Dir, want.Address = `var\gate "way"`, "h99.example.vn:8008"
	if err := os.WriteFile(file, exchangenode.AgencyFile(want, want.Address), 0o600); err != nil {
		t.Fatal(err)
	}
	got, problems := config.Load(app.Shape(), file, nil, nil)
	g := config.In[exchangenode.GatewayConfig](got)
	if len(problems) > 0 || got.Node.Role != "agency" || g.Dir != want.Dir || g.Address != want.Address {
		t.Errorf("configuration = %+v, %v, want an agency's", got, problems)
	}
}
