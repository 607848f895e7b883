package exchange

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"math/big"
	"testing"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

func der(r, s *big.Int) []byte {
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1BigInt(r); b.AddASN1BigInt(s) })
	return b.BytesOrPanic()
}

func TestFixed(t *testing.T) {
	t.Parallel()
	one, wide := big.NewInt(1), new(big.Int).Lsh(big.NewInt(1), 256)
	for _, tt := range []struct {
		name string
		in   []byte
		ok   bool
	}{
		{"small numbers are filled up", der(one, one), true},
		{"the widest", der(new(big.Int).Sub(wide, one), one), true},
		{"r too wide", der(wide, one), false},
		{"s too wide", der(one, wide), false},
		{"r zero", der(new(big.Int), one), false},
		{"s negative", der(one, big.NewInt(-1)), false},
		{"longer", append(der(one, one), 0), false},
		{"cut", der(one, one)[:7], false},
		{"nothing", nil, false},
		{"64 bytes already", make([]byte, 64), false},
	} {
		got, err := fixed(tt.in)
		if (err == nil) != tt.ok || tt.ok && len(got) != 64 {
			t.Errorf("%s: got %d bytes, %v", tt.name, len(got), err)
		}
	}
}

// What fixed takes means the same to another reader of ASN.1.
func FuzzFixed(f *testing.F) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	for range 4 {
		sig, err := key.Sign(rand.Reader, make([]byte, 32), nil)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(sig)
	}
	f.Add(der(big.NewInt(1), big.NewInt(1)))
	f.Fuzz(func(t *testing.T, in []byte) {
		out, err := fixed(in)
		if err != nil {
			return
		}
		if len(out) != 64 {
			t.Fatalf("%x gives %d bytes", in, len(out))
		}
		var inner cryptobyte.String
		r, s := new(big.Int), new(big.Int)
		outer := cryptobyte.String(in)
		if !outer.ReadASN1(&inner, asn1.SEQUENCE) || !outer.Empty() || !inner.ReadASN1Integer(r) || !inner.ReadASN1Integer(s) {
			t.Fatalf("%x is no signature, and became one", in)
		}
		if r.Cmp(new(big.Int).SetBytes(out[:32])) != 0 || s.Cmp(new(big.Int).SetBytes(out[32:])) != 0 {
			t.Fatalf("%x became %x", in, out)
		}
	})
}
