package data

import "embed"

// Names holds names as they are spread over regions, sexes and peoples, from which
// the generator of the population register invents people.
//
//go:embed names
var Names embed.FS
