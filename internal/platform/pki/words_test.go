package pki

import (
	"encoding/hex"
	"fmt"
	"testing"

	"dean06/internal/platform/i18n"
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func sprint(list ...any) string {
	var s string
	for _, v := range list {
		s += fmt.Sprintf("%v %+v %#v\n", v, v, v)
	}
	return s
}

func TestMessages(t *testing.T) {
	t.Parallel()
	if _, err := i18n.Load(Messages); err != nil {
		t.Error(err)
	}
}
