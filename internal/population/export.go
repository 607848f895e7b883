package population

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// The register leaves as a file when one person asked for it and another approved.

// ExportRequest is what one person asks.
type ExportRequest struct {
	Purpose  string     `json:"purpose"`
	Province string     `json:"province,omitempty"` // code, old or new; empty is all
	Until    clock.Date `json:"until"`              // the last day on which the file may be written
}

// Export is a request that a second person approved: it lets one file be written.
type Export struct {
	ExportRequest
	ID         string // of the request
	AskedBy    string // account ids
	ApprovedBy string
	ApprovedAt time.Time
	UsedAt     time.Time // zero while no file was written
}

// Approvals takes what a second person must approve.
type Approvals interface {
	// AskExport leaves a request for somebody who may approve it, and gives its id.
	AskExport(ctx context.Context, by actor.Actor, q ExportRequest) (string, error)
	// AskAnnulment does the same for an annulment, with what it changes.
	AskAnnulment(ctx context.Context, by actor.Actor, q AnnulmentRequest, plan AnnulmentPlan) (string, error)
}

// How long an approved export may wait for being written.
const (
	ExportDays    = 7
	maxExportDays = 30
)

// RequestExport asks that the register may leave as a file, and gives the request's id.
// Without a day it holds for ExportDays. It fails with Denied, and with Invalid without
// a purpose, for a day too far away and for a province that there is not.
func (r *Register) RequestExport(ctx context.Context, a actor.Actor, q ExportRequest) (string, error) {
	if err := Permissions.Can(a, RequestExport); err != nil {
		return "", err
	}
	today := clock.DayOf(r.Clock.Now())
	if q.Until.IsZero() {
		q.Until = today.AddDays(ExportDays)
	}
	q.Purpose = strings.TrimSpace(q.Purpose)
	switch {
	case q.Purpose == "":
		return "", fault.New(fault.Invalid, "population.purpose.missing", nil).At("purpose")
	case utf8.RuneCountInString(q.Purpose) > maxName:
		return "", fault.New(fault.Invalid, "population.text.long", fault.Args{"max": maxName}).At("purpose")
	case q.Until.Before(today) || q.Until.After(today.AddDays(maxExportDays)):
		return "", fault.New(fault.Invalid, "population.export.until", fault.Args{"days": maxExportDays}).At("until")
	case q.Province != "" && len(r.Units.SameProvince(q.Province)) == 0:
		return "", fault.New(fault.Invalid, "population.place.unknown", fault.Args{"code": cut(q.Province, 20)}).At("province")
	}
	if r.Approvals == nil {
		return "", fault.New(fault.Unavailable, "population.export.alone", nil)
	}
	return r.Approvals.AskExport(ctx, a, q)
}

// Exports are the exports that were approved, newest first, for who may ask for one. It
// fails with Denied.
func (r *Register) Exports(ctx context.Context, a actor.Actor, limit int) ([]Export, error) {
	if err := Permissions.Can(a, RequestExport); err != nil {
		return nil, err
	}
	return r.Store.Exports(ctx, pageOf(limit))
}

// Export writes persons as a file that Load reads, and gives how many: by a request that
// was approved, once, whatever becomes of the file. It fails with Denied, NotFound when
// the request was not approved, and Conflict when it was used or its last day has passed.
func (r *Register) Export(ctx context.Context, a actor.Actor, request string, w io.Writer) (int, error) {
	if err := Permissions.Can(a, ExportFile); err != nil {
		return 0, err
	}
	e, err := r.Store.UseExport(ctx, request, r.Clock.Now())
	if err != nil {
		return 0, err
	}
	out := csv.NewWriter(w)
	if err := out.Write(r.Fields.columns); err != nil {
		return 0, err
	}
	count, err := r.export(ctx, a, e, out)
	out.Flush()
	// What has left has left, even when the rest could not.
	return count, errors.Join(err, out.Error(), r.Store.Exported(context.WithoutCancel(ctx), a, e, count, r.Clock.Now()))
}

func (r *Register) export(ctx context.Context, a actor.Actor, e Export, out *csv.Writer) (int, error) {
	var q Selection
	if e.Province != "" {
		q.Provinces = r.Units.SameProvince(e.Province)
	}
	in := Inquiry{By: a, Purpose: e.Purpose, Service: ServiceExport, RequestID: e.ID}
	var after citizen.Number
	for count := 0; ; {
		persons, err := r.Store.Select(ctx, q, after, 5000)
		if err != nil || len(persons) == 0 {
			return count, err
		}
		after = persons[len(persons)-1].Number
		if e.Province != "" {
			persons = slices.DeleteFunc(persons, func(p Person) bool { return !r.inProvince(p.Permanent, e.Province) })
		}
		if err := r.nameKin(ctx, persons, nil); err != nil {
			return count, err
		}
		subjects := make([]citizen.Number, len(persons))
		for i := range persons {
			subjects[i] = persons[i].Number
		}
		if err := r.log(ctx, in, r.Fields.All(), len(subjects), Answered, subjects); err != nil {
			return count, err
		}
		for i := range persons {
			if err := out.Write(r.Fields.Row(&persons[i])); err != nil {
				return count, err
			}
			count++
		}
	}
}
