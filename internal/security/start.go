package security

// Start is a typical deployment, with whose facts one may begin to answer. What is not so
// is mended by whoever answers: the rules see only the answers.
type Start struct {
	Code  string
	Facts Facts
}

// Starts are the typical deployments, the lowest level first.
var Starts = []Start{
	{"internal", Facts{People: 500}},
	{"portal", Facts{Service: Information, People: 5000}},
	{"procedures", Facts{Service: Full, Procedures: true, People: 500_000, Shared: Province}},
	{"register", Facts{Service: Partial, People: 50_000_000, Sensitive: 50_000_000, Shared: Nation, Always: true}},
}
