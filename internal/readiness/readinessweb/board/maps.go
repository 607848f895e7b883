package board

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"dean06/internal/platform/chart"
	"dean06/internal/readiness"
)

// mapPage is the provinces on the land, for one component or for all.
func mapPage(v *view, _ *http.Request) (string, bodyFunc, error) {
	if v.ask.component == "" {
		v.ask.component = readiness.AllFive
	}
	title := v.t("board.title.map", map[string]any{"figure": v.figureName(v.ask.component)})
	return title, func(context.Context) (templ.Component, error) {
		shapes, err := v.shapeMap(v.ask.component)
		if err != nil {
			return nil, err
		}
		return maps(v, v.tileMap(v.ask.component), shapes), nil
	}, v.checkChoices()
}

// place is a province with what its agency stands for.
type place struct {
	status chart.Status
	value  string
	note   string
	href   string
}

// places finds the statement of each province, by province code.
func (v *view) places(key string) map[string]place {
	day := v.Question.Geography
	out := map[string]place{}
	for _, s := range v.Statements {
		code := v.shell.Country.ProvinceOf(s.Agency, day)
		if code == "" {
			continue
		}
		p := place{
			status: chart.Status(s.Status(key)), note: v.t("board.map.note", map[string]any{"count": v.metOf(s)}),
			href: v.at("agency/" + s.Agency),
		}
		if !s.Answered() {
			p.note = v.t("board.no_answer")
		}
		if key == readiness.AllFive && s.Answered() {
			p.value = v.metOf(s)
		}
		out[code] = p
	}
	return out
}

func (p place) known() chart.Status {
	if p.status == "" {
		return chart.None
	}
	return p.status
}

func (v *view) mapHead(id, key string) chart.Head {
	return chart.Head{ID: id, Title: v.t("board."+id, map[string]any{"figure": v.figureName(key)}), Desc: v.mapSentence(key)}
}

// mapSentence says in words what the map shows.
func (v *view) mapSentence(key string) string {
	return v.figureSentence("provinces", key)
}

func (v *view) tileMap(key string) *chart.Chart {
	places := v.places(key)
	in := chart.TileMapInput{Head: v.mapHead("tiles", key)}
	for _, t := range v.shell.Country.Tiles(v.Question.Geography) {
		if t.Isle {
			in.Tiles = append(in.Tiles, chart.Tile{Code: t.Name, Name: t.Name, Col: t.Col, Row: t.Row, PartOf: t.Code})
			continue
		}
		p := places[t.Code]
		in.Tiles = append(in.Tiles, chart.Tile{
			Code: t.Code, Name: t.Name, Col: t.Col, Row: t.Row, Status: p.known(), Value: p.value, Note: p.note, Href: p.href,
		})
	}
	return chart.TileMap(v.p, in)
}

func (v *view) shapeMap(key string) (*chart.Chart, error) {
	places := v.places(key)
	land := v.shell.Country.Shapes(v.Question.Geography)
	in := chart.ShapeMapInput{Head: v.mapHead("land", key), Width: land.Width, Height: land.Height}
	for _, s := range land.Provinces {
		p := places[s.Code]
		in.Shapes = append(in.Shapes, chart.Province{Code: s.Code, Name: s.Name, Path: s.Path, Status: p.known(), Note: p.note, Href: p.href})
	}
	for _, i := range land.Isles {
		in.Archipelagos = append(in.Archipelagos, chart.Archipelago{Name: i.Name, X: i.X, Y: i.Y, Of: i.Of})
	}
	return chart.ShapeMap(v.p, in)
}
