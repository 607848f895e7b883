package data

import "embed"

// Demo holds the two rounds of sample returns, and three more papers of agencies
// that answered before.
//
//go:embed demo/appendix-488/round-2022 demo/appendix-488/round-2023 demo/appendix-488/second
var Demo embed.FS

// DemoFamilies are invented families of Thái Nguyên, as a file of persons.
//
//go:embed demo/thai-nguyen.csv
var DemoFamilies []byte

// DemoOfficials are the invented officials of the demo, as a file of persons.
//
//go:embed demo/officials.csv
var DemoOfficials []byte
