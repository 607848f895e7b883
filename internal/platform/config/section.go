package config

// Section is a part of the configuration that a module brings: one table of the
// file, whose settings are read, overridden and checked as the node's own are.
type Section struct {
	Name string // of the table: "gateway"
	// New gives a pointer to a struct (fields with toml tags) that holds the defaults.
	New func() any
	// Check holds the settings against each other and against the machine; v is what
	// New gave, filled in. nil checks nothing.
	Check func(v any, c *Check)
}

// Check is what a section's check uses to say what is wrong.
type Check struct{ *loader }
