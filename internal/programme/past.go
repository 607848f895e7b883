package programme

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
)

// Past is what happened before a node had the programme: what the demo shows, and what a
// benchmark measures.
type Past struct {
	Docs   []Doc
	Units  []UnitTask // as they are after the events
	Events []Event
	Deltas []Delta
}

// story is a past as a file tells it.
type story struct {
	Directives []struct {
		Directive
		Recorded clock.Date `json:"recorded"`
	} `json:"directives"`
	Tasks []struct {
		Task
		Recorded clock.Date `json:"recorded"`
	} `json:"tasks"`
	Progress []struct {
		Task     string     `json:"task"` // its code
		Agencies []string   `json:"agencies"`
		First    int        `json:"first"` // so many of those that have it, by code; 0 with no agencies is all
		Act      State      `json:"act"`   // the state that they came to
		Day      clock.Date `json:"day"`
		Percent  int        `json:"percent"`
		Reason   string     `json:"reason"`
	} `json:"progress"`
	Records []struct {
		Record
		Recorded clock.Date `json:"recorded"`
	} `json:"records"`
}

// The people of a told past: who reported and who accepted are not one.
var (
	teller   = actor.Actor{Account: "system:past", Name: "Dữ liệu mẫu", Via: actor.System}
	reporter = actor.Actor{Account: "system:reporter", Name: "Cán bộ đầu mối (mẫu)", Via: actor.System}
	accepter = actor.Actor{Account: "system:accepter", Name: "Cán bộ điều phối (mẫu)", Via: actor.System}
)

// ReadPast reads a past. What happened is done by the rules of today: a story that they
// would not let happen is an error.
func ReadPast(r io.Reader, c Country, lineage Lineage, newID func() string) (Past, error) {
	var s story
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return Past{}, fmt.Errorf("read the past: %w", err)
	}
	var p Past
	for i := range s.Directives {
		d := &s.Directives[i].Directive
		p.Add(s.Directives[i].Recorded, Doc{Kind: DirectiveDoc, ID: d.ID, Directive: d})
	}
	units := map[string][]*UnitTask{}
	for i := range s.Tasks {
		t, recorded := &s.Tasks[i].Task, s.Tasks[i].Recorded
		for j := range t.Sets {
			t.Sets[j].From = t.From
		}
		p.Add(recorded, Doc{Kind: TaskDoc, ID: t.ID, Task: t})
		if t.Every != Once && t.Every != Always { // each period is opened in its time
			continue
		}
		period, _ := t.PeriodOn(t.From)
		for _, set := range t.Sets {
			for _, a := range set.On(c, t.From) {
				origin, err := Origin(c, lineage, a.Code, t.From)
				if err != nil {
					return Past{}, err
				}
				u := Give(t, period, a.Code, LevelOf(a.Kind()), origin)
				u.ID = newID()
				p.Give(&u, recorded)
				units[t.Code] = append(units[t.Code], &u)
			}
		}
	}
	for _, did := range s.Progress {
		of := units[did.Task]
		if len(of) == 0 {
			return Past{}, fmt.Errorf("read the past: nobody has task %s", did.Task)
		}
		if did.First > 0 {
			of = of[:min(did.First, len(of))]
		}
		for _, u := range of {
			if len(did.Agencies) > 0 && !slices.Contains(did.Agencies, u.Agency) {
				continue
			}
			if err := p.Goes(u, did.Act, did.Day, did.Percent, did.Reason, newID); err != nil {
				return Past{}, fmt.Errorf("read the past: %s, %s: %w", did.Task, u.Agency, err)
			}
		}
	}
	for i := range s.Tasks {
		for _, u := range units[s.Tasks[i].Code] {
			p.Units = append(p.Units, *u)
		}
	}
	n := map[string]int{}
	for i := range s.Records {
		rec := &s.Records[i].Record
		n[rec.Kind]++
		rec.ID, rec.Version = fmt.Sprintf("%s-%03d", rec.Kind, n[rec.Kind]), 1
		p.Add(s.Records[i].Recorded, Doc{Kind: RecordDoc, ID: rec.ID, Record: rec})
	}
	return p, nil
}

// Add adds the first version of something, recorded on a day.
func (p *Past) Add(recorded clock.Date, d Doc) {
	d.Version, d.Day, d.At, d.By = 1, recorded, recorded.Start(), teller
	p.Docs = append(p.Docs, d)
}

// Give tells that a unit task was given on a day. It is added to Units when it is as it is
// to be.
func (p *Past) Give(u *UnitTask, recorded clock.Date) {
	p.Deltas = append(p.Deltas, Deltas(nil, u, recorded)...)
}

// Goes brings a unit task to a state on a day.
func (p *Past) Goes(u *UnitTask, to State, day clock.Date, percent int, reason string, newID func() string) error {
	at := day.Start().Add(9 * time.Hour)
	do := func(by actor.Actor, c Change, at time.Time) error {
		by.Agency = ""
		if SideOf(c.Act) == OfAgency {
			by.Agency = u.Agency
		}
		next, e, err := u.Do(by, c, at)
		if err != nil {
			return err
		}
		e.ID = newID()
		p.Events = append(p.Events, e)
		p.Deltas = append(p.Deltas, Deltas(u, &next, e.Day)...)
		*u = next
		return nil
	}
	switch to {
	case Done:
		if err := do(reporter, Change{
			Act: Report, Evidence: []Evidence{{Kind: EvidenceFigure, Text: "Báo cáo kết quả (dữ liệu mẫu)"}},
		}, at); err != nil {
			return err
		}
		return do(accepter, Change{Act: Accept}, at.Add(26*time.Hour))
	case Reported:
		return do(reporter, Change{Act: Report, Evidence: []Evidence{{Kind: EvidenceFigure, Text: "Báo cáo kết quả (dữ liệu mẫu)"}}}, at)
	case Blocked:
		return do(reporter, Change{Act: Block, Reason: reason}, at)
	case Doing:
		return do(reporter, Change{Act: Progress, Percent: percent}, at)
	case Given, Withdrawn:
	}
	return fmt.Errorf("nothing leads to %q", to)
}
