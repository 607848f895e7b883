package opaque_test

import (
	"testing"

	"dean06/internal/platform/opaque"
)

func TestTexts(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 1000 {
		text := opaque.New()
		if len(text) != 43 || seen[text] {
			t.Fatalf("%q has %d characters, or came twice", text, len(text))
		}
		seen[text] = true
	}
	if n := len(opaque.Text(12)); n != 16 {
		t.Errorf("12 bytes are %d characters, want 16", n)
	}
	if got := opaque.Hash("abc"); got != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" { // FIPS 180-4, B.1
		t.Errorf("Hash(abc) = %s", got)
	}
}
