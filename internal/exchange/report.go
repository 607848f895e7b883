package exchange

import "time"

// Report is what a gateway says of itself.
type Report struct {
	Gateway    string    `json:"-"`
	At         time.Time `json:"at"`
	Version    string    `json:"version"`
	Serial     int64     `json:"serial"` // of its configuration
	LogSize    int64     `json:"log_size"`
	Unstamped  int       `json:"unstamped"`
	OldestDebt time.Time `json:"oldest_debt,omitzero"`
	LogFault   string    `json:"log_fault,omitempty"`
	Head       *Head     `json:"head,omitempty"` // of its log, to be witnessed
}

// Report is what a gateway says of itself to the centre; head is the last of its
// log, nil when there is none.
func (s Status) Report(head *Head) Report {
	return Report{
		Version: s.Version, Serial: s.Serial, LogSize: s.LogSize, Unstamped: s.Unstamped, OldestDebt: s.OldestDebt, LogFault: Clip(s.LogFault),
		Head: head,
	}
}
