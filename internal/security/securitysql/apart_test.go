package securitysql_test

import (
	"context"
	"testing"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/security"
	"dean06/internal/security/securitysql"
)

// twin is a second account of somebody, with any role.
func twin(of actor.Actor, roles ...string) actor.Actor {
	of.Account, of.Roles = of.Account+"-2", roles
	return of
}

// A step is offered to nobody who would be refused: neither to a second account of the author
// nor of who appraised.
func TestAStepIsOfferedToWhoMayTakeIt(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, ctx context.Context, b *bench) {
		b.SamePerson = func(_ context.Context, one, other string) (bool, error) {
			return one+"-2" == other || other+"-2" == one, nil
		}
		must(t, b.Tell(ctx, author, "H55", "s1", 0, security.Told{Facts: security.Facts{Service: security.Full}}))
		d, err := b.Begin(ctx, author, "H55", "s1")
		must(t, err)
		must(t, b.Write(ctx, author, d.ID, 1, d.Level, texts))
		must(t, b.Submit(ctx, author, d.ID, 2))
		d = *b.view(t, "s1").Open
		denied := func(err error, key string) {
			t.Helper()
			if f := fault.As(err); f == nil || f.Key != key {
				t.Errorf("got %v, want %s", err, key)
			}
		}
		denied(b.Turn(ctx, twin(author, security.UnitStaff), d), "security.dossier.own")
		denied(b.Turn(ctx, head, d), "security.denied.office_unit")
		must(t, b.Turn(ctx, unit, d))
		must(t, b.Appraise(ctx, unit, d.ID, d.Version, "Đạt"))
		d = *b.view(t, "s1").Open
		denied(b.Turn(ctx, twin(unit, security.HeadRole), d), "security.dossier.own_appraisal")
		denied(b.Turn(ctx, twin(author, security.HeadRole), d), "security.dossier.own")
		both := unit
		both.Roles = []string{security.UnitStaff, security.HeadRole}
		denied(b.Turn(ctx, both, d), "security.dossier.own_appraisal")
		must(t, b.Turn(ctx, head, d))
		must(t, b.Approve(ctx, head, d.ID, d.Version, security.Decision{
			Paper: security.Paper{Number: "9/QĐ-UBND", Day: clock.DayOf(b.clock.Now())}, File: security.File{Name: "qd.pdf", SHA256: "aa"},
		}))
		denied(b.MayWithdraw(ctx, twin(author, security.HeadRole), *b.view(t, "s1").Approved), "security.dossier.own")
		must(t, b.MayWithdraw(ctx, head, *b.view(t, "s1").Approved))
	})
}

// Two people are two people: wherever the rules ask for another person, a second account of
// the same one is refused, and somebody else may.
func TestASecondAccountIsNotAnotherPerson(t *testing.T) {
	t.Parallel()
	of := security.Of{Agency: "H55", System: "s1"}
	// draft leaves a dossier that the officer has written and handed in, and found right by the unit.
	draft := func(t *testing.T, ctx context.Context, b *bench, appraised bool) security.Dossier {
		t.Helper()
		must(t, b.Tell(ctx, author, "H55", "s1", 0, security.Told{Facts: security.Facts{Service: security.Full}}))
		d, err := b.Begin(ctx, author, "H55", "s1")
		must(t, err)
		must(t, b.Write(ctx, author, d.ID, 1, d.Level, texts))
		must(t, b.Submit(ctx, author, d.ID, 2))
		if appraised {
			must(t, b.Appraise(ctx, unit, d.ID, 3, "Đạt"))
		}
		return *b.view(t, "s1").Open
	}
	decision := func(b *bench) security.Decision {
		return security.Decision{
			Paper: security.Paper{Number: "9/QĐ-UBND", Day: clock.DayOf(b.clock.Now())}, File: security.File{Name: "qd.pdf", SHA256: "aa"},
		}
	}
	for _, c := range []struct {
		name      string
		bad, good actor.Actor
		key       string
		prepare   func(t *testing.T, ctx context.Context, b *bench) func(by actor.Actor) error
	}{
		{
			"author and appraiser", twin(author, security.UnitStaff), unit, "security.dossier.own",
			func(t *testing.T, ctx context.Context, b *bench) func(by actor.Actor) error {
				x := draft(t, ctx, b, false)
				return func(by actor.Actor) error { return b.Appraise(ctx, by, x.ID, x.Version, "Đạt") }
			},
		},
		{
			"author and who sends back", twin(author, security.UnitStaff), unit, "security.dossier.own",
			func(t *testing.T, ctx context.Context, b *bench) func(by actor.Actor) error {
				x := draft(t, ctx, b, false)
				return func(by actor.Actor) error { return b.Return(ctx, by, x.ID, x.Version, "Sai") }
			},
		},
		{
			"author and approver", twin(author, security.HeadRole), head, "security.dossier.own",
			func(t *testing.T, ctx context.Context, b *bench) func(by actor.Actor) error {
				x := draft(t, ctx, b, true)
				return func(by actor.Actor) error { return b.Approve(ctx, by, x.ID, x.Version, decision(b)) }
			},
		},
		{
			"appraiser and approver", twin(unit, security.HeadRole), head, "security.dossier.own_appraisal",
			func(t *testing.T, ctx context.Context, b *bench) func(by actor.Actor) error {
				x := draft(t, ctx, b, true)
				return func(by actor.Actor) error { return b.Approve(ctx, by, x.ID, x.Version, decision(b)) }
			},
		},
		{
			"author and who takes the approval back", twin(author, security.HeadRole), head, "security.dossier.own",
			func(t *testing.T, ctx context.Context, b *bench) func(by actor.Actor) error {
				x := draft(t, ctx, b, true)
				must(t, b.Approve(ctx, head, x.ID, x.Version, decision(b)))
				return func(by actor.Actor) error { return b.Withdraw(ctx, by, x.ID, x.Version+1, "Thôi") }
			},
		},
		{
			"who told the facts and appraiser", unit, twin(head, security.UnitStaff), "security.dossier.own",
			func(t *testing.T, ctx context.Context, b *bench) func(by actor.Actor) error {
				must(t, b.Tell(ctx, unit, "H55", "s1", 0, security.Told{Facts: security.Facts{Service: security.Full}}))
				d, err := b.Begin(ctx, author, "H55", "s1")
				must(t, err)
				must(t, b.Write(ctx, author, d.ID, 1, d.Level, texts))
				must(t, b.Submit(ctx, author, d.ID, 2))
				return func(by actor.Actor) error { return b.Appraise(ctx, by, d.ID, 3, "Đạt") }
			},
		},
		{
			"who asks for an exception and who approves it", twin(author, security.HeadRole), head, "security.control.own",
			func(t *testing.T, ctx context.Context, b *bench) func(by actor.Actor) error {
				must(t, b.Tell(ctx, author, "H55", "s1", 0, security.Told{Facts: security.Facts{Service: security.Full}}))
				must(t, b.AskException(ctx, author, security.Requirement{Of: of, Code: "network.ids"}, "Đang đấu thầu", clock.MustDate("2026-12-31")))
				return func(by actor.Actor) error {
					return b.ApproveException(ctx, by, security.Requirement{Of: of, Code: "network.ids"})
				}
			},
		},
		{
			"who mended and who retests", twin(author, security.UnitStaff), unit, "security.finding.own",
			func(t *testing.T, ctx context.Context, b *bench) func(by actor.Actor) error {
				must(t, b.AddFinding(ctx, unit, security.Finding{Agency: "H55", System: "s1", Severity: security.High, Title: "Lỗ hổng"}))
				f := b.view(t, "s1").Findings[0]
				must(t, b.Mend(ctx, author, f.ID, f.Version, "Đã vá"))
				return func(by actor.Actor) error { return b.Retest(ctx, by, f.ID, f.Version+1, true, "Tốt") }
			},
		},
		{
			"what the ministry found and the agency", unit, inspector, "security.finding.ministry",
			func(t *testing.T, ctx context.Context, b *bench) func(by actor.Actor) error {
				must(t, b.AddFinding(ctx, inspector, security.Finding{Agency: "H55", System: "s1", Severity: security.Critical, Title: "Lỗ hổng"}))
				f := b.view(t, "s1").Findings[0]
				must(t, b.Mend(ctx, author, f.ID, f.Version, "Đã vá"))
				return func(by actor.Actor) error { return b.Retest(ctx, by, f.ID, f.Version+1, true, "Tốt") }
			},
		},
		{
			"who asks for grace and who gives it", twin(inspector, security.Examiner), second, "security.grace.own",
			func(t *testing.T, ctx context.Context, b *bench) func(by actor.Actor) error {
				must(t, b.Tell(ctx, author, "H55", "s1", 0, security.Told{Subsystems: []string{"VN/GOV/H55/TTHC"}}))
				must(t, b.Desk.AskGrace(ctx, inspector, security.Grace{Agency: "H55", System: "s1", Until: clock.MustDate("2026-12-03"), Reason: "Chờ"}))
				return func(by actor.Actor) error {
					return b.db.InTx(ctx, func(tx *sqldb.Tx) error { return b.GiveGrace(ctx, securitysql.In(tx), b.asked[0], by) })
				}
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			onBoth(t, func(t *testing.T, ctx context.Context, b *bench) {
				b.SamePerson = func(ctx context.Context, one, other string) (bool, error) {
					_, err := sqldb.One[int](ctx, b.db, `SELECT 1`) // it reads the same database
					return one+"-2" == other || other+"-2" == one, err
				}
				do := c.prepare(t, ctx, b)
				err := do(c.bad)
				if f := fault.As(err); f == nil || f.Kind != fault.Denied || f.Key != c.key {
					t.Fatalf("got %v, want %s", err, c.key)
				}
				must(t, do(c.good))
			})
		})
	}
}
