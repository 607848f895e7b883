package app

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangeapi"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/clock/clocktest"
	"dean06/internal/platform/fault"
	"dean06/internal/security"
	"dean06/internal/xroad"
)

// gated is a nation whose province calls the authority by a right that demands security.
func gated(t *testing.T) (n *nation, province, authority *party) {
	t.Helper()
	n = newNation(t)
	authority = n.gateway("G01-1", nil, dancu)
	province = n.gateway("H55-1", nil, tthc, yte)
	authority.demands(fine, exchange.Right{Subject: yte, Security: true}, exchange.Right{Subject: tthc, Security: true})
	n.spread(authority, province)
	return n, province, authority
}

// The whole way: nothing is known, a system without a dossier, one that is approved; and
// whoever is refused gets in by itself soon after the mending, without a restart.
func TestGateFromTheDeskToTheCall(t *testing.T) {
	t.Parallel()
	n, province, authority := gated(t)
	province.is("before anybody said anything", yte, xroad.SecurityNoFacts)
	n.tell(authority)
	province.is("no system names it", yte, xroad.SecurityNoSystem)
	must(t, n.desk.Tell(t.Context(), officer, "H55", "s2", 0, security.Told{Subsystems: []string{yte.String()}}))
	n.tell(authority)
	province.is("no dossier", yte, xroad.SecurityNoDossier)
	n.approve("s2", yte.String())
	province.is("approved, and the hub does not know it yet", yte, xroad.SecurityNoDossier)
	n.tell() // the gateway is not asked to refresh: the refused call makes it ask
	n.clock.Pass(10 * time.Second)
	soon(t, "it opens without a restart", func() bool { code, _ := province.asks(yte); return code == "" })
	province.is("another system of the agency stays as it is", tthc, xroad.SecurityNoSystem)
}

func soon(t *testing.T, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !f(); {
		if time.Now().After(end) {
			t.Fatalf("not within 30 s: %s", what)
		}
	}
}

// The board is away, then the hub too: what passes passes until its moment and closes by
// itself, also after a restart; what was mended meanwhile opens once both are back.
func TestGateWhileOthersAreAway(t *testing.T) {
	t.Parallel()
	n, province, authority := gated(t)
	n.approve("s2", yte.String())
	f := n.finding()
	n.tell(authority, province)
	province.is("the finding is in its term", yte, "")
	n.clock.Pass(5 * 24 * time.Hour) // the board says nothing for five days, the hub goes on
	n.spread(authority, province)
	province.is("the board is away", yte, "")
	n.away.Store(true)
	n.clock.Pass(f.Due.Sub(n.clock.Now()) - time.Second)
	authority.restart()
	authority.Provide(ask, fine)
	province.is("a second before the end, all are away, after a restart", yte, "")
	n.clock.Pass(time.Second)
	province.is("the term has passed", yte, xroad.SecurityFinding)
	n.mended(f)
	province.is("mended, and nobody can say so", yte, xroad.SecurityFinding)
	n.away.Store(false)
	n.tell(authority)
	province.is("all are back", yte, "")
}

// Grace ends at midnight in Vietnam: it passes to the last nanosecond, and not at it.
func TestGateAndTheEndOfGrace(t *testing.T) {
	t.Parallel()
	n, province, authority := gated(t)
	must(t, n.desk.Tell(t.Context(), officer, "H55", "s2", 0, security.Told{Subsystems: []string{yte.String()}}))
	must(t, n.desk.AskGrace(t.Context(), inspector, security.Grace{Agency: "H55", System: "s2", Until: clock.MustDate("2026-12-03"), Reason: "Chờ quyết định"}))
	// A subsystem that is named after the grace was given is not let in by it.
	must(t, n.desk.Tell(t.Context(), officer, "H55", "s2", 1, security.Told{Subsystems: []string{yte.String(), tthc.String()}}))
	n.tell(authority, province)
	province.is("by grace", yte, "")
	province.is("another subsystem", tthc, xroad.SecurityNoDossier)
	midnight := time.Date(2026, 12, 4, 0, 0, 0, 0, clock.Zone)
	for _, c := range []struct {
		before time.Duration
		want   xroad.Code
	}{{time.Hour, ""}, {1, ""}, {0, xroad.SecurityNoDossier}} {
		n.clock.Pass(midnight.Add(-c.before).Sub(n.clock.Now()))
		province.is(c.before.String()+" before midnight", yte, c.want)
	}
	// Taken back before its end, it closes as soon as the hub has heard.
	must(t, n.desk.AskGrace(t.Context(), inspector, security.Grace{Agency: "H55", System: "s2", Until: clock.MustDate("2026-12-10"), Reason: "Chờ quyết định"}))
	n.tell(authority, province)
	province.is("by another grace", yte, "")
	must(t, n.desk.EndGrace(t.Context(), inspector, healthOf))
	n.tell(authority)
	province.is("taken back", yte, xroad.SecurityNoDossier)
}

// Nothing older takes the place of what is newer: neither a statement of the board nor a
// configuration of the hub, though both are signed as they should be.
func TestGateAndWhatIsOld(t *testing.T) {
	t.Parallel()
	n, province, authority := gated(t)
	ctx := t.Context()
	n.approve("s2", yte.String())
	list, at, err := n.desk.Clearances(ctx)
	must(t, err)
	open := said(at, list)
	n.tell(authority, province)
	published, err := n.hub.Configuration(ctx)
	must(t, err)
	f := n.finding()
	n.clock.Pass(f.Due.Sub(n.clock.Now()))
	n.tell(authority, province)
	province.is("closed", yte, xroad.SecurityFinding)

	if err := n.board.Clear(ctx, open); fault.Of(err) != fault.Conflict {
		t.Errorf("an older statement: %v", err)
	}
	replay := func(exchange.Signed) exchange.Signed { return published.Signed }
	authority.changed.Store(&replay)
	if err := authority.Refresh(ctx); err == nil || !strings.Contains(err.Error(), "older") {
		t.Errorf("a configuration from before: %v", err)
	}
	province.is("after both", yte, xroad.SecurityFinding)
}

// A clock that is wrong opens nothing: set back, the configuration's moment counts; set
// forward, doors close early and the two gateways do not speak.
func TestGateAndClocks(t *testing.T) {
	t.Parallel()
	n := newNation(t)
	own := &clocktest.Clock{}
	own.Set("2026-11-30 09:00")
	authority, province := n.gateway("G01-1", own, dancu), n.gateway("H55-1", nil, yte)
	authority.demands(fine, exchange.Right{Subject: yte, Security: true})
	n.approve("s2", yte.String())
	f := n.finding()
	n.tell(authority, province)
	province.is("open", yte, "")
	n.clock.Pass(f.Due.Sub(n.clock.Now()) + time.Minute)
	own.Pass(f.Due.Sub(own.Now()) + time.Minute)
	n.spread(authority, province)
	province.is("closed", yte, xroad.SecurityFinding)
	own.Pass(-90 * time.Second) // before the end, as far as clocks may differ
	province.is("set back by less than clocks may differ", yte, xroad.SecurityFinding)
	own.Pass(-72 * time.Hour)
	province.is("set back by three days", yte, xroad.ClockSkew)
	if authority.Directory().Clearing(yte, own.Now()).Open {
		t.Error("a clock three days back opens what was closed when the configuration was made")
	}
	own.Pass(72*time.Hour + 90*time.Second)
	n.mended(f)
	n.tell(authority)
	province.is("mended", yte, "")
	own.Pass(400 * 24 * time.Hour) // the inspection is stale by then
	if authority.Directory().Clearing(yte, own.Now()).Open {
		t.Error("a clock a year ahead leaves it open")
	}
	own.Pass(-400 * 24 * time.Hour)
	province.is("set right again", yte, "")
}

// A name opens and closes nothing: neither a new one in the return nor in the record; and
// nobody leaves a finding behind with a system of another name.
func TestGateAndNames(t *testing.T) {
	t.Parallel()
	n, province, authority := gated(t)
	ctx := t.Context()
	n.approve("s2", yte.String())
	f := n.finding()
	n.systems["H55"][1].Name = "Y tế số"
	n.tell(authority, province)
	province.is("renamed in the return", yte, "")
	must(t, n.desk.Tell(ctx, officer, "H55", "s2", 1, security.Told{Facts: security.Facts{Service: security.Full}, Subsystems: []string{yte.String()}}))
	n.tell(authority, province)
	province.is("renamed in the record", yte, "")
	n.clock.Pass(f.Due.Sub(n.clock.Now()))
	n.tell(authority, province)
	if code, text := province.asks(yte); code != string(xroad.SecurityFinding) || !strings.Contains(text, "Y tế số") || !strings.Contains(text, f.Number) {
		t.Errorf("%s: %s", code, text)
	}
	// Its agency takes the approval back and begins anew under another name.
	v, err := n.desk.One(ctx, head, "H55", "s2")
	must(t, err, n.desk.Withdraw(ctx, head, v.Approved.ID, v.Approved.Version, "Thay hệ thống"))
	must(t, n.desk.Tell(ctx, officer, "H55", "s2", 2, security.Told{}))
	made, err := n.desk.Announce(ctx, officer, "H55", "Hệ thống y tế thế hệ mới", "Sở Y tế")
	must(t, err)
	n.systems["H55"] = append(n.systems["H55"], made)
	n.approve(made.ID, yte.String())
	n.tell(authority, province)
	province.is("the finding of the system before it", yte, xroad.SecurityFinding)
	n.mended(f)
	n.tell(authority)
	province.is("and it was mended", yte, "")
}

// Facts that are not the board's are nobody's: of another gateway, with another's key, changed
// on the way, or of a subsystem that is another agency's.
func TestGateAndForgedFacts(t *testing.T) {
	t.Parallel()
	n, province, authority := gated(t)
	ctx := t.Context()
	n.tell(authority, province)
	forged := exchange.Security{At: n.clock.Now().Add(time.Second), Clearances: []exchange.Clearance{{ID: yte, Until: security.Forever}}}

	own, key := n.member("H04-1", n.clock, "127.0.0.1:2", xroad.MustID("VN/GOV/H04/YTE"))
	if err := own.Clear(ctx, forged); fault.Of(err) != fault.Denied {
		t.Errorf("of another gateway: %v", err)
	}
	as := own.Identity()
	as.Gateway = "A01-1"
	client := &exchangeapi.Client{URL: n.server.URL, Clock: n.clock, Lang: "en"}
	if err := client.Clear(ctx, as, forged); fault.Of(err) != fault.Denied {
		t.Errorf("in another's name: %v", err)
	}
	as = n.board.Identity()
	as.Key = key
	if err := client.Clear(ctx, as, forged); fault.Of(err) != fault.Denied {
		t.Errorf("with another's key: %v", err)
	}
	n.spread(authority, province)
	province.is("after all of them", yte, xroad.SecurityNoSystem)

	must(t, n.desk.Tell(ctx, officer, "H55", "s2", 0, security.Told{Subsystems: []string{yte.String()}}))
	n.tell(authority)
	n.clock.Pass(time.Hour)
	must(t, n.hub.Tend(ctx))
	change := func(s exchange.Signed) exchange.Signed {
		s.Body = bytes.Replace(s.Body, []byte(`"why":"no_dossier"`), []byte(`"until":"9999-12-31T00:00:00Z"`), 1)
		return s
	}
	authority.changed.Store(&change)
	if err := authority.Refresh(ctx); err == nil || !strings.Contains(err.Error(), "signature") {
		t.Errorf("changed on the way: %v", err)
	}
	authority.changed.Store(nil)
	province.is("after that", yte, xroad.SecurityNoDossier)

	stranger := officer
	stranger.Account, stranger.Agency = "la", "H04"
	err := n.desk.Tell(ctx, stranger, "H04", "s1", 0, security.Told{Subsystems: []string{yte.String()}})
	if f := fault.As(err); f == nil || f.Key != "security.subsystem.foreign" {
		t.Errorf("another agency's subsystem: %v", err)
	}
	if err := n.desk.Tell(ctx, stranger, "H55", "s2", 1, security.Told{Subsystems: []string{yte.String()}}); fault.Of(err) != fault.Denied {
		t.Errorf("another agency's system: %v", err)
	}
}

// One agency's words do not keep the hub from hearing of all others.
func TestGateAndOneAgencysWords(t *testing.T) {
	t.Parallel()
	n, province, authority := gated(t)
	n.approve("s2", yte.String())
	list, at, err := n.desk.Clearances(t.Context())
	must(t, err)
	list = append(list, security.Clearance{Subsystem: "VN/GOV/H04/..", Name: "x"}, security.Clearance{
		Subsystem: "VN/GOV/H04/YTE", Name: strings.Repeat("Hệ thống ", 1000), Detail: strings.Repeat("9", 1000), Why: security.NoDossier,
	})
	must(t, n.board.Clear(t.Context(), said(at, list)))
	n.spread(authority, province)
	province.is("though another's words are odd", yte, "")
}

// A subsystem is the same whichever gateway of its member speaks for it, and whether the
// right is its own or its group's.
func TestGateByWhicheverWay(t *testing.T) {
	t.Parallel()
	n := newNation(t)
	n.enter(exchange.Entry{Kind: exchange.GroupEntry, Key: "so", Name: "Các sở", Members: []xroad.ID{yte}})
	authority := n.gateway("G01-1", nil, dancu)
	province, second := n.gateway("H55-1", nil, tthc, yte), n.gateway("H55-2", nil, yte)
	authority.demands(fine, exchange.Right{Group: "so", Security: true})
	must(t, n.desk.Tell(t.Context(), officer, "H55", "s2", 0, security.Told{Subsystems: []string{yte.String()}}))
	n.tell(authority, province, second)
	province.is("through a group", yte, xroad.SecurityNoDossier)
	second.is("through another gateway", yte, xroad.SecurityNoDossier)
	n.approve("s2", yte.String())
	n.tell(authority)
	province.is("approved", yte, "")
	second.is("approved, through another gateway", yte, "")
}

// A call that is under way when the gate closes ends as it began; the next is refused.
func TestGateAndACallUnderWay(t *testing.T) {
	t.Parallel()
	n, province, authority := gated(t)
	inside, goOn := make(chan struct{}), make(chan struct{})
	authority.Provide(ask, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(inside)
		<-goOn
		_, _ = io.WriteString(w, "answered")
	}))
	n.approve("s2", yte.String())
	n.tell(authority, province)
	ended := make(chan string)
	go func() {
		req, _ := http.NewRequestWithContext(context.Background(), http.MethodPost, province.local+"/r1/"+ask.String(), http.NoBody)
		req.Header.Set(xroad.HeaderClient, yte.String())
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			ended <- err.Error()
			return
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		ended <- string(body)
	}()
	<-inside
	v, err := n.desk.One(t.Context(), head, "H55", "s2")
	must(t, err, n.desk.Withdraw(t.Context(), head, v.Approved.ID, v.Approved.Version, "Thôi"))
	n.tell(authority)
	province.is("the next", yte, xroad.SecurityNoDossier)
	close(goOn)
	if got := <-ended; got != "answered" {
		t.Errorf("the call under way: %s", got)
	}
}
