package chart

import (
	"encoding/xml"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dean06/internal/platform/i18n"
)

func wellFormed(t testing.TB, svg string) {
	t.Helper()
	dec := xml.NewDecoder(strings.NewReader(svg))
	for {
		_, err := dec.Token()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatalf("SVG is not well formed: %v", err)
		}
	}
}

func TestChartsAreValidAndNamed(t *testing.T) {
	t.Parallel()
	for _, lang := range i18n.Langs {
		for name, c := range samples(t, lang) {
			for kind, svg := range map[string]string{"page": c.SVG(), "file": c.StandaloneSVG()} {
				wellFormed(t, svg)
				for _, want := range []string{
					"<title id=\"" + c.ID + "-title\">" + c.Title + "</title>", "<desc ", `aria-labelledby="` + c.ID + `-title"`,
				} {
					if !strings.Contains(svg, want) {
						t.Errorf("%s %s %s: lacks %s", name, lang, kind, want)
					}
				}
				for _, bad := range []string{"NaN", "Inf", "style=", "<script", "[chart."} {
					if strings.Contains(svg, bad) {
						t.Errorf("%s %s %s: holds %q", name, lang, kind, bad)
					}
				}
			}
			if len(c.Table.Rows) == 0 {
				t.Errorf("%s: no table", name)
			}
			for i, r := range c.Table.Rows {
				if got, want := len(r), len(c.Table.Headers); got != want {
					t.Errorf("%s: table row %d has %d cells, want %d", name, i, got, want)
				}
			}
			for _, g := range c.Groups {
				if g.Href != "" && g.Label == "" {
					t.Errorf("%s: a link without a name to %s", name, g.Href)
				}
				for _, m := range g.Marks {
					if _, ok := paints[m.Class]; !ok {
						t.Errorf("%s: class %q has no paint", name, m.Class)
					}
					if m.Shape == Rect && (m.X < -2 || m.Y < -2 || m.X+m.W > c.Width+2 || m.Y+m.H > c.Height+2) {
						t.Errorf("%s: a mark stands outside of the chart: %+v", name, m)
					}
				}
			}
		}
	}
}

// SAMPLES=dir writes the sample charts there, to be looked at.
func TestWriteSamples(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("SAMPLES")
	if dir == "" {
		dir = t.TempDir()
	}
	var page strings.Builder
	page.WriteString(`<!doctype html><meta charset="utf-8"><style>body{font-family:sans-serif}` + CSS + "</style>")
	for name, c := range samples(t, i18n.Vi) {
		page.WriteString("<h2>" + c.Title + "</h2>" + c.SVG())
		if err := os.WriteFile(filepath.Join(dir, name+".svg"), []byte(c.StandaloneSVG()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "all.html"), []byte(page.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestMapsNameTheArchipelagos(t *testing.T) {
	t.Parallel()
	p := printer(t, i18n.Vi)
	bare, err := ShapeMap(p, ShapeMapInput{Head: Head{ID: "m"}, Width: 576, Height: 660})
	if err != nil {
		t.Fatal(err)
	}
	charts := samples(t, i18n.Vi)
	for name, c := range map[string]*Chart{
		"tile map": charts["tiles"], "map": charts["map"], "map without data": bare,
		"tile map without islands": TileMap(p, TileMapInput{Tiles: []Tile{{Code: "48", Name: "Đà Nẵng", Col: 3, Row: 3, Status: Met}}}),
	} {
		var all strings.Builder
		for _, g := range c.Groups {
			all.WriteString(g.Label + "\n")
		}
		for _, want := range []string{"Quần đảo Hoàng Sa", "Quần đảo Trường Sa"} {
			if !strings.Contains(all.String(), want) {
				t.Errorf("%s lacks %s", name, want)
			}
		}
	}
}

func TestArchipelagoHasTheStatusOfItsProvince(t *testing.T) {
	t.Parallel()
	p := printer(t, i18n.Vi)
	c := TileMap(p, TileMapInput{
		Tiles: []Tile{{Code: "48", Name: "Đà Nẵng", Status: Met}, {Code: "56", Name: "Khánh Hòa", Row: 1, Status: NotMet}},
	})
	var labels []string
	for _, g := range c.Groups {
		labels = append(labels, g.Label)
	}
	all := strings.Join(labels, "\n")
	for _, want := range []string{"Quần đảo Hoàng Sa: Đã đáp ứng", "Quần đảo Trường Sa: Chưa đáp ứng"} {
		if !strings.Contains(all, want) {
			t.Errorf("want %q in:\n%s", want, all)
		}
	}
}

func TestParsePath(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in   string
		want [][]Point
		bad  bool
	}{
		{in: "M1 2L3 4Z", want: [][]Point{{{1, 2}, {3, 4}}}},
		{in: "M1 2l2-1-.5.5z", bad: true},
		{in: "M1 2l2-1-.5 .5zM9 9 8 8", want: [][]Point{{{1, 2}, {3, 1}, {2.5, 1.5}}, {{9, 9}, {8, 8}}}},
		{in: "M1 2zm1 1l1 0", want: [][]Point{{{1, 2}}, {{2, 3}, {3, 3}}}},
		{in: "1 2", bad: true},
		{in: "L1 2", bad: true},
		{in: "M1", bad: true},
		{in: "MxZ", bad: true},
		{in: ""},
	} {
		got, err := parsePath(tt.in, 1, 0)
		if (err != nil) != tt.bad {
			t.Errorf("parsePath(%q): error %v, want error %v", tt.in, err, tt.bad)
			continue
		}
		if tt.bad {
			continue
		}
		if len(got) != len(tt.want) {
			t.Errorf("parsePath(%q) = %v, want %v", tt.in, got, tt.want)
			continue
		}
		for i := range got {
			for j := range got[i] {
				if math.Abs(got[i][j].X-tt.want[i][j].X)+math.Abs(got[i][j].Y-tt.want[i][j].Y) > 1e-9 {
					t.Errorf("parsePath(%q) = %v, want %v", tt.in, got, tt.want)
				}
			}
		}
	}
}

func FuzzParsePath(f *testing.F) {
	for _, seed := range []string{"M1 2L3 4Z", "M149.8 90.8l-1.1 0-1.4-1.8-.5 .7z", "m1-1l.5.5zM", "M1e9 -", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, d string) {
		rings, err := parsePath(d, 1, 10)
		if err != nil {
			return
		}
		for _, r := range rings {
			if len(r) == 0 {
				t.Errorf("parsePath(%q) gives an empty outline", d)
			}
		}
		c, err := ShapeMap(printer(t, i18n.Vi), ShapeMapInput{Width: 100, Height: 100, Shapes: []Province{{Code: "x", Path: d}}})
		if err != nil {
			t.Fatal(err)
		}
		wellFormed(t, c.SVG())
	})
}

// Whatever the labels and values, the picture is well formed and without NaN.
func TestAnyTextAndValue(t *testing.T) {
	t.Parallel()
	p := printer(t, i18n.Vi)
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.String().Draw(rt, "name")
		v := rapid.Float64().Draw(rt, "value")
		head := Head{ID: name, Title: name, Desc: name}
		for _, c := range []*Chart{
			Bars(p, BarsInput{
				Head: head, LabelHead: name,
				Bars: []Bar{{Label: name, Href: name, Of: v, Segments: []Segment{{Value: v}, {Status: Met, Value: v}}}},
			}),
			SlopeChart(p, SlopeInput{Head: head, From: name, Lines: []Slope{{Name: name, From: v, To: -v}}}),
			TileMap(p, TileMapInput{Head: head, Tiles: []Tile{{Code: name, Name: name, Status: Met}}}),
		} {
			svg := c.SVG()
			wellFormed(t, svg)
			if strings.Contains(strings.ReplaceAll(svg, escape(name), ""), "NaN") && !math.IsNaN(v) {
				t.Fatalf("NaN for %v", v)
			}
		}
	})
}

func TestBarsBeginAtZero(t *testing.T) {
	t.Parallel()
	p := printer(t, i18n.Vi)
	c := Bars(p, BarsInput{Bars: []Bar{{Label: "a", Segments: []Segment{{Value: 100}}}, {Label: "b", Segments: []Segment{{Value: 50}}}}})
	var widths []float64
	for _, g := range c.Groups {
		for _, m := range g.Marks {
			if m.Class == "bar" {
				widths = append(widths, m.W)
			}
		}
	}
	if len(widths) != 2 || math.Abs(widths[0]/2-widths[1]) > 1 {
		t.Errorf("got bars of %v, want the second half as long as the first", widths)
	}
}

func TestCSSHasEachPaint(t *testing.T) {
	t.Parallel()
	for class := range paints {
		if !strings.Contains(CSS, ".chart-"+class+"{") {
			t.Errorf("CSS lacks .chart-%s", class)
		}
	}
}

func TestWrap(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "x", "Kết nối với Cơ sở dữ liệu quốc gia về dân cư", strings.Repeat("dài", 200)} {
		for _, l := range wrap(s, 12, 100, 2) {
			if w := textWidth(l, 12, false); w > 101 {
				t.Errorf("line %q is %.0f wide, want at most 100", l, w)
			}
		}
	}
}

// TestBarsOfSeries: parts of a bar that are no statuses have names of their own, in the legend
// and as columns of the table.
func TestBarsOfSeries(t *testing.T) {
	t.Parallel()
	c := Bars(printer(t, i18n.Vi), BarsInput{
		Head: Head{ID: "s", Title: "Văn bản"}, LabelHead: "Cơ quan", Series: []string{"Chưa làm", "Đang sửa", "Đã ban hành"},
		Bars: []Bar{
			{Label: "Bộ Công an", Segments: []Segment{{Series: 1, Value: 2}, {Series: 3, Value: 5, Href: "/issued"}}},
			{Label: "Bộ Y tế", Segments: []Segment{{Series: 1, Value: 1}}},
		},
	})
	want := [][]string{{"Cơ quan", "Chưa làm", "Đã ban hành"}, {"Bộ Công an", "2", "5"}, {"Bộ Y tế", "1", "0"}}
	if got := c.Table.Records(); !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if svg := c.HTML(); !strings.Contains(svg, "chart-point-3") || !strings.Contains(svg, "/issued") || strings.Contains(svg, "chart-sign") {
		t.Error(svg)
	}
}
