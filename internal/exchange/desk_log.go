package exchange

import (
	"context"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/health"
)

// Search finds records of the log, newest first.
func (d *Desk) Search(ctx context.Context, by actor.Actor, f Filter) ([]Record, error) {
	if err := Permissions.Can(by, ActLog); err != nil {
		return nil, err
	}
	return d.at.Log.Search(ctx, f)
}

// Record reads one record, and all that the log holds of its call. It fails with NotFound.
func (d *Desk) Record(ctx context.Context, by actor.Actor, seq int64) (r Record, call []Record, err error) {
	if err := Permissions.Can(by, ActLog); err != nil {
		return r, nil, err
	}
	list, err := d.at.Log.Range(ctx, seq, seq+1)
	if err != nil {
		return r, nil, err
	}
	if len(list) == 0 {
		return r, nil, fault.New(fault.NotFound, "exchange.log.no_record", fault.Args{"seq": seq})
	}
	all, err := d.at.Log.Message(ctx, list[0].Commitment.RequestID)
	if err != nil {
		return r, nil, err
	}
	for _, h := range all { // a message id may be another call's request id
		if h.Commitment.RequestID == list[0].Commitment.RequestID {
			call = append(call, h)
		}
	}
	return list[0], call, nil
}

// Proof makes the proof of the call that a record belongs to. It fails as Export does.
func (d *Desk) Proof(ctx context.Context, by actor.Actor, seq int64) (Proof, error) {
	dir, err := d.provable(ctx, by)
	if err != nil {
		return Proof{}, err
	}
	return Export(ctx, d.at.Log, dir, seq)
}

// ProofOf makes the proof of a call by its message id or request id. It fails as
// ExportMessage does.
func (d *Desk) ProofOf(ctx context.Context, by actor.Actor, id string) (Proof, error) {
	dir, err := d.provable(ctx, by)
	if err != nil {
		return Proof{}, err
	}
	return ExportMessage(ctx, d.at.Log, dir, id)
}

// provable gives the configuration that proofs go with: the one in use, or the one that
// is stored when the gateway does not run here.
func (d *Desk) provable(ctx context.Context, by actor.Actor) (*Directory, error) {
	if err := Permissions.Can(by, ActProve); err != nil {
		return nil, err
	}
	if dir := d.Directory(); dir != nil {
		return dir, nil
	}
	dir, err := StoredDirectory(ctx, d.at.Store)
	if err == nil && dir == nil {
		err = errNotJoined
	}
	return dir, err
}

// Verify says what a proof of this gateway proves. Anybody may verify a proof that they
// hold; see Proof.Verify.
func (d *Desk) Verify(p Proof) ([]health.Finding, error) {
	return p.Verify(Checks{Stamp: d.at.Stamp}, nil, nil)
}

// CheckLog reads the whole log and computes it anew. It fails as CheckLog does.
func (d *Desk) CheckLog(ctx context.Context, by actor.Actor, known ...Head) (LogReport, error) {
	if err := Permissions.Can(by, ActProve); err != nil {
		return LogReport{}, err
	}
	checks := LogChecks{Known: known}
	dir, err := StoredDirectory(ctx, d.at.Store)
	if err != nil {
		return LogReport{}, err
	}
	if d.at.Stamp != nil {
		var trusted [][]byte
		if dir != nil {
			trusted = append(append(trusted, dir.c.Authorities...), dir.c.Timestamps...)
		}
		checks.Stamp = func(token, data []byte) (time.Time, error) { return d.at.Stamp(token, data, trusted) }
	}
	return CheckLog(ctx, d.at.Log, checks)
}
