package org

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"sync"

	"dean06/data"
	"dean06/internal/platform/clock"
)

// Geography is a set of provinces that maps are drawn with.
type Geography string

// The geographies: before and since 1 July 2025.
const (
	Provinces63 Geography = "63"
	Provinces34 Geography = "34"
)

// GeographyOf is the geography of a day.
func GeographyOf(on clock.Date) Geography {
	if on.Before(reform2025) {
		return Provinces63
	}
	return Provinces34
}

// Map is the provinces as SVG paths in one view box, the same for both
// geographies, with the two archipelagos labelled.
type Map struct {
	Width, Height int
	Shapes        []Shape
	Labels        []Label
}

// Shape is the outline of a province.
type Shape struct {
	Province string // its code
	Path     string // the d of an SVG path
}

// Label is the place of an archipelago's name. Key names it in the messages:
// "org.archipelago." + Key. X, Y is the middle of the name; centre it there.
type Label struct {
	Key, Name string
	Province  string // the code of the province that it belongs to
	X, Y      float64
}

// Tile is a cell of the tile map: every province has one of the same size, and
// so has each archipelago, whose Province is the one that it belongs to.
type Tile struct {
	Province    string
	Archipelago string // the key of an archipelago, see Label; "" for a province itself
	Col, Row    int
}

// The view box of data/map; see data/SOURCES.md for the projection.
const mapWidth, mapHeight = 580, 670

type drawings struct {
	maps  map[Geography]Map
	tiles map[Geography][]Tile
}

// drawn reads the drawings once, on first use; a damaged file is a mistake of
// the build, which the tests catch.
var drawn = sync.OnceValue(func() drawings {
	d := drawings{maps: map[Geography]Map{}, tiles: map[Geography][]Tile{}}
	var labels []Label
	for _, r := range mustRows("map/archipelagos.csv") {
		labels = append(labels, Label{Key: r[0], Name: r[1], Province: r[2], X: mustFloat(r[3]), Y: mustFloat(r[4])})
	}
	for _, g := range []Geography{Provinces63, Provinces34} {
		m := Map{Width: mapWidth, Height: mapHeight, Labels: labels}
		for _, r := range mustRows("map/vn" + string(g) + ".csv") {
			m.Shapes = append(m.Shapes, Shape{Province: r[0], Path: r[1]})
		}
		d.maps[g] = m
	}
	for _, r := range mustRows("map/tiles.csv") {
		g := Geography(r[0])
		d.tiles[g] = append(d.tiles[g], Tile{Province: r[1], Archipelago: r[2], Col: int(mustFloat(r[3])), Row: int(mustFloat(r[4]))})
	}
	return d
})

// MapOf is the map of a geography. Do not change what it gives.
func MapOf(g Geography) Map { return drawn().maps[g] }

// TilesOf is the tile map of a geography. Do not change what it gives.
func TilesOf(g Geography) []Tile { return drawn().tiles[g] }

func mustRows(path string) [][]string {
	f, err := data.FS.Open(path)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	if _, err := r.Read(); err != nil && err != io.EOF {
		panic(fmt.Errorf("%s: %w", path, err))
	}
	rows, err := r.ReadAll()
	if err != nil {
		panic(fmt.Errorf("%s: %w", path, err))
	}
	return rows
}

func mustFloat(s string) float64 {
	x, err := strconv.ParseFloat(s, 64)
	if err != nil {
		panic(err)
	}
	return x
}
