package readiness

// Stored is a version of a return as it is stored, with where the return
// stands: what the command line and the API show.
type Stored struct {
	Name     string `json:"name"` // of the agency
	State    State  `json:"state"`
	Version  int    `json:"version"`
	Versions int    `json:"versions"`
	Return
}
