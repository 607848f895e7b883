package populationapi

import (
	"embed"
	"path"
)

//go:embed openapi
var documents embed.FS

// openAPI is the document of a service: its own part, and the schemas that the
// services share.
func openAPI(code string) []byte {
	var b []byte
	for _, name := range []string{code, "components"} {
		part, err := documents.ReadFile(path.Join("openapi", name+".yaml"))
		if err != nil {
			panic(err) // embedded: a build without it is broken
		}
		b = append(b, part...)
	}
	return b
}
