package readiness

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// Arrival is the number and the moment at which a paper or a return came in. Numbers
// begin anew each year, as those of the register of incoming papers do (Nghị định
// 30/2020, Điều 22).
type Arrival struct {
	Number int // 0: it came before numbers were given
	At     time.Time
}

// Day is the day on which it came.
func (a Arrival) Day() clock.Date { return clock.DayOf(a.At) }

// String is the number as people cite it: "12/2026".
func (a Arrival) String() string {
	if a.Number == 0 {
		return ""
	}
	return strconv.Itoa(a.Number) + "/" + strconv.Itoa(a.Day().Year())
}

// DaysLate is by how many days the version came after the due day; 0: in time. When it
// came counts, not when somebody took it in.
func (v Version) DaysLate(c Campaign) int { return c.LateBy(v.Came()) }

// Came is when the version came in.
func (v Version) Came() time.Time {
	if v.Arrival.At.IsZero() {
		return v.At
	}
	return v.Arrival.At
}

// arrive gives what now has beyond was the next number, unless it is of a paper that has
// one already.
func (r *Register) arrive(ctx context.Context, tx Tx, was, now Record) error {
	for i := len(was.Versions); i < len(now.Versions); i++ {
		v := &now.Versions[i]
		if v.Arrival != (Arrival{}) {
			continue
		}
		var err error
		if v.Arrival, err = arrival(ctx, tx, v.At); err != nil {
			return err
		}
	}
	return nil
}

func arrival(ctx context.Context, tx Tx, at time.Time) (Arrival, error) {
	n, err := tx.NextArrival(ctx, clock.DayOf(at).Year())
	return Arrival{Number: n, At: at}, err
}

// written keeps a return as its agency hands it in, where it comes in no file: the
// original of what was typed, or sent by a programme. What cannot be handed in is not kept.
func (r *Register) written(ctx context.Context, v View, ret Return, channel Channel) (FileRef, error) {
	if len(Faults(Check(v.Template, ret, v.Agency.Kind))) > 0 {
		return FileRef{}, nil
	}
	raw, err := json.MarshalIndent(ret, "", "  ")
	if err != nil {
		return FileRef{}, fmt.Errorf("write return of %s: %w", v.Agency.Code, err)
	}
	sum, err := r.papers.Put(ctx, raw)
	return FileRef{Name: fmt.Sprintf("%s-%s-%s.json", v.Campaign.ID, v.Agency.Code, channel), SHA256: sum, Size: int64(len(raw))}, err
}

// Receipt is what an agency is given for a return that came in.
type Receipt struct {
	Campaign Campaign
	Agency   Agency
	Template *Template
	Version  Version
	State    State // of the version, by now
	Handed   bool  // by the agency itself, not entered or taken in by the office
	Attached []Attachment
}

// Receipt gives the receipt of a version, without the focal point's data. It fails with
// NotFound when there is no such version.
func (r *Register) Receipt(ctx context.Context, who actor.Actor, campaign, agency string, version int) (Receipt, error) {
	v, err := r.Look(ctx, who, campaign, agency)
	if err != nil {
		return Receipt{}, err
	}
	if version < 1 || version > len(v.Record.Versions) {
		return Receipt{}, fault.New(fault.NotFound, "readiness.return.not_found", fault.Args{"agency": v.Agency.Name, "campaign": campaign})
	}
	out := Receipt{
		Campaign: v.Campaign, Agency: v.Agency, Template: v.Template, Version: v.Record.Versions[version-1],
		State: v.Record.VersionState(version, time.Time{}), Attached: v.Record.Attached(version),
	}
	out.Version.Return.Contact = Contact{}
	out.Handed = out.Version.Channel == ByWeb || out.Version.Channel == ByAPI
	return out, nil
}

// ReceiptLine is a line of a receipt, as keys of messages: what it is about, and what it
// says.
type ReceiptLine struct {
	Label, Text string
	Args        map[string]any
}

// Lines are what a receipt says, on paper and on its page.
func (r Receipt) Lines() []ReceiptLine {
	v, c := r.Version, r.Campaign
	out := []ReceiptLine{
		{"readiness.receipt.number", "readiness.receipt.number.is", map[string]any{"number": v.Arrival.String()}},
		{"readiness.receipt.came", "readiness.receipt.came.is", map[string]any{"time": v.Came()}},
		{"readiness.receipt.of", "readiness.receipt.of.is", map[string]any{"agency": r.Agency.Name}},
		{"readiness.receipt.letter", "readiness.receipt.letter.is", map[string]any{"number": c.Number, "issued": c.Issued}},
		{"readiness.receipt.version", "readiness.receipt.version.is", map[string]any{"n": v.Number, "answers": len(v.Return.Answers)}},
		{"readiness.receipt.channel", "readiness.channel." + string(v.Channel), nil},
		{"readiness.receipt.original", "readiness.receipt.original.is", map[string]any{"file": baseName(v.File.Name), "sum": v.File.SHA256}},
		{"readiness.receipt.due", "readiness.receipt.in_time", map[string]any{"due": c.Due}},
	}
	for _, a := range r.Attached {
		line := ReceiptLine{"readiness.receipt.attachment", "readiness.receipt.original.is", map[string]any{"file": a.File.Name, "sum": a.File.SHA256}}
		out = slices.Insert(out, len(out)-1, line)
	}
	if n := v.DaysLate(c); n > 0 {
		last := &out[len(out)-1]
		last.Text, last.Args["n"] = "readiness.receipt.late", n
	}
	return slices.DeleteFunc(out, func(l ReceiptLine) bool {
		return l.Label == "readiness.receipt.number" && v.Arrival.Number == 0 || l.Label == "readiness.receipt.original" && v.File.SHA256 == ""
	})
}
