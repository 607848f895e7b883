package board

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"strings"

	"dean06/internal/platform/chart"
	"dean06/internal/platform/sheet"
	"dean06/internal/readiness"
)

// data gives a table of the board as a file.
func (p *Pages) data(w http.ResponseWriter, r *http.Request) error {
	v, err := p.view(r)
	if err != nil {
		return err
	}
	name, isCSV := strings.CutSuffix(r.PathValue("file"), ".csv")
	if !isCSV {
		return notFound()
	}
	if err := v.checkChoices(); err != nil {
		return err
	}
	t, err := v.table(r.Context(), p.shell.Actor(r), name)
	if err != nil {
		return err
	}
	var buf bytes.Buffer
	out, err := sheet.NewCSV(&buf)
	if err != nil {
		return err
	}
	for _, line := range t.Records() {
		if err := out.Write(line...); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="`+v.Campaign.ID+"-"+name+`.csv"`)
	h.Set("Content-Length", strconv.Itoa(buf.Len()))
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(buf.Bytes()) // the reader may have gone
	return nil
}

// table finds a table of the board by the name of its file.
func (v *view) table(ctx context.Context, actor readiness.Actor, name string) (chart.Table, error) {
	switch name {
	case "figures":
		return v.figuresTable(), nil
	case "matrix":
		return v.matrixTable(v.matrixRows()), nil
	}
	for _, g := range v.groups() {
		if name == "figures-"+g {
			return v.figuresChart(g).Table, nil
		}
		for _, key := range v.keys() {
			if name == "figure-"+g+"-"+key {
				return v.figureTable(g, key), nil
			}
		}
	}
	return chart.Table{}, notFound()
}
