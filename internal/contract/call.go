package contract

import "time"

// Call is a line of the log: a call, answered or refused.
type Call struct {
	ID        string
	At        time.Time
	System    string // user
	Subsystem string
	Officer   string
	Office    string
	Operation string
	Code      string // MaTichHop
	Purpose   string // MaDVC
	Dossier   string
	Request   string // MaYeuCau
	RequestID string // of the exchange; empty when it went no further
	Outcome   string // "answered", "not_found", or why it was refused: "password", "004", "005", …
	Took      time.Duration
}

// Count counts the calls of an officer or an office in a period.
type Count struct {
	Office, Officer           string
	Calls, Answered, NotFound int
	Refused                   int
}

// Filter narrows the log; what is empty does not.
type Filter struct {
	Officer, Office, Outcome string
	From, Until              time.Time
}
