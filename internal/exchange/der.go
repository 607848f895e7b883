package exchange

import (
	"encoding/asn1"
	"math/big"
)

// fixed turns an ECDSA signature from ASN.1 into 64 bytes r‖s.
func fixed(der []byte) ([]byte, error) {
	var v struct{ R, S *big.Int }
	if rest, err := asn1.Unmarshal(der, &v); err != nil || len(rest) > 0 || v.R.BitLen() > 256 || v.S.BitLen() > 256 || v.R.Sign() <= 0 ||
		v.S.Sign() <= 0 {
		return nil, ErrSignature
	}
	out := make([]byte, 64)
	v.R.FillBytes(out[:32])
	v.S.FillBytes(out[32:])
	return out, nil
}
