package exchangeweb

import (
	"net/http"
	"slices"

	"dean06/internal/exchange"
	"dean06/internal/platform/ui"
)

// quotaOf says how much of what a quota allows.
func quotaOf(pr words, q exchange.Quota) string {
	key := "gw.limits.quota"
	if q.Of == exchange.OfPersons {
		key = "gw.limits.quota_persons"
	}
	return pr.t(key, args{"n": q.Calls, "per": pr.t("period." + string(q.Per))})
}

// limits shows what each right may be used for at most and how much of that is used now,
// and what the gateway takes at most.
func (p *Gateway) limits(w http.ResponseWriter, r *http.Request) error {
	pr := in(r)
	v, err := p.page(r, pr.t("gw.limits.title"))
	if err != nil {
		return err
	}
	list, err := p.Desk.Rights(r.Context(), p.Actor(r), false)
	if err != nil {
		return err
	}
	now := p.Clock.Now()
	bounded := slices.DeleteFunc(slices.Clone(list), func(x exchange.Right) bool { return !x.Quota.Bounded() })
	free := slices.DeleteFunc(slices.Clone(list), func(x exchange.Right) bool { return x.Quota.Bounded() })
	v.Stat = pr.t("gw.limits.stat", args{"n": len(bounded), "free": len(free)})
	t := ui.Table{ID: "limits", Stack: true, Caption: pr.t("gw.limits.rights"), Columns: []ui.Column{
		{Label: pr.t("gw.right.subject")},
		{Label: pr.t("service")},
		{Label: pr.t("gw.limits.of")},
		{Label: pr.t("gw.limits.used"), Numeric: true},
		{Label: pr.t("gw.limits.left"), Numeric: true},
		{Label: pr.t("gw.limits.next")},
	}, Empty: ui.Para(pr.t("gw.limits.empty"))}
	for _, x := range bounded {
		used, err := p.Desk.Used(r.Context(), p.Actor(r), x)
		if err != nil {
			return err
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Body: coded(p.subjectName(x), subjectCode(x), "/gateway/rights/"+x.ID)},
			{Body: coded(p.serviceName(pr, x.Service), x.Service.Subsystem+"/"+x.Service.Service, "")},
			{Text: quotaOf(pr, x.Quota)},
			{Text: pr.Int(used)},
			{Text: pr.Int(max(0, x.Quota.Calls-used))},
			{Text: pr.when(x.Quota.Next(now))},
		}})
	}
	v.Add(ui.DataTable(t), muted(pr.t("gw.limits.change.text")))
	if len(free) > 0 {
		open := ui.Table{ID: "unlimited", Stack: true, Caption: pr.t("gw.limits.free"), Quiet: true, Columns: []ui.Column{
			{Label: pr.t("gw.right.subject")}, {Label: pr.t("service")}, {Label: pr.t("gw.right.what")},
		}}
		for _, x := range free {
			open.Rows = append(open.Rows, ui.Row{Cells: []ui.Cell{
				{Body: coded(p.subjectName(x), subjectCode(x), "/gateway/rights/"+x.ID)},
				{Body: coded(p.serviceName(pr, x.Service), x.Service.Subsystem+"/"+x.Service.Service, "")},
				{Text: what(pr, x)},
			}})
		}
		v.Add(ui.Fold(pr.t("gw.limits.free"), ui.DataTable(open)))
	}
	s, err := p.Desk.Status(r.Context(), p.Actor(r))
	if err != nil {
		return err
	}
	size := func(n int64) string { return pr.t("gw.limits.mb", args{"n": n >> 20}) }
	v.Add(section("node", pr.t("gw.limits.node"), ui.Para(pr.t("gw.limits.node.text")), ui.SummaryList([]ui.Fact{
		{Key: pr.t("gw.limits.body"), Body: coded(size(s.Limits.Body), "gateway.max_body", "")},
		{Key: pr.t("gw.limits.spool"), Body: coded(pr.t("gw.limits.spool.value", args{"size": size(s.Limits.Spool)}), "gateway.max_spool", "")},
		{Key: pr.t("gw.limits.calls"), Value: pr.t("gw.limits.calls.value", args{"n": s.Limits.Calls, "running": s.CallsRunning})},
		{Key: pr.t("gw.limits.call"), Value: pr.span(s.Limits.Call)},
	})))
	return render(w, r, v)
}
