package dossiertest

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/dossier"
	"dean06/internal/platform/fault"
)

// Store keeps drafts and dossiers in memory.
type Store struct {
	mu    sync.Mutex
	state state
	// Fail, where it is set, is asked before each write of a transaction: what it gives fails
	// the transaction, as a power cut would.
	Fail func(write string) error
}

type state struct {
	drafts   map[string]dossier.Draft
	dossiers map[string]dossier.Dossier
	actions  map[string][]dossier.Action
	keys     map[string]string // account and key → id
	counters map[string]int
	looks    []dossier.Look
	tries    map[string][]time.Time
	refused  []dossier.Refusal
	queue    []dossier.Work
}

func (s state) clone() state {
	s.drafts, s.dossiers, s.actions = maps.Clone(s.drafts), maps.Clone(s.dossiers), maps.Clone(s.actions)
	s.keys, s.counters = maps.Clone(s.keys), maps.Clone(s.counters)
	s.looks, s.refused, s.queue = slices.Clone(s.looks), slices.Clone(s.refused), slices.Clone(s.queue)
	s.tries = maps.Clone(s.tries)
	return s
}

// NewStore makes an empty store.
func NewStore() *Store {
	return &Store{state: state{
		drafts: map[string]dossier.Draft{}, dossiers: map[string]dossier.Dossier{}, actions: map[string][]dossier.Action{},
		keys: map[string]string{}, counters: map[string]int{}, tries: map[string][]time.Time{},
	}}
}

// copied is a value that shares nothing with what it was.
func copied[T any](v T) T {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err) // plain values
	}
	var out T
	if err := json.Unmarshal(raw, &out); err != nil {
		panic(err)
	}
	return out
}

// reader reads a state that nobody changes meanwhile.
type reader struct{ s *state }

func (s *Store) read() (reader, func()) {
	s.mu.Lock()
	return reader{&s.state}, s.mu.Unlock
}

var (
	errDraft    = fault.New(fault.NotFound, "dossier.draft.unknown", nil)
	errDossier  = fault.New(fault.NotFound, "dossier.unknown", nil)
	errProof    = fault.New(fault.NotFound, "dossier.proof.unknown", nil)
	errStale    = fault.New(fault.Conflict, "dossier.stale", nil)
	errStaleOne = fault.New(fault.Conflict, "dossier.draft.stale", nil)
	errSent     = fault.New(fault.Conflict, "dossier.sent_already", nil)
	errTooMany  = fault.New(fault.TooMany, "dossier.track.too_many", nil)
)

// Draft is a draft by its id.
func (r reader) Draft(_ context.Context, id string) (dossier.Draft, error) {
	d, ok := r.s.drafts[id]
	if !ok {
		return d, errDraft
	}
	return copied(d), nil
}

// Drafts are those of an account that were not sent.
func (r reader) Drafts(_ context.Context, account string, limit int) ([]dossier.Draft, error) {
	var out []dossier.Draft
	for _, d := range r.s.drafts {
		if d.Account == account && d.Sent == "" {
			out = append(out, copied(d))
		}
	}
	slices.SortFunc(out, func(a, b dossier.Draft) int { return cmp.Or(b.ChangedAt.Compare(a.ChangedAt), cmp.Compare(b.ID, a.ID)) })
	return cut(out, limit), nil
}

func cut[T any](list []T, limit int) []T {
	if limit > 0 && len(list) > limit {
		return list[:limit]
	}
	return list
}

// SupplyDraft is the draft of a supplement that was not sent.
func (r reader) SupplyDraft(_ context.Context, id string) (dossier.Draft, bool, error) {
	for _, d := range r.s.drafts {
		if id != "" && d.Supplies == id && d.Sent == "" {
			return copied(d), true, nil
		}
	}
	return dossier.Draft{}, false, nil
}

// Dossier is a dossier by its id.
func (r reader) Dossier(_ context.Context, id string) (dossier.Dossier, error) {
	d, ok := r.s.dossiers[id]
	if !ok {
		return d, errDossier
	}
	return copied(d), nil
}

// ByCode is a dossier by its code.
func (r reader) ByCode(_ context.Context, code string) (dossier.Dossier, error) {
	for _, d := range r.s.dossiers {
		if d.Code == code {
			return copied(d), nil
		}
	}
	return dossier.Dossier{}, errDossier
}

// ByKey is the dossier of a filing.
func (r reader) ByKey(ctx context.Context, account, key string) (dossier.Dossier, bool, error) {
	id, ok := r.s.keys[account+" "+key]
	if !ok || key == "" {
		return dossier.Dossier{}, false, nil
	}
	d, err := r.Dossier(ctx, id)
	return d, err == nil, err
}

// ByProof is the paper with a proof.
func (r reader) ByProof(_ context.Context, proof string) (dossier.Dossier, dossier.ResultPaper, error) {
	for _, d := range r.s.dossiers {
		for _, p := range d.Results {
			if proof != "" && p.Proof == proof {
				return copied(d), p, nil
			}
		}
	}
	return dossier.Dossier{}, dossier.ResultPaper{}, errProof
}

// Actions are those of a dossier.
func (r reader) Actions(_ context.Context, id string) ([]dossier.Action, error) {
	return slices.Clone(r.s.actions[id]), nil
}

// Looks are those at a dossier.
func (r reader) Looks(_ context.Context, id string, limit int) ([]dossier.Look, error) {
	var out []dossier.Look
	for _, l := range slices.Backward(r.s.looks) {
		if l.Dossier == id {
			out = append(out, l)
		}
	}
	return cut(out, limit), nil
}

// EarlierResults are dossiers of a person with a result that stands.
func (r reader) EarlierResults(_ context.Context, number, procedure string, limit int) ([]dossier.Dossier, error) {
	var out []dossier.Dossier
	for _, d := range r.s.dossiers {
		stands := slices.ContainsFunc(d.Results, func(p dossier.ResultPaper) bool { return p.Kind == dossier.PaperResult && p.Stands() })
		if d.Concerns(number) && d.Procedure == procedure && stands {
			out = append(out, copied(d))
		}
	}
	slices.SortFunc(out, func(a, b dossier.Dossier) int { return cmp.Or(b.DoneAt.Compare(a.DoneAt), cmp.Compare(b.ID, a.ID)) })
	return cut(out, limit), nil
}

// Own are the dossiers of an account or number.
func (r reader) Own(_ context.Context, account, number string, limit int) ([]dossier.Head, error) {
	var out []dossier.Head
	who := dossier.Who{Number: number}
	who.Account = account
	for _, d := range r.s.dossiers {
		if dossier.Owns(who, d) {
			out = append(out, d.Head())
		}
	}
	slices.SortFunc(out, func(a, b dossier.Head) int { return cmp.Compare(b.ID, a.ID) })
	return cut(out, limit), nil
}

func listed(q dossier.ListQuery, d dossier.Dossier) bool {
	h := d.Head()
	in := func(code string) bool { return slices.Contains(q.Agencies, code) }
	switch {
	case len(q.Agencies) > 0 && !in(h.Agency) && !in(h.Competent) && !in(h.Receiving),
		len(q.Holding) > 0 && !slices.Contains(q.Holding, h.Agency),
		len(q.Duties) > 0 && !slices.ContainsFunc(q.Duties, func(x dossier.Duty) bool {
			return h.Duty != "" && x.Agency == h.Agency && x.Duty == h.Duty && (x.Area == "" || x.Area == h.Area)
		}),
		len(q.Holders) > 0 && !slices.Contains(q.Holders, h.Holder),
		q.Free && h.Holder != "",
		len(q.Statuses) > 0 && !slices.Contains(q.Statuses, h.Status),
		q.Procedure != "" && h.Procedure != q.Procedure,
		q.Code != "" && !strings.HasPrefix(h.Code, q.Code) && !strings.HasSuffix(h.Code, q.Code),
		q.Number != "" && d.Applicant.Number != q.Number && (d.For == nil || d.For.Number != q.Number),
		q.Open && !h.DoneAt.IsZero(),
		q.Late && (h.Due.IsZero() || !h.Due.Before(q.Now)),
		!q.From.IsZero() && h.SubmittedAt.Before(q.From.Start()),
		!q.To.IsZero() && !h.SubmittedAt.Before(q.To.Start()):
		return false
	}
	return q.Name == "" || named(citizen.Fold(h.Applicant+" "+h.For), q.Name)
}

// named says that a name has all words of a question, the last of which may be cut.
func named(name, asked string) bool {
	words := strings.Fields(name)
	ask := strings.Fields(asked)
	for i, w := range ask {
		if !slices.ContainsFunc(words, func(have string) bool { return have == w || i == len(ask)-1 && strings.HasPrefix(have, w) }) {
			return false
		}
	}
	return true
}

// List gives a page of heads.
func (r reader) List(_ context.Context, q dossier.ListQuery) ([]dossier.Head, error) {
	var out []dossier.Head
	for _, d := range r.s.dossiers {
		if h := d.Head(); listed(q, d) && (q.After == "" || h.Cursor() > q.After) {
			out = append(out, h)
		}
	}
	slices.SortFunc(out, func(a, b dossier.Head) int { return cmp.Compare(a.Cursor(), b.Cursor()) })
	return cut(out, q.Limit), nil
}

// Count counts.
func (r reader) Count(_ context.Context, q dossier.ListQuery) (int, error) {
	n := 0
	for _, d := range r.s.dossiers {
		if listed(q, d) {
			n++
		}
	}
	return n, nil
}

func (r reader) judged(q dossier.OnTimeQuery, each func(h dossier.Head, late bool)) {
	for _, d := range r.s.dossiers {
		h := d.Head()
		at, ok := q.InPeriod(h)
		if !ok {
			continue
		}
		if j := dossier.Judge(h, d.Asked(), at); j.Counts {
			each(h, j.Late)
		}
	}
}

// OnTime counts by procedure and unit.
func (r reader) OnTime(_ context.Context, q dossier.OnTimeQuery) ([]dossier.OnTimeCount, error) {
	by := map[[2]string]*dossier.OnTimeCount{}
	r.judged(q, func(h dossier.Head, late bool) {
		key := [2]string{h.Procedure, h.Competent}
		if by[key] == nil {
			by[key] = &dossier.OnTimeCount{Procedure: h.Procedure, Agency: h.Competent}
		}
		by[key].All++
		if !late {
			by[key].OnTime++
		}
	})
	var out []dossier.OnTimeCount
	for _, c := range by {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b dossier.OnTimeCount) int {
		return cmp.Or(cmp.Compare(a.Procedure, b.Procedure), cmp.Compare(a.Agency, b.Agency))
	})
	return out, nil
}

// OnTimeHeads are the dossiers behind a count.
func (r reader) OnTimeHeads(_ context.Context, q dossier.OnTimeQuery, limit int) ([]dossier.Head, error) {
	var out []dossier.Head
	r.judged(q, func(h dossier.Head, late bool) {
		if q.Late == nil || *q.Late == late {
			out = append(out, h)
		}
	})
	slices.SortFunc(out, func(a, b dossier.Head) int { return cmp.Compare(a.Cursor(), b.Cursor()) })
	return cut(out, limit), nil
}

func (r reader) ids(limit int, ok func(d dossier.Dossier) bool, less func(a, b dossier.Dossier) int) []string {
	var found []dossier.Dossier
	for _, d := range r.s.dossiers {
		if ok(d) {
			found = append(found, d)
		}
	}
	slices.SortFunc(found, less)
	var out []string
	for _, d := range cut(found, limit) {
		out = append(out, d.ID)
	}
	return out
}

// EffectsWaiting are those that the register has not recorded.
func (r reader) EffectsWaiting(_ context.Context, limit int) ([]string, error) {
	return r.ids(limit, func(d dossier.Dossier) bool {
		return d.Effect != nil && d.Effect.State == dossier.EffectWaiting
	}, func(a, b dossier.Dossier) int {
		return cmp.Or(a.Effect.TriedAt.Compare(b.Effect.TriedAt), cmp.Compare(a.ID, b.ID))
	}), nil
}

// DueBefore are those due before a moment that were warned less than that.
func (r reader) DueBefore(_ context.Context, before time.Time, warned, limit int) ([]string, error) {
	return r.ids(limit, func(d dossier.Dossier) bool {
		return !d.Due.IsZero() && d.Due.Before(before) && d.Warned < warned
	}, func(a, b dossier.Dossier) int { return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.ID, b.ID)) }), nil
}

// Running are those whose day was promised and that have not ended.
func (r reader) Running(_ context.Context, after string, limit int) ([]string, error) {
	return r.ids(limit, func(d dossier.Dossier) bool {
		return !d.ReceivedAt.IsZero() && d.DoneAt.IsZero() && d.ID > after
	}, func(a, b dossier.Dossier) int { return cmp.Compare(a.ID, b.ID) }), nil
}

// Moved are those that changes of the calendar moved, the latest first.
func (r reader) Moved(_ context.Context, limit int) ([]dossier.Moved, error) {
	var out []dossier.Moved
	for id, actions := range r.s.actions {
		for i, a := range actions {
			if a.Verb == dossier.Recounted && i > 0 {
				out = append(out, dossier.Moved{Code: r.s.dossiers[id].Code, At: a.At, From: actions[i-1].Due, To: a.Due})
			}
		}
	}
	slices.SortFunc(out, func(a, b dossier.Moved) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.Code, a.Code)) })
	return cut(out, limit), nil
}
