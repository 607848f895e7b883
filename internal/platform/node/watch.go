package node

import (
	"context"
	"strings"
	"time"

	"dean06/internal/platform/alarm"
	"dean06/internal/platform/health"
)

const (
	// watchEvery is how often the node looks at itself; the first look comes soon.
	watchEvery = 20 * time.Second
	watchFirst = 5 * time.Second
	// doctorAlarm is before the name of the check in the kind of its alarm.
	doctorAlarm = "doctor."
)

// watch looks regularly at what may fail, and keeps an alarm for each that does, until ctx ends.
func (n *Node) watch(ctx context.Context) {
	next := time.NewTimer(watchFirst)
	defer next.Stop()
	var before map[alarmKey]bool
	for {
		select {
		case <-ctx.Done():
			return
		case <-next.C:
		}
		found := n.Examine(ctx, health.Regular)
		if ctx.Err() != nil {
			return // what ended with the node failed with it
		}
		failed, err := n.keepAlarms(ctx, found, before)
		if err != nil && ctx.Err() == nil {
			n.Log.Error("alarms of what the node found", "error", err)
		}
		before = failed
		next.Reset(watchEvery)
	}
}

type alarmKey struct{ kind, subject string }

// keepAlarms raises what fails and ends what no longer does. What does not stop the node has to
// fail twice in a row: somebody else's restart is no alarm. It gives what failed.
func (n *Node) keepAlarms(ctx context.Context, found []health.Finding, before map[alarmKey]bool) (map[alarmKey]bool, error) {
	failed := map[alarmKey]bool{}
	for _, f := range found {
		if f.Level != health.Failing {
			continue
		}
		key := alarmKey{doctorAlarm + f.Check, f.Subject}
		failed[key] = true
		if !f.Stops && !before[key] {
			continue
		}
		a := alarm.Alarm{Kind: key.kind, Subject: key.subject, Level: f.Level, Owner: f.Owner, Key: f.Key, Args: f.Args}
		if err := n.Alarms.Raise(ctx, a); err != nil {
			return failed, err
		}
	}
	open, err := n.Alarms.Open(ctx)
	if err != nil {
		return failed, err
	}
	for _, a := range open {
		if strings.HasPrefix(a.Kind, doctorAlarm) && !failed[alarmKey{a.Kind, a.Subject}] {
			if err := n.Alarms.Clear(ctx, a.Kind, a.Subject); err != nil {
				return failed, err
			}
		}
	}
	return failed, nil
}
