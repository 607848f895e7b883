package data

import "embed"

// Demo holds the two rounds of sample returns.
//
//go:embed demo/appendix-488/round-2022 demo/appendix-488/round-2023
var Demo embed.FS
