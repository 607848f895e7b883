package cleaningnode

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"dean06/internal/cleaning"
	"dean06/internal/cleaning/reconcile"
	"dean06/internal/cleaning/reconcileapi"
	"dean06/internal/cleaning/reconcilesql"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/node"
)

// What is learned of the register for single questions is learned when the first one comes,
// and again when it is old. Meanwhile the old one judges.
const (
	judgeAge  = 24 * time.Hour
	judgeWait = 8 * time.Second // for the first one; who waited in vain asks again
)

// judges keeps what was learned of the register.
type judges struct {
	make func() (*cleaning.Judge, error)
	now  func() time.Time
	log  *slog.Logger

	mu      sync.Mutex
	current *cleaning.Judge
	coming  chan struct{} // closed when the one that is being made is there, or failed
	err     error         // of the last that was made
}

// get gives what was learned. It fails with Conflict while nothing was, as that is told to
// whoever asks in words, and Unavailable is not.
func (j *judges) get(ctx context.Context) (*cleaning.Judge, error) {
	j.mu.Lock()
	current := j.current
	if (current == nil || j.now().Sub(current.AsOf) > judgeAge) && j.coming == nil {
		j.coming = make(chan struct{})
		go j.renew(j.coming)
	}
	coming := j.coming
	j.mu.Unlock()
	if current != nil {
		return current, nil
	}
	select {
	case <-coming:
	case <-time.After(judgeWait):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.current == nil {
		return nil, fault.New(fault.Conflict, "reconcile.getting_ready", nil).Because(j.err)
	}
	return j.current, nil
}

func (j *judges) renew(done chan struct{}) {
	made, err := j.make()
	if err != nil {
		j.log.Error("learn of the register for single questions", "error", err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err = err; err == nil {
		j.current = made
	}
	j.coming = nil
	close(done)
}

// learn reads everybody, as of one moment.
func (n *Node) learn() (*cleaning.Judge, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	var asOf cleaning.Moment
	begun := n.base.Clock.Now()
	everybody, err := files{n.base.Files}.Scratch(ctx, func(w io.Writer) (err error) {
		asOf, err = n.needs.Register.People(ctx, w)
		return err
	})
	if err != nil {
		return nil, err
	}
	people, err := cleaning.OpenFile(everybody, "register")
	if err != nil {
		return nil, fmt.Errorf("read the register: %w", err)
	}
	defer people.Close()
	w, err := n.world()
	if err != nil {
		return nil, err
	}
	j, err := cleaning.NewJudge(w, people, asOf.At)
	if err != nil {
		return nil, err
	}
	n.base.Log.Info("learned of the register for single questions", "people", j.People, "took", n.base.Clock.Now().Sub(begun))
	return j, nil
}

// reconciling is the service of the exchange by which agencies' programs ask about single
// rows.
func (n *Node) reconciling() node.Service {
	j := &judges{make: n.learn, now: n.base.Clock.Now, log: n.base.Log}
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails, says crypto/rand
	n.tally = reconcilesql.New(n.base.DB, n.needs.Told)
	api := &reconcileapi.API{Texts: n.base.Messages, Log: n.base.Log, Answerer: &reconcile.Answerer{
		Register: n.needs.Alike, Tally: n.tally, Judge: j.get, Clock: n.base.Clock, Key: key,
	}}
	return node.Service{
		Subsystem: n.needs.Subsystem, Code: reconcile.Service, NameKey: "reconcile.service", Type: "REST", Handler: http.Handler(api),
	}
}

// end deletes what has had its time.
func (n *Node) end(ctx context.Context) error {
	return errors.Join(n.desk.End(ctx), n.forget(ctx), n.tally.Forget(ctx, clock.DayOf(n.base.Clock.Now())))
}
