// Package readiness is the register of who meets the technical requirements of
// Đề án 06: the coordinator's letters with their form (template, campaign), the
// agencies' answers (return, answer), what the answers add up to (rule,
// figures) and who must be reminded (chase).
//
//	letter 488 ──template──▶ campaign ──recipients──▶ one return an agency
//	                                                   │ drafted ▶ submitted ▶ accepted
//	                                                   │             ▲    └▶ sent back ─┐
//	                                                   │             └──────────────────┘
//	                                                   ▼ every version kept
//	                                    rule ▶ components met ▶ figures, as known on / true on
//
// The package holds rules and values only: no HTTP, no SQL. Word and Excel forms
// are read and written in readinessdocx and readinessxlsx, tables in
// readinesssql, pages in readinessweb, the report in readinessreport.
package readiness
