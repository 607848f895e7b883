package password

import (
	"context"
	"strings"
)

// RecoveryLen is the characters of a recovery code: what somebody keeps on paper for the day when they have lost what they
// sign in with. Its first characters find it among the others of its holder, so that a try
// costs one slow hash; the rest is 49 bits.
const (
	RecoveryLen = 12
	selectorLen = 2
)

// RecoveryCodes makes n codes, no two of which begin alike, and what is kept of them: the
// characters that find each, and a slow hash.
func (g *Gate) RecoveryCodes(ctx context.Context, n int) (codes, kept []string, err error) {
	seen := map[string]bool{}
	for len(codes) < n {
		code := Readable(RecoveryLen, 4)
		selector := code[:selectorLen]
		if seen[selector] {
			continue
		}
		seen[selector] = true
		hash, err := g.Hash(ctx, Bare(code))
		if err != nil {
			return nil, nil, err
		}
		codes, kept = append(codes, code), append(kept, selector+" "+hash)
	}
	return codes, kept, nil
}

// IsRecovery says that a text has the length of a recovery code: longer than any one-time code.
func IsRecovery(text string) bool { return len(Bare(text)) == RecoveryLen }

// Recovery is the one of those kept that a code fits; "" for none. It costs one hash, whatever
// was typed. The caller is in the gate.
func (g *Gate) Recovery(kept []string, code string) string {
	code = Bare(code)
	found, phc := "", g.Decoy()
	for _, k := range kept {
		if selector, rest, _ := strings.Cut(k, " "); strings.HasPrefix(code, selector) && rest != "" {
			found, phc = k, rest
		}
	}
	if !Verify(phc, code) {
		return ""
	}
	return found
}
