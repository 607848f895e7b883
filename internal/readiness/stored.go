package readiness

import "time"

// Stored is a version of a return as it is stored, with where the return
// stands: what the command line and the API show.
type Stored struct {
	Name     string `json:"name"` // of the agency
	State    State  `json:"state"`
	Version  int    `json:"version"`
	Versions int    `json:"versions"`
	// Arrival is the number in the register of arrivals, "12/2026"; Came when it came in,
	// DaysLate by how many days after the due day.
	Arrival  string    `json:"arrival,omitempty"`
	Came     time.Time `json:"came,omitzero"`
	DaysLate int       `json:"days_late,omitempty"`
	Return
}
