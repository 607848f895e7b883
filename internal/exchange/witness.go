package exchange

import (
	"crypto/x509"
	"fmt"
	"regexp"
	"strings"
	"time"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/pki"
)

// The bounds of what a gateway reports of its logs.
const (
	MaxChains = 32
	maxProof  = 2 * 64   // hashes
	maxToken  = 16 << 10 // bytes of a time stamp
	maxReason = 2000     // characters
	maxPerson = 200      // characters of a name or an account
	maxSize   = 1 << 53  // records: what every reader of JSON can hold
	maxSigned = 200      // bytes of a signature
)

// ReportedHead is the newest head of one of a gateway's logs, with what shows that it
// goes on from the head that the centre holds.
type ReportedHead struct {
	Head Head `json:"head"`
	// From is the size of the head that the centre holds, as its last answer said; 0 when
	// it holds none, or when that is not known yet.
	From int64 `json:"from"`
	// Proof is the consistency proof from From to Head.Size (RFC 6962, section 2.1.2).
	Proof []Digest `json:"proof,omitempty"`
}

var chainName = regexp.MustCompile(`^[a-z][a-z0-9._-]{0,63}$`)

// Check says whether the head is one that can be. It fails with Invalid
// ("exchange.report.bad").
func (h ReportedHead) Check() error {
	if !checkHead(h.Head) || h.From < 0 || h.From > maxSize || len(h.Proof) > maxProof {
		return fault.New(fault.Invalid, "exchange.report.bad", nil)
	}
	return nil
}

func checkHead(h Head) bool {
	return (h.Chain == "" || chainName.MatchString(h.Chain)) && h.Size >= 0 && h.Size <= maxSize && len(h.Signature) <= maxSigned &&
		len(h.Token) <= maxToken && IsFingerprint(h.KeyID)
}

// ReportAnswer is what the centre answers to a report.
type ReportAnswer struct {
	Serial int64      `json:"serial"` // of the configuration that it published last
	Heads  []SeenHead `json:"heads"`  // that it holds, by chain
}

// SeenHead is a head that the centre holds as a witness: the log may never again show
// less, or something else.
type SeenHead struct {
	Head
	SeenAt time.Time `json:"seen_at"` // first
	// Proved says that it was shown to go on from the one before; of the first one of a
	// line there is none.
	Proved bool `json:"proved"`
	// Line counts the lawful restores: each begins another.
	Line int64 `json:"line"`
	// Alarm is what did not fit since; nil when all did.
	Alarm *SeenAlarm `json:"alarm,omitempty"`
}

// SeenAlarm is what the centre was shown that does not fit what it holds.
type SeenAlarm struct {
	Code string    `json:"code"` // "shrunk", "changed", "inconsistent", "signature", "unproved" or "missing"
	Size int64     `json:"size"` // that was shown
	Root Digest    `json:"root"`
	At   time.Time `json:"at"` // when the centre was shown it first
}

// Key is the message of the alarm.
func (a SeenAlarm) Key() string { return "exchange.alarm." + a.Code }

// Witness is what the centre says, to anybody, of the logs of a gateway.
type Witness struct {
	Gateway string     `json:"gateway"`
	Serial  int64      `json:"serial"` // of the configuration
	Heads   []SeenHead `json:"heads"`
	// Certificates (DER) are those with which the heads are signed, and those that the
	// gateway signs with now.
	Certificates [][]byte      `json:"certificates"`
	Restores     []SeenRestore `json:"restores"`
}

// Head finds that of a chain.
func (w Witness) Head(chain string) (SeenHead, bool) {
	for _, h := range w.Heads {
		if h.Of(chain) {
			return h, true
		}
	}
	return SeenHead{}, false
}

// Check says whether all heads are signed by the gateway, with certificates that one of
// the authorities (DER) issued for it. It fails with Denied ("exchange.witness.bad").
// It does not prove that there are no newer ones: that is the centre's word.
func (w Witness) Check(gateway string, authorities [][]byte) error {
	bad := func(what string) error {
		return fault.New(fault.Denied, "exchange.witness.bad", fault.Args{"what": what})
	}
	if w.Gateway != gateway {
		return bad(Clip(w.Gateway))
	}
	if len(w.Heads) > MaxChains {
		return bad(fmt.Sprint(len(w.Heads)))
	}
next:
	for _, h := range w.Heads {
		if h.Size == 0 && h.KeyID == "" && h.Alarm != nil {
			continue // none was ever shown that the gateway had signed
		}
		if !checkHead(h.Head) {
			return bad(Clip(h.Chain))
		}
		for _, der := range w.Certificates {
			if Fingerprint(der) != h.KeyID {
				continue
			}
			cert, err := x509.ParseCertificate(der)
			if err != nil || cert.Subject.CommonName != gateway || !h.SignedBy(der) ||
				pki.CheckChain(cert, authorities, pki.Gateway, DuringLife(cert, h.At)) != nil {
				return bad(h.Chain)
			}
			continue next
		}
		return bad(h.Chain)
	}
	return nil
}

// DuringLife is a moment of a certificate's life: a clock that was a little off does not make
// a head a forgery.
func DuringLife(cert *x509.Certificate, at time.Time) time.Time {
	if at.Before(cert.NotBefore) {
		return cert.NotBefore
	}
	if at.After(cert.NotAfter) {
		return cert.NotAfter
	}
	return at
}

// Restore says that people know why logs of a gateway are not what the centre saw: the
// node's database was restored from a backup.
type Restore struct {
	ID      string    `json:"id"` // of the request that was approved
	Gateway string    `json:"gateway"`
	Backup  string    `json:"backup"` // the day of the backup, yyyy-mm-dd
	Reason  string    `json:"reason"`
	Asked   Person    `json:"asked"`
	Decided Person    `json:"decided"` // another
	Chains  []Restart `json:"chains"`
}

// Person is who asked or decided, and when.
type Person struct {
	Account string    `json:"account"` // with the node before "#" when it is another
	Name    string    `json:"name"`
	At      time.Time `json:"at"`
}

// Restart is where a log goes on.
type Restart struct {
	Chain string `json:"chain"`
	// Size and Root are those of the head that the centre holds and that is given up.
	Size int64  `json:"size"`
	Root Digest `json:"root"`
	// To is the head of the restored log.
	To Head `json:"to"`
}

// Check says whether a restore can be. It fails with Invalid ("exchange.restore.bad").
func (r Restore) Check() error {
	bad := fault.New(fault.Invalid, "exchange.restore.bad", nil)
	day, err := time.Parse(time.DateOnly, r.Backup)
	if err != nil || day.IsZero() || r.ID == "" || len(r.ID) > 64 || strings.TrimSpace(r.Reason) == "" || len([]rune(r.Reason)) > maxReason {
		return bad
	}
	for _, p := range []Person{r.Asked, r.Decided} {
		if p.Account == "" || p.At.IsZero() || len([]rune(p.Account)) > maxPerson || len([]rune(p.Name)) > maxPerson {
			return bad
		}
	}
	if r.Asked.Account == r.Decided.Account {
		return fault.New(fault.Denied, "exchange.restore.one", nil)
	}
	if len(r.Chains) == 0 || len(r.Chains) > MaxChains {
		return bad
	}
	seen := map[string]bool{}
	for _, c := range r.Chains {
		if !chainName.MatchString(c.Chain) || seen[c.Chain] || !c.To.Of(c.Chain) || !checkHead(c.To) || c.Size < 0 || c.Size > maxSize {
			return bad
		}
		seen[c.Chain] = true
	}
	return nil
}

// SeenRestore is what anybody may know of a restore.
type SeenRestore struct {
	ID     string    `json:"id"`
	At     time.Time `json:"at"` // when the centre took it
	Backup string    `json:"backup"`
	Chain  string    `json:"chain"`
	Line   int64     `json:"line"` // that it began
	// Size and Root are those that were given up, ToSize and ToRoot those that count since.
	Size   int64  `json:"size"`
	Root   Digest `json:"root"`
	ToSize int64  `json:"to_size"`
	ToRoot Digest `json:"to_root"`
}
