package readiness

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// maxSuggested is how many agencies a paper may suggest: a name that fits more says
// nothing of any.
const maxSuggested = 3

// suggested are the agencies that a paper suggests while it is not sure whose it is: by
// its heading and the focal point's organisation, else by the name of its file.
func (r *Register) suggested(c Campaign, ret Return, file string) []string {
	var codes []string
	for i, text := range []string{ret.Heading, ret.Contact.Organisation, nameWords(file)} {
		if strings.TrimSpace(text) == "" || i == 2 && len(codes) > 0 {
			continue
		}
		// Whoever takes in a file may read how agencies are called.
		found, err := r.Suggest(actor.OfSystem(Coordinator), text, c.Recipients.On)
		if err != nil || len(found) > maxSuggested {
			continue
		}
		for _, a := range found {
			if !slices.Contains(codes, a.Code) {
				codes = append(codes, a.Code)
			}
		}
	}
	return codes
}

// baseName is a file's name without the folders or zips that it came in.
func baseName(file string) string { return filepath.Base(strings.ReplaceAll(file, `\`, "/")) }

// nameWords are the words of a file's name, without its ending and without numbers that
// stand alone: "38-scan.pdf" is "scan", "ubnd_tinh-thai-nguyen (2).pdf" names a province.
func nameWords(file string) string {
	base := baseName(file)
	words := strings.FieldsFunc(strings.TrimSuffix(base, filepath.Ext(base)), func(c rune) bool {
		return !unicode.IsLetter(c) && !unicode.IsDigit(c) && !unicode.IsMark(c)
	})
	words = slices.DeleteFunc(words, func(w string) bool { return strings.IndexFunc(w, unicode.IsLetter) < 0 })
	return strings.Join(words, " ")
}

// waitingPapers are the files of a campaign that wait for a person, by each agency whose
// they are or may be.
func (r *Register) waitingPapers(ctx context.Context, campaign string) (map[string][]string, error) {
	items, err := r.store.OpenItems(ctx, campaign)
	if err != nil {
		return nil, err
	}
	out := map[string][]string{}
	for _, i := range items {
		if !i.Open() {
			continue
		}
		of := i.Suggests
		if i.Agency != "" {
			of = []string{i.Agency}
		}
		for _, code := range of {
			out[code] = append(out[code], i.ID)
		}
	}
	return out, nil
}

// PapersOf lists the files that came for an agency and did not go in by themselves, for
// the agency too: those that wait, and those that were refused. What they hold is not
// told.
func (r *Register) PapersOf(ctx context.Context, who actor.Actor, campaign, agency string) ([]BatchItem, error) {
	if err := Can(who, ReadReturn, agency); err != nil {
		return nil, err
	}
	items, err := r.store.ItemsOf(ctx, campaign, agency)
	return slices.DeleteFunc(items, func(i BatchItem) bool { return !i.Open() && i.Resolution != Refused }), err
}

// settling loads a file that waits for a person, for a change of it in one transaction.
func (r *Register) settling(ctx context.Context, id string, change func(tx Tx, item *BatchItem) error) (BatchItem, error) {
	var item BatchItem
	err := r.store.InTx(ctx, func(tx Tx) error {
		var err error
		if item, err = tx.BatchItem(ctx, id); err != nil {
			return err
		}
		if !item.Open() {
			return fault.New(fault.Conflict, "readiness.batch.settled", nil)
		}
		return change(tx, &item)
	})
	return item, err
}

// AssignItem says whose a file is that waits for a person, so that the agency is not
// taken for silent. It may be said again. It fails with NotFound when there is no such
// agency on the letter's day, and with Conflict when the file is settled or what was
// entered beside it is of another.
func (r *Register) AssignItem(ctx context.Context, who actor.Actor, id, agency string) (BatchItem, error) {
	if err := Can(who, ImportReturn, agency); err != nil {
		return BatchItem{}, err
	}
	item, err := r.store.BatchItem(ctx, id)
	if err != nil {
		return item, err
	}
	v, err := r.view(ctx, item.Campaign, agency)
	if err != nil {
		return item, err
	}
	return r.settling(ctx, id, func(tx Tx, item *BatchItem) error {
		item.Agency = v.Agency.Code
		return tx.SaveBatchItem(ctx, *item, r.act(who, ImportReturn, map[string]string{"decision": "assign"}))
	})
}

// PaperEntry is what a person enters beside a paper that no program can read.
type PaperEntry struct {
	Item BatchItem
	// View is the agency's, with what was entered so far as its draft: not the draft that
	// the agency itself may be writing.
	View View
	// Problems are what keeps it from being accepted.
	Problems []Problem
}

// Entry gives what was entered beside a paper. It fails with Conflict when nobody has
// said yet whose the paper is, or when it is settled.
func (r *Register) Entry(ctx context.Context, who actor.Actor, id string) (PaperEntry, error) {
	if err := Can(who, EnterReturn, ""); err != nil {
		return PaperEntry{}, err
	}
	item, err := r.store.BatchItem(ctx, id)
	if err != nil {
		return PaperEntry{}, err
	}
	if err := enterable(item); err != nil {
		return PaperEntry{Item: item}, err
	}
	v, err := r.view(ctx, item.Campaign, item.Agency)
	if err != nil {
		return PaperEntry{Item: item}, err
	}
	v.Record, v.Previous = Record{Campaign: item.Campaign, Agency: v.Agency.Code}, nil
	if item.Held != nil {
		v.Record.Draft = &Draft{Revision: item.Entry, Return: *item.Held, SavedBy: item.EnteredBy}
	}
	return PaperEntry{Item: item, View: v, Problems: r.entryProblems(v)}, nil
}

func enterable(i BatchItem) error {
	switch {
	case !i.Open():
		return fault.New(fault.Conflict, "readiness.batch.settled", nil)
	case !i.Unread():
		return fault.New(fault.Conflict, "readiness.entry.read", nil)
	case i.Agency == "":
		return fault.New(fault.Conflict, "readiness.entry.whose", nil).At("agency")
	}
	return nil
}

// Enter keeps what was typed beside a paper. It changes no return: a person takes it in
// afterwards, as any other file. It fails with Conflict when somebody saved since the
// revision that the page was shown at.
func (r *Register) Enter(ctx context.Context, who actor.Actor, id string, revision int, apply func(Return) Return) (PaperEntry, error) {
	e, err := r.Entry(ctx, who, id)
	if err != nil {
		return e, err
	}
	e.Item, err = r.settling(ctx, id, func(tx Tx, item *BatchItem) error {
		if err := enterable(*item); err != nil {
			return err
		}
		if item.Entry != revision {
			return fault.New(fault.Conflict, "readiness.entry.saved_meanwhile", nil)
		}
		var ret Return
		if item.Held != nil {
			ret = item.Held.Clone()
		}
		ret = apply(ret)
		ret.Campaign, ret.Agency, ret.Template, ret.EnteredFrom = item.Campaign, item.Agency, e.View.Template.Ref(), baseName(item.File.Name)
		item.Held, item.IsHeld = &ret, true
		item.Entry, item.EnteredBy = revision+1, who.Account
		return tx.SaveBatchItem(ctx, *item, r.act(who, EnterReturn, nil))
	})
	if err != nil {
		return e, err
	}
	e.View.Record.Draft = &Draft{Revision: e.Item.Entry, Return: *e.Item.Held, SavedAt: r.clock.Now(), SavedBy: who.Account}
	e.Problems = r.entryProblems(e.View)
	return e, nil
}

// entered is a paper's return as it goes in after a person entered it: what was wrong
// with the file is settled by that.
func (i BatchItem) entered() bool { return i.Unread() && i.Entry > 0 }

func (r *Register) entryProblems(v View) []Problem {
	if v.Record.Draft == nil {
		return nil
	}
	ret := v.Record.Draft.Return
	return union(Check(v.Template, ret, v.Agency.Kind), r.doubts(v, ret))
}

// Refused is the resolution of a file that was refused with a letter.
const Refused = "refused"

// Refusal is what a letter says with which a file is refused.
type Refusal struct {
	Campaign Campaign
	Agency   Agency
	File     string // its name
	Came     clock.Date
	Number   string     // of its arrival; "" for none
	On       clock.Date // zero: today
	Reason   string
	Found    []Problem // what the program found
}

// Refusal gathers what the letter says about a file that is to be refused, or was. The
// reason is that of the stored refusal, else the one given.
func (r *Register) Refusal(ctx context.Context, who actor.Actor, id, reason string) (Refusal, error) {
	if err := Can(who, ReadIntake, ""); err != nil {
		return Refusal{}, err
	}
	item, err := r.store.BatchItem(ctx, id)
	if err != nil {
		return Refusal{}, err
	}
	if item.Agency == "" {
		return Refusal{}, fault.New(fault.Conflict, "readiness.entry.whose", nil).At("agency")
	}
	v, err := r.view(ctx, item.Campaign, item.Agency)
	if err != nil {
		return Refusal{}, err
	}
	if item.Reason != "" {
		reason = item.Reason
	}
	return Refusal{
		Campaign: v.Campaign, Agency: v.Agency, File: baseName(item.File.Name), Came: clock.DayOf(item.At),
		Number: item.arrival().String(), On: clock.DayOf(r.clock.Now()), Reason: reason,
		Found: slices.DeleteFunc(slices.Clone(item.Problems), func(p Problem) bool { return p.Severity == Notes }),
	}, nil
}

// RefuseItem refuses a file that waits, with the reason that its agency is told. send is
// called in the transaction that stores it, so that none is refused without its letter.
// The agency is chased again from then on.
func (r *Register) RefuseItem(ctx context.Context, who actor.Actor, id, reason string, send func(tx Tx) error) (BatchItem, error) {
	if err := Can(who, ImportReturn, ""); err != nil {
		return BatchItem{}, err
	}
	if strings.TrimSpace(reason) == "" {
		return BatchItem{}, fault.New(fault.Invalid, "readiness.refusal.reason_needed", nil).At("reason")
	}
	return r.settling(ctx, id, func(tx Tx, item *BatchItem) error {
		if item.Agency == "" {
			return fault.New(fault.Conflict, "readiness.entry.whose", nil).At("agency")
		}
		item.Resolution, item.Reason, item.ResolvedBy = Refused, strings.TrimSpace(reason), who.Account
		if err := tx.SaveBatchItem(ctx, *item, r.act(who, ImportReturn, map[string]string{"decision": "refuse"})); err != nil {
			return err
		}
		return send(tx)
	})
}
