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
	// Head is that of the log of messages, of gateways that send no Heads.
	Head *Head `json:"head,omitempty"`
	// Heads are the newest of all logs of the node, to be witnessed.
	Heads []ReportedHead `json:"heads,omitempty"`
	// Said is when the gateway said it, by its own clock: what was said before the last
	// that was heard comes late. The centre fills it in.
	Said time.Time `json:"said,omitzero"`
}

// Report is what a gateway says of itself to the centre; head is the last of its
// log, nil when there is none.
func (s Status) Report(head *Head) Report {
	return Report{
		Version: s.Version, Serial: s.Serial, LogSize: s.LogSize, Unstamped: s.Unstamped, OldestDebt: s.OldestDebt, LogFault: Clip(s.LogFault),
		Head: head,
	}
}
