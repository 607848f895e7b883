package contract

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
)

// Password is the contract's rule by which a system proves that it has its secret:
//
//	password = lower-hex sha256(url + username + timestamp + secretKey)
func Password(url, user, stamp, secret string) string {
	sum := sha256.Sum256([]byte(url + user + stamp + secret))
	return hex.EncodeToString(sum[:])
}

// fits checks a password for each address under which the caller may know us. All are
// tried, so that the time taken tells nothing.
func (p Proof) fits(secret string) bool {
	fits := 0
	for _, url := range p.Addresses {
		fits |= subtle.ConstantTimeCompare([]byte(Password(url, p.User, p.Stamp, secret)), []byte(strings.ToLower(p.Password)))
	}
	return fits == 1
}

// Moment reads a timestamp of the contract, in milliseconds or seconds.
func Moment(s string) (time.Time, bool) {
	if len(s) < 9 || len(s) > 14 || strings.Trim(s, "0123456789") != "" {
		return time.Time{}, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return time.Time{}, false
	}
	if len(s) > 11 {
		return time.UnixMilli(n).UTC(), true
	}
	return time.Unix(n, 0).UTC(), true
}

// same compares without telling by its time where two secrets differ.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}
