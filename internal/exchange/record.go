package exchange

import (
	"time"

	"dean06/internal/xroad"
)

// Side says on which side of a call a gateway stood.
type Side string

// The sides.
const (
	Consumer Side = "consumer"
	Provider Side = "provider"
)

// Record is one entry of a gateway's message log: a commitment, and what the
// operator needs to find and to count it. It holds no body and no path.
type Record struct {
	Seq        int64 // its place in the Merkle log, from 0
	At         time.Time
	Side       Side
	Peer       string // the other gateway's ID; empty when it was never reached
	Commitment Commitment
	UserID     string // X-Road-UserId: the officer
	Issue      string // X-Road-Issue: the dossier
	Purpose    string
	// Represented is for whom the client asks (X-Road-Represented-Party: [CLASS/]CODE).
	Represented string
	RightID     string // of a provider's record
	Size        int64  // of the body
	// Of a response: how it went. Fault is the Code, empty when the service
	// itself answered, whatever its status.
	Fault     xroad.Code
	FaultText string
	// The moments of X-Road's operational monitoring, of a response's record.
	RequestIn, RequestOut, ResponseIn, ResponseOut time.Time
	RequestSize                                    int64
	ServiceType                                    string
	Leaf                                           Digest
}

// Filter narrows a search of the log. Zero fields do not narrow.
type Filter struct {
	From, Until time.Time
	Text        string   // an exact message id, request id, officer or dossier
	Client      xroad.ID // a prefix
	Service     xroad.ID // a prefix
	Side        Side
	OnlyFaults  bool
	Before      int64 // records before this Seq, newest first; 0 begins at the end
	Limit       int
}
