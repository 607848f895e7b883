package readiness

import (
	"dean06/internal/org"
	"dean06/internal/platform/clock"
)

// Tile is a province, or an archipelago of one, on the tile map.
type Tile struct {
	Code string // province code; for an archipelago that of its province
	Name string
	Col  int
	Row  int
	Isle bool // Hoàng Sa, Trường Sa
}

// LandMap is the outlines of the provinces in one view box.
type LandMap struct {
	Width, Height float64
	Provinces     []Shape
	Isles         []Isle
}

// Shape is one province.
type Shape struct {
	Code string
	Name string
	Path string // SVG path data
}

// Isle is the label of an archipelago.
type Isle struct {
	Name string
	Of   string // code of its province
	X, Y float64
}

// Country gives the shapes of the land, with the provinces as they were called.
type Country struct{ Org Org }

// Tiles places each province of a day on a grid.
func (c Country) Tiles(on clock.Date) []Tile {
	names := c.Org.ProvinceNames(on)
	var out []Tile
	for _, t := range org.TilesOf(org.GeographyOf(on)) {
		tile := Tile{Code: t.Province, Name: names[t.Province], Col: t.Col, Row: t.Row}
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
func (c Country) Shapes(on clock.Date) LandMap {
	names := c.Org.ProvinceNames(on)
	m := org.MapOf(org.GeographyOf(on))
	out := LandMap{Width: float64(m.Width), Height: float64(m.Height)}
	for _, s := range m.Shapes {
		out.Provinces = append(out.Provinces, Shape{Code: s.Province, Name: names[s.Province], Path: s.Path})
	}
	for _, l := range m.Labels {
		out.Isles = append(out.Isles, Isle{Name: l.Name, Of: l.Province, X: l.X, Y: l.Y})
	}
	return out
}

// ProvinceOf is the province that an agency governs on a day; "" for none.
func (c Country) ProvinceOf(agency string, on clock.Date) string {
	a, _ := c.Org.Agency(agency, on)
	return a.Province
}
