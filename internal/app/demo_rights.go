package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/platform/clock"
	"dean06/internal/population"
	"dean06/internal/xroad"
)

// settle gives the rights of the demo, as the register's owner would, and waits until
// a question comes through.
func (c *Country) settle(ctx context.Context) error {
	authority, province, insurance := c.Node("authority"), c.Node("thainguyen"), c.Node("bhxh")
	g := authority.house.gateway
	j, err := awaitJoined(ctx, g)
	if err != nil {
		return err
	}
	from := clock.MustDate("2026-01-01")
	for _, r := range demoRights(authority.subsystemID(), province.subsystemID(), insurance.subsystemID()) {
		r.From = from
		if err := g.grant(ctx, r); err != nil {
			return err
		}
	}
	if err := j.ReloadRights(ctx); err != nil {
		return err
	}
	for _, n := range c.Nodes {
		if _, err := awaitJoined(ctx, n.house.gateway); err != nil {
			return err
		}
	}
	if err := c.publish(ctx); err != nil {
		return err
	}
	asked, err := authority.house.authority.self.Asked(ctx)
	if err != nil {
		return err
	}
	if !asked {
		c.group.Go(func() error { c.firstQuestions(ctx); return nil })
	}
	return nil
}

// publish waits until the register's event types are at the hub, so that the first
// who wants to hear of them can.
func (c *Country) publish(ctx context.Context) error {
	hub := c.Node("hub").house
	j, err := awaitJoined(ctx, hub.gateway)
	if err != nil {
		return err
	}
	if err := hub.hub.welcome(ctx, hub.gateway, j); err != nil {
		return err
	}
	for try := 0; ; try++ {
		err := c.Node("authority").house.authority.publish(ctx)
		if err == nil || ctx.Err() != nil || try == 20 {
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// demoRights are what the demo's register lets the two agencies ask: the province,
// whose systems ask for many procedures, everything; Social Security only what its
// procedures need.
func demoRights(register, province, insurance xroad.ID) []exchange.Right {
	const law = "Luật Căn cước 2023, Điều 10; Nghị định 137/2015/NĐ-CP, Điều 8"
	var out []exchange.Right
	for _, service := range []string{
		population.ServiceMatch, population.ServiceFacts, population.ServiceHousehold, population.ServiceResidence, population.ServiceMarital,
		population.ServiceLife, population.ServiceGuardian, "lists",
	} {
		out = append(out, exchange.Right{Subject: province, Service: register.Of(service), LegalBasis: law, Fields: []string{population.AllFields}})
	}
	// Who looked whom up is asked by the national page alone, which the ministry runs.
	out = append(out, exchange.Right{Subject: register, Service: register.Of("usage"), LegalBasis: law, Fields: []string{population.AllFields}})
	few := []string{"number", "name", "birth", "sex", "permanent", "life"}
	purposes := []string{"2.000986", "1.001193", "3.000001"}
	for _, service := range []string{population.ServiceMatch, population.ServiceFacts, population.ServiceLife} {
		out = append(out, exchange.Right{
			Subject: insurance, Service: register.Of(service), LegalBasis: law, Fields: few, Purposes: purposes,
			Quota: exchange.Quota{Calls: 100_000, Per: exchange.Day},
		})
	}
	return append(out, exchange.Right{
		Subject: insurance, Service: register.Of(population.ServiceFeed), LegalBasis: law, Fields: []string{"number", "life", "permanent"},
	})
}

func awaitJoined(ctx context.Context, g *gatewayPart) (*joined, error) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if j := g.joined.Load(); j != nil {
			return j, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-tick.C:
		}
	}
}

// firstQuestions asks about the demo's citizen, so that their page has something to
// show. They travel as all questions do.
func (c *Country) firstQuestions(ctx context.Context) {
	for _, q := range []struct {
		node, service, officer, purpose, dossier string
		fields                                   []population.Field
	}{
		{"thainguyen", population.ServiceFacts, "canbo.test", "1.001193", "H55-261120-0012", []population.Field{"name", "birth", "permanent", "marital"}},
		{"bhxh", population.ServiceLife, "bhxh.trangnt", "2.000986", "G24-261119-0203", nil},
	} {
		n := c.Node(q.node)
		j, err := awaitJoined(ctx, n.house.gateway)
		if err != nil {
			return
		}
		if err := ask(ctx, j, n.subsystemID(), c.Node("authority").subsystemID().Of(q.service), q.officer, q.purpose, q.dossier, q.fields); err != nil {
			n.house.log.Warn("the demo's first question", "error", err)
		}
	}
}

func ask(ctx context.Context, j *joined, client, service xroad.ID, officer, purpose, dossier string, fields []population.Field) error {
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
		"Content-Type": "application/json", xroad.HeaderClient: client.String(), xroad.HeaderUserID: officer,
		xroad.HeaderPurpose: purpose, xroad.HeaderIssue: dossier,
	} {
		r.Header.Set(k, v)
	}
	answer, err := j.Call(ctx, r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s %s", service, answer.Status, answer.Header.Get(xroad.HeaderError))
	}
	return nil
}
