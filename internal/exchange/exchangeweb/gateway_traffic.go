package exchangeweb

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"dean06/internal/exchange"
	"dean06/internal/platform/chart"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/ui"
	"dean06/internal/xroad"
)

// mostCounted bounds how many records one look at the traffic reads: about half a
// second's work. A busier gateway is watched by its metrics.
const mostCounted = 40000

// fewestSlots are drawn even when most are empty.
const fewestSlots = 6

// count is what one look at the log found.
type count struct {
	calls    int
	failed   int
	slots    []slot
	services map[xroad.ID]*tally
	faults   map[xroad.Code]int
	parties  map[string]*tally // by X-Road-Represented-Party, of calls that name one
	slowest  []exchange.Record
	since    time.Time // counted from here on; later than asked for when there was too much
}

type slot struct {
	from  time.Time
	calls int
}

type tally struct {
	calls, failed int
	took          time.Duration
	most          time.Duration
}

func (t *tally) count(r exchange.Record, d time.Duration) {
	t.calls++
	t.took += d
	t.most = max(t.most, d)
	if r.Fault != "" {
		t.failed++
	}
}

func took(r exchange.Record) time.Duration {
	if r.RequestIn.IsZero() || r.ResponseOut.Before(r.RequestIn) {
		return 0
	}
	return r.ResponseOut.Sub(r.RequestIn)
}

// search finds records of the log, newest first.
type search func(ctx context.Context, f exchange.Filter) ([]exchange.Record, error)

// look counts the calls of a time, newest first, in slots of a length.
func look(ctx context.Context, search search, from, until time.Time, length time.Duration) (count, error) {
	c := count{services: map[xroad.ID]*tally{}, faults: map[xroad.Code]int{}, parties: map[string]*tally{}, since: from}
	for at := from; at.Before(until); at = at.Add(length) {
		c.slots = append(c.slots, slot{from: at})
	}
	before, read := int64(0), 0
	for {
		// A store may give fewer than asked for.
		list, err := search(ctx, exchange.Filter{From: from, Until: until, Before: before, Limit: 1000})
		if err != nil || len(list) == 0 {
			return c, err
		}
		for _, r := range list {
			if r.Commitment.Kind == exchange.Response {
				c.add(r, from, length)
			}
		}
		read += len(list)
		last := list[len(list)-1]
		if before = last.Seq; before == 0 { // which would begin again
			return c, nil
		}
		if read >= mostCounted {
			c.since = last.At
			return c, nil
		}
	}
}

func (c *count) add(r exchange.Record, from time.Time, length time.Duration) {
	c.calls++
	if i := int(r.At.Sub(from) / length); i >= 0 && i < len(c.slots) {
		c.slots[i].calls++
	}
	t := c.services[r.Commitment.Service]
	if t == nil {
		t = &tally{}
		c.services[r.Commitment.Service] = t
	}
	d := took(r)
	t.count(r, d)
	if r.Represented != "" {
		if c.parties[r.Represented] == nil {
			c.parties[r.Represented] = &tally{}
		}
		c.parties[r.Represented].count(r, d)
	}
	if r.Fault != "" {
		c.failed++
		c.faults[r.Fault]++
	}
	const shown = 10
	if len(c.slowest) < shown || d > took(c.slowest[len(c.slowest)-1]) {
		i, _ := slices.BinarySearchFunc(c.slowest, d, func(x exchange.Record, d time.Duration) int { return cmp.Compare(d, took(x)) })
		c.slowest = slices.Insert(c.slowest, i, r)
		c.slowest = c.slowest[:min(len(c.slowest), shown)]
	}
}

func (p *Gateway) traffic(w http.ResponseWriter, r *http.Request) error {
	pr := in(r)
	v, err := p.page(r, pr.t("gw.traffic.title"))
	if err != nil {
		return err
	}
	now := p.Clock.Now()
	// The last day by the hour, or the last two weeks by the day.
	by, length, from := "hour", time.Hour, now.In(clock.Zone).Truncate(time.Hour).Add(-23*time.Hour)
	if r.URL.Query().Get("by") == "day" {
		by, length, from = "day", 24*time.Hour, clock.DayOf(now).AddDays(-13).Start()
	}
	find := func(ctx context.Context, f exchange.Filter) ([]exchange.Record, error) {
		return p.Desk.Search(ctx, p.Actor(r), f)
	}
	c, err := look(r.Context(), find, from, now.Add(time.Second), length)
	if err != nil {
		return err
	}
	v.Stat = pr.t("gw.traffic.stat."+by, args{"n": c.calls, "failed": c.failed})
	if c.failed > 0 {
		v.Proof = ui.Link{Label: pr.t("gw.traffic.faults"), Href: "/gateway/log?faults=1"}
	}
	if c.since.After(from) {
		v.Add(ui.Para(pr.t("gw.traffic.cut", args{"at": c.since})))
	}
	other := ui.Link{Label: pr.t("gw.traffic.by.day"), Href: "/gateway/traffic?by=day"}
	if by == "day" {
		other = ui.Link{Label: pr.t("gw.traffic.by.hour"), Href: "/gateway/traffic"}
	}
	v.Add(
		p.trafficChart(pr, c, by), ui.Buttons(ui.Action{Label: other.Label, Href: other.Href, Look: ui.Secondary}), p.byService(pr, c),
	)
	if len(c.parties) > 0 {
		v.Add(byParty(pr, c))
	}
	v.Add(byFault(pr, c), p.slowest(pr, c))
	return render(w, r, v)
}

func (p *Gateway) trafficChart(pr words, c count, by string) templ.Component {
	input := chart.BarsInput{
		Head: chart.Head{
			ID: "traffic", Title: pr.t("gw.traffic.chart." + by), Desc: pr.t("gw.traffic.stat."+by, args{"n": c.calls, "failed": c.failed}),
		},
		LabelHead: pr.t("gw.traffic.head." + by), ValueHead: pr.t("gw.traffic.calls"), Most: 1,
	}
	// The quiet time before the first call says nothing; a few slots stay for the look.
	first := slices.IndexFunc(c.slots, func(s slot) bool { return s.calls > 0 })
	for _, s := range c.slots[min(max(first, 0), max(len(c.slots)-fewestSlots, 0)):] {
		at := s.from.In(clock.Zone)
		label := at.Format("15:04")
		if by == "day" {
			label = at.Format("02/01")
		}
		input.Bars = append(input.Bars, chart.Bar{Label: label, Segments: []chart.Segment{{Value: float64(s.calls)}}})
		input.Most = max(input.Most, float64(s.calls))
	}
	drawn := chart.Bars(pr.Printer, input)
	t := ui.Table{ID: "traffic-table", Caption: drawn.Table.Caption, Dense: true}
	for i, h := range drawn.Table.Headers {
		t.Columns = append(t.Columns, ui.Column{Label: h, Numeric: i > 0})
	}
	for _, row := range drawn.Table.Rows {
		cells := make([]ui.Cell, len(row))
		for i, x := range row {
			cells[i] = ui.Cell{Text: x.Text}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: cells})
	}
	return ui.Chart(drawn.Title, "", drawing(drawn.SVG()), ui.DataTable(t), "")
}

func ms(pr words, d time.Duration) string { return pr.Float(float64(d.Microseconds())/1000, 1) + " ms" }

func (p *Gateway) byService(pr words, c count) templ.Component {
	t := ui.Table{
		ID: "by-service", Caption: pr.t("gw.traffic.services"), Columns: []ui.Column{
			{Label: pr.t("service")},
			{Label: pr.t("gw.traffic.calls"), Numeric: true},
			{Label: pr.t("gw.traffic.failed"), Numeric: true},
			{Label: pr.t("gw.traffic.mean"), Numeric: true},
			{Label: pr.t("gw.traffic.most"), Numeric: true},
		},
		Empty: ui.Para(pr.t("gw.traffic.empty")),
	}
	ids := slices.SortedFunc(maps.Keys(c.services), func(a, b xroad.ID) int {
		return cmp.Or(cmp.Compare(c.services[b].calls, c.services[a].calls), cmp.Compare(a.String(), b.String()))
	})
	for _, id := range ids {
		x := c.services[id]
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Body: coded(p.serviceName(pr, id), id.String(), logPath("service", id.String()))},
			{Text: pr.Int(int64(x.calls))},
			{Text: pr.Int(int64(x.failed))},
			{Text: ms(pr, x.took/time.Duration(x.calls))},
			{Text: ms(pr, x.most)},
		}})
	}
	return ui.DataTable(t)
}

// byParty counts calls by those for whom clients said that they ask.
func byParty(pr words, c count) templ.Component {
	t := ui.Table{ID: "by-party", Caption: pr.t("gw.traffic.parties"), Columns: []ui.Column{
		{Label: pr.t("gw.record.represented")},
		{Label: pr.t("gw.traffic.calls"), Numeric: true},
		{Label: pr.t("gw.traffic.failed"), Numeric: true},
	}}
	for _, party := range slices.SortedFunc(maps.Keys(c.parties), func(a, b string) int {
		return cmp.Or(cmp.Compare(c.parties[b].calls, c.parties[a].calls), cmp.Compare(a, b))
	}) {
		x := c.parties[party]
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: party}, {Text: pr.Int(int64(x.calls))}, {Text: pr.Int(int64(x.failed))}}})
	}
	return ui.DataTable(t)
}

// serviceName is a service's name: of what the node's modules answer in the reader's
// language, of others as the catalogue has it.
func (p *Gateway) serviceName(pr words, id xroad.ID) string {
	if p.NameKey != nil {
		if key := p.NameKey(id); key != "" {
			return pr.T(key)
		}
	}
	if d := p.Desk.Directory(); d != nil {
		if s, ok := d.Service(id); ok {
			return s.Name
		}
	}
	return id.Subsystem + "/" + id.Service
}

func byFault(pr words, c count) templ.Component {
	t := ui.Table{
		ID: "by-fault", Caption: pr.t("gw.traffic.by_fault"),
		Columns: []ui.Column{{Label: pr.t("gw.fault")}, {Label: pr.t("gw.traffic.calls"), Numeric: true}},
		Empty:   ui.Para(pr.t("gw.traffic.no_faults")),
	}
	for _, code := range slices.SortedFunc(maps.Keys(c.faults), func(a, b xroad.Code) int {
		return cmp.Or(cmp.Compare(c.faults[b], c.faults[a]), cmp.Compare(a, b))
	}) {
		t.Rows = append(
			t.Rows, ui.Row{Cells: []ui.Cell{{Body: coded(faultName(pr, code), string(code), "")}, {Text: pr.Int(int64(c.faults[code]))}}},
		)
	}
	return ui.DataTable(t)
}

func (p *Gateway) slowest(pr words, c count) templ.Component {
	t := ui.Table{
		ID: "slowest", Caption: pr.t("gw.traffic.slowest"),
		Columns: []ui.Column{
			{Label: pr.t("gw.log.at")}, {Label: pr.t("service")}, {Label: pr.t("gw.log.client")}, {Label: pr.t("gw.traffic.took"), Numeric: true},
		},
		Empty: ui.Para(pr.t("gw.traffic.empty")),
	}
	for _, r := range c.slowest {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: pr.exact(r.At), Href: "/gateway/log/" + strconv.FormatInt(r.Seq, 10)},
			{Text: p.serviceName(pr, r.Commitment.Service)},
			{Text: p.short(r.Commitment.Client)},
			{Text: ms(pr, took(r))},
		}})
	}
	return ui.DataTable(t)
}
