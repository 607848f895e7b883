package app

import (
	"dean06/internal/org"
	"dean06/internal/platform/clock"
	"dean06/internal/readiness/readinessweb"
)

// country gives the pages the shapes of the land.
type country struct{ agencies *org.Agencies }

// names are the short names of the provinces of a day, by their codes.
func (c country) names(on clock.Date) map[string]string { return c.agencies.ProvinceNames(on) }

// Tiles places each province of a day on a grid.
func (c country) Tiles(on clock.Date) []readinessweb.Tile {
	names := c.names(on)
	var out []readinessweb.Tile
	for _, t := range org.TilesOf(org.GeographyOf(on)) {
		tile := readinessweb.Tile{Code: t.Province, Name: names[t.Province], Col: t.Col, Row: t.Row}
		if t.Archipelago != "" {
			tile.Isle = true
			for _, l := range org.MapOf(org.GeographyOf(on)).Labels {
				if l.Key == t.Archipelago {
					tile.Name = l.Name
				}
			}
		}
		out = append(out, tile)
	}
	return out
}

// Shapes are the outlines of the provinces of a day.
func (c country) Shapes(on clock.Date) readinessweb.Map {
	names := c.names(on)
	m := org.MapOf(org.GeographyOf(on))
	out := readinessweb.Map{Width: float64(m.Width), Height: float64(m.Height)}
	for _, s := range m.Shapes {
		out.Provinces = append(out.Provinces, readinessweb.Shape{Code: s.Province, Name: names[s.Province], Path: s.Path})
	}
	for _, l := range m.Labels {
		out.Isles = append(out.Isles, readinessweb.Isle{Name: l.Name, Of: l.Province, X: l.X, Y: l.Y})
	}
	return out
}

// ProvinceOf is the province that an agency governs on a day.
func (c country) ProvinceOf(agency string, on clock.Date) string {
	a, _ := c.agencies.Directory().Agency(agency, on)
	return a.Province
}
