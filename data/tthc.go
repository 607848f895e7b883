package data

import (
	"compress/gzip"
	"embed"
	"io"
)

// Procedures holds the national catalogue of administrative procedures as the portal
// listed it in July 2026, and the words in which people ask for them.
//
//go:embed tthc
var Procedures embed.FS

// Catalogue opens the catalogue (tthc/catalog.csv.gz, CSV in UTF-8): packed, as it is the
// largest of the files that the program carries.
func Catalogue() (io.Reader, error) {
	f, err := Procedures.Open("tthc/catalog.csv.gz")
	if err != nil {
		return nil, err
	}
	return gzip.NewReader(f)
}
