package dossiertest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"dean06/internal/dossier"
	"dean06/internal/eform"
	"dean06/internal/platform/fault"
)

// Conformance holds a store to what dossier.Store says. open gives an empty one.
func Conformance(t *testing.T, open func(t *testing.T) dossier.Store) {
	t.Helper()
	for name, test := range map[string]func(t *testing.T, s dossier.Store){
		"drafts": drafts, "dossiers": dossiers, "filing": filing, "rollback": rollback, "counters": counters, "lists": lists,
		"own": own, "papers": papers, "waits": waits, "moves": moves, "rates": rates, "looks": looks, "tries": tries, "hold": hold,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

// day is the moment from which the dossiers of the suite are told.
var day = time.Date(2026, 11, 2, 1, 30, 0, 0, time.UTC)

var same = cmp.Options{cmpopts.EquateEmpty(), cmpopts.EquateApproxTime(0)}

// Sample is a dossier that was just handed in, as the first action left it.
func Sample(n int) (dossier.Dossier, dossier.Action) {
	at := day.Add(time.Duration(n) * time.Minute)
	d := dossier.Dossier{
		ID: fmt.Sprintf("019e0000-0000-7000-8000-%012d", n), Code: fmt.Sprintf("H55.C05443-20261102-%07d", n+1), Procedure: "1.001193",
		Package: "2026-07-18.1", Case: "married", Channel: dossier.Online, Status: dossier.New, Step: "intake",
		Applicant: dossier.Party{
			Kind: "citizen", Number: fmt.Sprintf("001190%06d", n), Name: "Nguyễn Thị Mẫu", Phone: "0900000001", Account: fmt.Sprintf("a-%d", n),
		},
		Answers: eform.Answers{
			"child.name": {Value: eform.Value{Text: "Nguyễn Văn Bé"}, Source: eform.Typed, At: at},
			"mother.name": {
				Value: eform.Value{Text: "Nguyễn Thị Mẫu"}, Source: eform.Register, At: at, AsOf: at, Fact: "name", Locked: true,
			},
		},
		Papers:    []dossier.Paper{{Requirement: "birth", How: dossier.ByUpload, File: strings.Repeat("ab", 32), Name: "chung-sinh.pdf", Size: 7, At: at}},
		Receiving: "H55.C05443", Competent: "H55.C05443", Agency: "H55.C05443", Duty: "desk", Area: "05443", StepSince: at,
		SubmittedAt: at, Retention: "permanent",
	}
	a := Acted(&d, dossier.Action{Verb: dossier.Submit, At: at, By: d.Applicant.Account, Name: d.Applicant.Name}, nil)
	return d, a
}

// Acted is an action behind those of before: the dossier is as it left it.
func Acted(d *dossier.Dossier, a dossier.Action, before []dossier.Action) dossier.Action {
	d.Version = len(before) + 1
	d.ChangedAt = a.At
	d.Digest = dossier.DigestAnswers(d.Answers, d.Papers)
	a.Dossier, a.Seq, a.To, a.Step, a.Due = d.ID, d.Version, d.Status, d.Step, d.Due
	if len(before) > 0 {
		last := before[len(before)-1]
		a.From, a.Before = last.To, last.Hash
	}
	data, err := json.Marshal(dossier.Said{Digest: d.Digest, State: dossier.DigestState(*d)})
	if err != nil {
		panic(err) // plain values
	}
	a.Data = data
	a.Hash = a.Sum()
	return a
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantKey(t *testing.T, what string, err error, kind fault.Kind, key string) {
	t.Helper()
	if f := fault.As(err); f == nil || f.Kind != kind || f.Key != key {
		t.Errorf("%s: %v, want %s %s", what, err, kind, key)
	}
}

func within(t *testing.T, s dossier.Store, f func(ctx context.Context, tx dossier.Tx) error) error {
	t.Helper()
	return s.InTx(t.Context(), func(tx dossier.Tx) error { return f(t.Context(), tx) })
}

func put(t *testing.T, s dossier.Store, d dossier.Dossier, first dossier.Action, rest ...dossier.Action) {
	t.Helper()
	must(t, within(t, s, func(ctx context.Context, tx dossier.Tx) error {
		if err := tx.Add(ctx, d, first, ""); err != nil || len(rest) == 0 {
			return err
		}
		return tx.Save(ctx, d, d.Version, rest)
	}))
}

func drafts(t *testing.T, s dossier.Store) {
	ctx := t.Context()
	d := dossier.Draft{
		ID: "d-1", Account: "a-1", Procedure: "1.001193", Package: "2026-07-18.1", Channel: dossier.Online, At: "child.name", Version: 1,
		CreatedAt: day, ChangedAt: day, Answers: eform.Answers{"child.sex": {Value: eform.Value{Text: "1"}, Source: eform.Typed, At: day}},
		Applicant: dossier.Party{Kind: "citizen", Name: "Nguyễn Thị Mẫu", Number: "001190000001"},
	}
	save := func(d dossier.Draft, was int) error {
		return within(t, s, func(ctx context.Context, tx dossier.Tx) error { return tx.SaveDraft(ctx, d, was) })
	}
	must(t, save(d, 0))
	wantKey(t, "made twice", save(d, 0), fault.Conflict, "dossier.draft.stale")
	got, err := s.Draft(ctx, "d-1")
	if diff := cmp.Diff(d, got, same); err != nil || diff != "" {
		t.Fatalf("%v (-want +got):\n%s", err, diff)
	}
	_, err = s.Draft(ctx, "d-2")
	wantKey(t, "another", err, fault.NotFound, "dossier.draft.unknown")

	other := d
	other.ID, other.Supplies, other.ChangedAt = "d-2", "x-1", day.Add(time.Hour)
	must(t, save(other, 0))
	d.Version, d.ChangedAt, d.At = 2, day.Add(2*time.Hour), "child.birth"
	must(t, save(d, 1))
	wantKey(t, "an older page", save(d, 1), fault.Conflict, "dossier.draft.stale")
	list, err := s.Drafts(ctx, "a-1", 10)
	if err != nil || len(list) != 2 || list[0].ID != "d-1" || list[0].Version != 2 || list[1].ID != "d-2" {
		t.Errorf("drafts: %+v, %v", list, err)
	}
	if list, err := s.Drafts(ctx, "a-1", 1); err != nil || len(list) != 1 {
		t.Errorf("one draft: %d, %v", len(list), err)
	}
	if list, err := s.Drafts(ctx, "a-2", 10); err != nil || len(list) != 0 {
		t.Errorf("another's drafts: %+v, %v", list, err)
	}
	if got, ok, err := s.SupplyDraft(ctx, "x-1"); err != nil || !ok || got.ID != "d-2" {
		t.Errorf("of the supplement: %+v, %v, %v", got, ok, err)
	}
	if _, ok, err := s.SupplyDraft(ctx, ""); err != nil || ok {
		t.Errorf("of no supplement: %v, %v", ok, err)
	}

	d.Version, d.Sent = 3, "H55-1"
	must(t, save(d, 2))
	if list, err := s.Drafts(ctx, "a-1", 10); err != nil || len(list) != 1 || list[0].ID != "d-2" {
		t.Errorf("after one was sent: %+v, %v", list, err)
	}
	remove := func(id string) error {
		return within(t, s, func(ctx context.Context, tx dossier.Tx) error { return tx.RemoveDraft(ctx, id) })
	}
	if err := remove("d-1"); err == nil {
		if _, err := s.Draft(ctx, "d-1"); err != nil {
			t.Error("one that was sent was removed")
		}
	}
	must(t, remove("d-2"))
	_, err = s.Draft(ctx, "d-2")
	wantKey(t, "removed", err, fault.NotFound, "dossier.draft.unknown")
}

func dossiers(t *testing.T, s dossier.Store) {
	ctx := t.Context()
	d, first := Sample(1)
	put(t, s, d, first)
	got, err := s.Dossier(ctx, d.ID)
	if diff := cmp.Diff(d, got, same); err != nil || diff != "" {
		t.Fatalf("%v (-want +got):\n%s", err, diff)
	}
	if got, err := s.ByCode(ctx, d.Code); err != nil || got.ID != d.ID {
		t.Errorf("by code: %+v, %v", got, err)
	}
	_, err = s.Dossier(ctx, "x")
	wantKey(t, "by another id", err, fault.NotFound, "dossier.unknown")
	_, err = s.ByCode(ctx, "H55-1")
	wantKey(t, "by another code", err, fault.NotFound, "dossier.unknown")

	// Two actions of one act, read back as they were, in order and chained.
	acts := []dossier.Action{first}
	d.Status, d.Step, d.Due, d.Promised, d.ReceivedAt = dossier.Received, "review", day.Add(72*time.Hour), day.Add(72*time.Hour), day.Add(time.Hour)
	acts = append(acts, Acted(&d, dossier.Action{
		Verb: dossier.Receive, At: day.Add(time.Hour), By: "o-1", Name: "Lường Thị Một Cửa", Agency: "H55.C05443", Post: "p-1",
	}, acts))
	acts = append(acts, Acted(&d, dossier.Action{Verb: dossier.Check, At: day.Add(time.Hour), By: "o-1", Name: "Lường Thị Một Cửa"}, acts))
	save := func(d dossier.Dossier, was int, acts ...dossier.Action) error {
		return within(t, s, func(ctx context.Context, tx dossier.Tx) error { return tx.Save(ctx, d, was, acts) })
	}
	must(t, save(d, 1, acts[1:]...))
	wantKey(t, "a second time", save(d, 1, acts[1:]...), fault.Conflict, "dossier.stale")
	kept, err := s.Actions(ctx, d.ID)
	if diff := cmp.Diff(acts, kept, same); err != nil || diff != "" {
		t.Fatalf("%v, actions (-want +got):\n%s", err, diff)
	}
	got, err = s.Dossier(ctx, d.ID)
	must(t, err)
	must(t, dossier.VerifyChain(kept, got))
	if kept, err := s.Actions(ctx, "x"); err != nil || len(kept) != 0 {
		t.Errorf("actions of none: %v, %v", kept, err)
	}
}

func filing(t *testing.T, s dossier.Store) {
	ctx := t.Context()
	add := func(n int, key string) error {
		d, first := Sample(n)
		first.By = "a-1"
		first.Hash = first.Sum()
		return within(t, s, func(ctx context.Context, tx dossier.Tx) error { return tx.Add(ctx, d, first, key) })
	}
	must(t, add(1, "k"))
	wantKey(t, "a second click", add(2, "k"), fault.Conflict, "dossier.sent_already")
	must(t, add(3, "k2"))
	must(t, add(4, ""))
	must(t, add(5, ""))
	if d, ok, err := s.ByKey(ctx, "a-1", "k"); err != nil || !ok || !strings.HasSuffix(d.ID, "1") {
		t.Errorf("by key: %s, %v, %v", d.ID, ok, err)
	}
	for _, k := range [][2]string{{"a-2", "k"}, {"a-1", "k3"}, {"a-1", ""}} {
		if _, ok, err := s.ByKey(ctx, k[0], k[1]); err != nil || ok {
			t.Errorf("by %v: %v, %v", k, ok, err)
		}
	}
	if n, err := s.Count(ctx, dossier.ListQuery{}); err != nil || n != 4 {
		t.Errorf("%d dossiers, %v: the second click left something", n, err)
	}
}

var errNo = errors.New("no")

func rollback(t *testing.T, s dossier.Store) {
	ctx := t.Context()
	d, first := Sample(1)
	err := within(t, s, func(ctx context.Context, tx dossier.Tx) error {
		if _, err := tx.Next(ctx, "c"); err != nil {
			return err
		}
		if err := tx.Add(ctx, d, first, "k"); err != nil {
			return err
		}
		if got, err := tx.Dossier(ctx, d.ID); err != nil || got.Code != d.Code {
			t.Errorf("within: %v", err)
		}
		if err := tx.SaveDraft(ctx, dossier.Draft{ID: "d", Account: "a", Version: 1}, 0); err != nil {
			return err
		}
		return errNo
	})
	if !errors.Is(err, errNo) {
		t.Fatalf("got %v", err)
	}
	_, err = s.Dossier(ctx, d.ID)
	wantKey(t, "dossier", err, fault.NotFound, "dossier.unknown")
	_, err = s.Draft(ctx, "d")
	wantKey(t, "draft", err, fault.NotFound, "dossier.draft.unknown")
	must(t, within(t, s, func(ctx context.Context, tx dossier.Tx) error {
		n, err := tx.Next(ctx, "c")
		if n != 1 {
			t.Errorf("the count goes on with %d", n)
		}
		return err
	}))
	put(t, s, d, first)
}

func counters(t *testing.T, s dossier.Store) {
	const clerks, each = 8, 25
	var mu sync.Mutex
	seen := map[int]int{}
	var wg sync.WaitGroup
	for range clerks {
		wg.Go(func() {
			for range each {
				var n int
				err := s.InTx(t.Context(), func(tx dossier.Tx) (err error) {
					n, err = tx.Next(t.Context(), "H55 2026-11-02")
					return err
				})
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				seen[n]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	for n := 1; n <= clerks*each; n++ {
		if seen[n] != 1 {
			t.Errorf("%d was given %d times", n, seen[n])
		}
	}
	must(t, within(t, s, func(ctx context.Context, tx dossier.Tx) error {
		n, err := tx.Next(ctx, "H55 2026-11-03")
		if n != 1 {
			t.Errorf("another day begins with %d", n)
		}
		return err
	}))
}

func papers(t *testing.T, s dossier.Store) {
	ctx := t.Context()
	for n, r := range []dossier.ResultPaper{
		{ID: "r", Kind: dossier.PaperResult, Proof: "proof-0", Number: "12"},
		{ID: "r", Kind: dossier.PaperResult, Proof: "proof-1", Revoked: day},
		{ID: "r", Kind: dossier.PaperReceipt, Proof: "proof-2"},
		{ID: "r", Kind: dossier.PaperResult, Proof: "proof-3"},
	} {
		d, first := Sample(n)
		d.Applicant.Number, d.Status, d.DoneAt, d.Results = "001190000001", dossier.Done, day, []dossier.ResultPaper{r}
		put(t, s, d, Acted(&d, first, nil))
	}
	if d, r, err := s.ByProof(ctx, "proof-1"); err != nil || r.Proof != "proof-1" || !strings.HasSuffix(d.ID, "1") {
		t.Errorf("by proof: %s, %+v, %v", d.ID, r, err)
	}
	for _, proof := range []string{"proof-9", "", "proof-%"} {
		_, _, err := s.ByProof(ctx, proof)
		wantKey(t, proof, err, fault.NotFound, "dossier.proof.unknown")
	}
	got, err := s.EarlierResults(ctx, "001190000001", "1.001193", 10)
	if err != nil || len(got) != 2 || !strings.HasSuffix(got[0].ID, "3") || !strings.HasSuffix(got[1].ID, "0") {
		t.Errorf("earlier results: %d, %v", len(got), err)
	}
	// What somebody filed for another is the other's, though their own number is no less known.
	d, first := Sample(4)
	d.Applicant.Number, d.For = "001190000001", &dossier.Party{Kind: dossier.OfCitizen, Name: "Ma Thị Ẩn", Number: "001190000005"}
	d.Status, d.DoneAt, d.Results = dossier.Done, day, []dossier.ResultPaper{{ID: "r", Kind: dossier.PaperResult, Proof: "proof-4"}}
	put(t, s, d, Acted(&d, first, nil))
	for number, want := range map[string]int{"001190000001": 2, "001190000005": 1} {
		if got, err := s.EarlierResults(ctx, number, "1.001193", 10); err != nil || len(got) != want {
			t.Errorf("results of %s: got %d, want %d (%v)", number, len(got), want, err)
		}
	}
	if got, err := s.EarlierResults(ctx, "001190000001", "1.001193", 1); err != nil || len(got) != 1 {
		t.Errorf("the last result: %d, %v", len(got), err)
	}
	for _, c := range [][2]string{{"001190000001", "1.004222"}, {"001190000002", "1.001193"}, {"", "1.001193"}} {
		if got, err := s.EarlierResults(ctx, c[0], c[1], 10); err != nil || len(got) != 0 {
			t.Errorf("%v: %d, %v", c, len(got), err)
		}
	}
}

func looks(t *testing.T, s dossier.Store) {
	ctx := t.Context()
	var want []dossier.Look
	for n := range 2 {
		d, first := Sample(n)
		put(t, s, d, first)
		for i := range 3 {
			l := dossier.Look{
				Dossier: d.ID, By: "o-1", Name: "Ma Văn Thụ Lý", Agency: "H55", Purpose: fmt.Sprint("1.001193 ", i), At: day.Add(time.Duration(i) * time.Second),
				What: "dossier",
			}
			must(t, s.SaveLook(ctx, l))
			if n == 1 {
				want = append([]dossier.Look{l}, want...)
			}
		}
	}
	two := []dossier.Look{want[0], want[0]}
	two[0].At, two[1].At = day.Add(time.Minute), day.Add(2*time.Minute)
	must(t, s.SaveLook(ctx, two...))
	want = append([]dossier.Look{two[1], two[0]}, want...)
	got, err := s.Looks(ctx, want[0].Dossier, 10)
	if d := cmp.Diff(want, got, same); err != nil || d != "" {
		t.Errorf("%v (-want +got):\n%s", err, d)
	}
	if got, err := s.Looks(ctx, want[0].Dossier, 2); err != nil || len(got) != 2 || !got[0].At.Equal(want[0].At) {
		t.Errorf("the last two: %+v, %v", got, err)
	}
}

func tries(t *testing.T, s dossier.Store) {
	ctx := t.Context()
	keys := []dossier.Guess{{Key: "code:1", Most: 3, Within: time.Hour}, {Key: "address:1", Most: 5, Within: time.Hour}}
	note := func(at time.Duration, keys ...dossier.Guess) error { return s.NoteTry(ctx, keys, day.Add(at)) }
	for i := range 3 {
		must(t, note(time.Duration(i)*time.Minute, keys...))
	}
	wantKey(t, "a fourth", note(4*time.Minute, keys...), fault.TooMany, "dossier.track.too_many")
	// It counted none: the address has two left, which the owner's right answer does not use up.
	other := []dossier.Guess{{Key: "code:2", Most: 3, Within: time.Hour}, keys[1]}
	must(t, note(5*time.Minute, other...))
	must(t, s.TakeTry(ctx, other, day.Add(5*time.Minute)))
	must(t, note(6*time.Minute, other...))
	must(t, note(7*time.Minute, other...))
	wantKey(t, "of the address", note(8*time.Minute, other...), fault.TooMany, "dossier.track.too_many")
	must(t, note(2*time.Hour, keys...)) // later they are forgotten

	// At the same moment no more get through than may.
	var wg sync.WaitGroup
	var mu sync.Mutex
	through := 0
	for range 20 {
		wg.Go(func() {
			if s.NoteTry(ctx, []dossier.Guess{{Key: "code:3", Most: 4, Within: time.Hour}}, day) == nil {
				mu.Lock()
				through++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if through != 4 {
		t.Errorf("%d got through, want 4", through)
	}
}

// hold: of two who change one dossier at once each sees what the other did.
func hold(t *testing.T, s dossier.Store) {
	ctx := t.Context()
	d, first := Sample(1)
	put(t, s, d, first)
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			for range 4 {
				err := s.InTx(ctx, func(tx dossier.Tx) error {
					d, err := tx.Hold(ctx, d.ID)
					if err != nil {
						return err
					}
					acts, err := tx.Actions(ctx, d.ID)
					if err != nil {
						return err
					}
					was := d.Version
					a := Acted(&d, dossier.Action{Verb: dossier.Note, At: day.Add(time.Duration(was) * time.Minute), By: "o-1"}, acts)
					return tx.Save(ctx, d, was, []dossier.Action{a})
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	got, err := s.Dossier(ctx, d.ID)
	must(t, err)
	acts, err := s.Actions(ctx, d.ID)
	must(t, err)
	if len(acts) != 25 || got.Version != 25 {
		t.Errorf("%d actions, version %d, want 25", len(acts), got.Version)
	}
	must(t, dossier.VerifyChain(acts, got))
}
