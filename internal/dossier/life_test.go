package dossier_test

import (
	"testing"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossiertest"
)

func TestToEachStatus(t *testing.T) {
	t.Parallel()
	for status := dossier.New; status <= dossier.HandedOver; status++ {
		t.Run(string('0'+rune(status)), func(t *testing.T) {
			t.Parallel()
			w := dossiertest.New()
			d, err := w.To(t.Context(), status)
			if err != nil {
				t.Fatal(err)
			}
			if d.Status != status {
				t.Fatalf("status = %d, want %d", d.Status, status)
			}
			actions, err := w.Store.Actions(t.Context(), d.ID)
			if err != nil {
				t.Fatal(err)
			}
			if err := dossier.VerifyChain(actions, d); err != nil {
				t.Error(err)
			}
		})
	}
}
