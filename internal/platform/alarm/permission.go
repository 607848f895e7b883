package alarm

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/permit"
	"dean06/internal/platform/sqldb"
)

// Action is something that may be done with an alarm.
type Action string

// The actions.
const (
	ActRead Action = "read"
	ActTake Action = "take"
	ActEnd  Action = "end"
)

// Permissions are who may do what, on a node where those keep and those only see.
func Permissions(keepers, readers []string) permit.Table[Action] {
	return permit.Table[Action]{Module: "alarm", Rows: []permit.Row[Action]{
		{Action: ActRead, Roles: union(keepers, readers), Command: true},
		{Action: ActTake, Roles: keepers},
		{Action: ActEnd, Roles: keepers, Purpose: true},
	}}
}

func union(a, b []string) []string {
	out := slices.Clone(a)
	for _, r := range b {
		if !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}

// Actions are what this package leaves in the audit log.
var Actions = []string{"alarm.raise", "alarm.take", "alarm.end"}

func (s *Service) table() permit.Table[Action] { return Permissions(s.opts.Keepers, s.opts.Readers) }

// May says whether somebody may do something with alarms.
func (s *Service) May(who actor.Actor, do Action) error { return s.table().Can(who, do) }

func checkWhy(why string) (string, error) {
	why = strings.TrimSpace(why)
	switch {
	case why == "":
		return "", fault.New(fault.Invalid, "alarm.why.missing", nil).At("why")
	case utf8.RuneCountInString(why) > maxWhy:
		return "", fault.New(fault.Invalid, "alarm.why.long", fault.Args{"most": maxWhy}).At("why")
	}
	return why, nil
}

// KindEnd is the code of requests to end an alarm that takes two people.
const KindEnd = "alarm.end"

// Kind is the kind of these requests: another keeper of the node decides.
func (s *Service) Kind() approval.Kind {
	return approval.Kind{
		Code: KindEnd, Deciders: s.opts.Keepers, Apply: s.apply,
		Href: func(r approval.Request) string { return Path + "/" + r.Subject },
	}
}

type ending struct {
	ID string `json:"id"`
}

func (s *Service) ask(ctx context.Context, who actor.Actor, a Alarm, why string) error {
	open, err := s.approvals.Find(ctx, approval.Filter{Kind: KindEnd, State: approval.Open, About: a.ID})
	if err != nil {
		return err
	}
	if len(open) > 0 {
		return errAsked
	}
	payload, err := json.Marshal(ending{a.ID})
	if err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := s.approvals.Ask(ctx, tx, who, approval.Request{
			Kind: KindEnd, Subject: a.ID, Reason: why, Payload: payload, SaysKey: a.Key, SaysArgs: a.Args,
		})
		return err
	})
}

func (s *Service) apply(ctx context.Context, tx *sqldb.Tx, r approval.Request) error {
	var e ending
	if err := json.Unmarshal(r.Payload, &e); err != nil {
		return fmt.Errorf("read the alarm of request %s: %w", r.ID, err)
	}
	a, err := s.lock(ctx, tx, e.ID)
	if err != nil {
		return err
	}
	return s.EndIn(ctx, tx, r.By, a, r.Reason)
}
