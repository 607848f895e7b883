// Package chart draws the product's charts and maps on the server. A chart is
// laid out once, as a list of marks, and then written as SVG for pages or drawn
// on paper by package paper; the same data is always there as a table, so that
// a page can show it and offer it as CSV one click away.
//
//	c := chart.Bars(p, chart.BarsInput{
//		Head: chart.Head{ID: "components", Title: "Đáp ứng theo thành phần"},
//		Bars: []chart.Bar{{Label: "Hạ tầng mạng", Of: 63, Segments: []chart.Segment{
//			{Status: chart.Met, Value: 37, Href: "?component=network"},
//		}}},
//	})
//	c.SVG()   // inline in a page; colours come from CSS
//	c.Table   // headers and rows
//
// Each status has its colour and its sign (✓ ◐ ✕ ? ≠, drawn, not typed), so that
// no chart depends on colour or on a font. The package knows no subject and
// reads no data; it uses no script and no style attribute, so that a strict
// content security policy holds.
package chart
