package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"dean06/internal/cleaning/cleaningapi"
	"dean06/internal/cleaning/reconcile"
	"dean06/internal/exchange"
	"dean06/internal/platform/clock"
	"dean06/internal/population"
	"dean06/internal/xroad"
)

// settle gives the rights of the demo, as the register's owner would, and waits until
// a question comes through.
func (c *Country) settle(ctx context.Context) error {
	authority, province, insurance := c.Node("authority"), c.Node("thainguyen"), c.Node("bhxh")
	g := authority.Modules.Gateway
	if err := g.Await(ctx); err != nil {
		return err
	}
	given := rights(authority.SubsystemID(), province.SubsystemID(), province.OwnID(), insurance.SubsystemID(), insurance.OwnID())
	for _, r := range append(given, gated(authority.SubsystemID(), province.HealthID())...) {
		r.From = clock.MustDate("2026-01-01")
		if err := g.Grant(ctx, r); err != nil {
			return err
		}
	}
	if err := g.ReloadRights(ctx); err != nil {
		return err
	}
	for _, n := range c.Nodes {
		if err := n.Modules.Gateway.Await(ctx); err != nil {
			return err
		}
	}
	if err := c.publish(ctx); err != nil {
		return err
	}
	asked, err := authority.Modules.Population.Asked(ctx)
	if err != nil {
		return err
	}
	c.group.Go(func() error {
		g.AwaitSecurity(ctx)
		return nil
	})
	c.group.Go(func() error {
		if !asked {
			c.firstQuestions(ctx)
		}
		if !c.options.NoDossiers {
			if err := province.dossiers(ctx); err != nil && ctx.Err() == nil {
				province.Node.Log.Warn("the demo's dossiers", "error", err)
			}
		}
		if !c.options.NoCleaning {
			if err := c.cleaning(ctx); err != nil && ctx.Err() == nil {
				authority.Node.Log.Warn("the demo's dirty files", "error", err)
			}
		}
		return nil
	})
	return nil
}

// publish waits until the register's event types are at the hub, so that the first
// who wants to hear of them can.
func (c *Country) publish(ctx context.Context) error {
	if err := c.Node("hub").Modules.Gateway.Welcome(ctx); err != nil {
		return err
	}
	for try := 0; ; try++ {
		err := c.Node("authority").Modules.Feed.Settle(ctx)
		if err == nil || ctx.Err() != nil || try == 20 {
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// rights are what the demo's register lets the two agencies ask: the province, whose
// own system and one-stop shop ask for many procedures, everything, the one-stop shop for
// an officer and a dossier that it names; Social Security only what its procedures need, and
// its node to hold the rows of its files against the register.
func rights(register, province, oneStop, insurance, insuranceNode xroad.ID) []exchange.Right {
	const (
		law    = "Luật Căn cước 2023, Điều 10; Nghị định 137/2015/NĐ-CP, Điều 8"
		events = "Luật Hộ tịch 2014; Nghị định 87/2020/NĐ-CP; Luật Cư trú 2020"
		clean  = "Luật Căn cước 2023, Điều 10; Quyết định 06/QĐ-TTg, mục làm sạch dữ liệu chuyên ngành"
	)
	var out []exchange.Right
	for _, service := range []string{
		population.ServiceMatch, population.ServiceFacts, population.ServiceHousehold, population.ServiceResidence, population.ServiceMarital,
		population.ServiceLife, population.ServiceGuardian, "lists",
	} {
		all := exchange.Right{Subject: province, Service: register.Of(service), LegalBasis: law, Fields: []string{population.AllFields}}
		out = append(out, all)
		// At the one-stop shop an officer works on a dossier, and the persons are counted.
		all.Subject, all.Officer, all.Dossier = oneStop, true, true
		all.Quota = exchange.Quota{Calls: 20_000, Per: exchange.Day, Of: exchange.OfPersons}
		out = append(out, all)
	}
	// What the province's own procedures end with is reported, and what citizens say is wrong.
	for _, subject := range []xroad.ID{province, oneStop} {
		for _, service := range []string{population.ServiceEvents, population.ServiceCorrections} {
			out = append(out, exchange.Right{
				Subject: subject, Service: register.Of(service), LegalBasis: events, Fields: []string{population.AllFields},
				Officer: true, Dossier: true,
			})
		}
	}
	// Both hand files in to be cleaned; officers of their own nodes do.
	for _, subject := range []xroad.ID{oneStop, insuranceNode} {
		out = append(out, exchange.Right{
			Subject: subject, Service: register.Of(cleaningapi.Code), LegalBasis: clean, Fields: []string{population.AllFields}, Officer: true, Dossier: true,
		})
	}
	// Who looked whom up is asked by the national page alone, which the ministry runs.
	out = append(
		out, exchange.Right{Subject: register, Service: register.Of("usage"), LegalBasis: law, Fields: []string{population.AllFields}},
	)
	few := []string{"number", "name", "birth", "sex", "permanent", "life"}
	purposes := []string{"2.000986", "1.001193", "3.000001"}
	for _, service := range []string{population.ServiceMatch, population.ServiceFacts, population.ServiceLife} {
		out = append(out, exchange.Right{
			Subject: insurance, Service: register.Of(service), LegalBasis: law, Fields: few, Purposes: purposes,
			Quota: exchange.Quota{Calls: 100_000, Per: exchange.Day},
		})
	}
	out = append(out, exchange.Right{
		Subject: insuranceNode, Service: register.Of(reconcile.Service), LegalBasis: clean, Fields: []string{"number", "name"}, Purposes: purposes,
		Officer: true, Dossier: true, Quota: exchange.Quota{Calls: 20_000, Per: exchange.Day, Of: exchange.OfPersons},
	})
	return append(out, exchange.Right{
		Subject: insurance, Service: register.Of(population.ServiceFeed), LegalBasis: law, Fields: []string{"number", "life", "permanent"},
	})
}

// gated are the rights of the province's health system, which it has as soon as it is secure
// as its level demands.
func gated(register, health xroad.ID) []exchange.Right {
	var out []exchange.Right
	for _, service := range []string{population.ServiceMatch, population.ServiceFacts} {
		out = append(out, exchange.Right{
			Subject: health, Service: register.Of(service), LegalBasis: "Luật Căn cước 2023, Điều 10; Luật Khám bệnh, chữa bệnh 2023",
			Fields: []string{"number", "name", "birth", "sex"}, Security: true,
		})
	}
	return out
}

// firstQuestions asks about the demo's citizen, so that their page has something to
// show. They travel as all questions do.
func (c *Country) firstQuestions(ctx context.Context) {
	for _, q := range []struct {
		node, service, officer, purpose, dossier string
		fields                                   []population.Field
	}{
		{
			"thainguyen", population.ServiceFacts, "canbo.test", "1.001193", "H55-261120-0012",
			[]population.Field{"name", "birth", "permanent", "marital"},
		},
		{"bhxh", population.ServiceLife, "bhxh.trangnt", "2.000986", "G24-261119-0203", nil},
	} {
		n := c.Node(q.node)
		service := c.Node("authority").SubsystemID().Of(q.service)
		if err := n.ask(ctx, service, q.officer, q.purpose, q.dossier, q.fields); err != nil && ctx.Err() == nil {
			n.Node.Log.Warn("the demo's first question", "error", err)
		}
	}
}

func (n *Node) ask(ctx context.Context, service xroad.ID, officer, purpose, dossier string, fields []population.Field) error {
	body, err := json.Marshal(map[string]any{"number": "001090000001", "fields": fields})
	if len(fields) == 0 {
		body = []byte(`{"number":"001090000001"}`)
	}
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://localhost/r1/"+service.String(), bytes.NewReader(body))
	if err != nil {
		return err
	}
	for k, v := range map[string]string{
		"Content-Type": "application/json", xroad.HeaderClient: n.SubsystemID().String(), xroad.HeaderUserID: officer,
		xroad.HeaderPurpose: purpose, xroad.HeaderIssue: dossier,
	} {
		r.Header.Set(k, v)
	}
	answer, err := n.Modules.Gateway.Call(ctx, r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s %s", service, answer.Status, answer.Header.Get(xroad.HeaderError))
	}
	return nil
}
