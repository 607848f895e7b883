package readiness

import (
	"context"
	"slices"
	"time"

	"dean06/internal/platform/actor"
)

// Store keeps the register. readinesssql keeps it in a database.
type Store interface {
	Reader
	// InTx runs f in one transaction, and again when the engine asks for it, so
	// f must have no effect but through tx.
	InTx(ctx context.Context, f func(tx Tx) error) error
}

// Reader reads the register.
type Reader interface {
	// Template fails with NotFound when there is none with this ref.
	Template(ctx context.Context, ref string) (*Template, error)
	// Templates lists all versions of all forms, the newest first.
	Templates(ctx context.Context) ([]*Template, error)
	// FormDrafts lists the forms that are being made, the last saved first.
	FormDrafts(ctx context.Context) ([]FormDraft, error)
	// FormDraft fails with NotFound when there is none with this id.
	FormDraft(ctx context.Context, id string) (FormDraft, error)
	// Withdrawals are the forms with which no round is begun any more, by ref.
	Withdrawals(ctx context.Context) (map[string]Withdrawal, error)
	// Campaigns lists the campaigns, the newest first, each with its cancellation and
	// following the last one before it that was not cancelled.
	Campaigns(ctx context.Context) ([]Campaign, error)
	// Campaign gives one of them. It fails with NotFound when there is none with this id.
	Campaign(ctx context.Context, id string) (Campaign, error)
	// CampaignDrafts lists the rounds that are being prepared, the newest first.
	CampaignDrafts(ctx context.Context) ([]CampaignDraft, error)
	// CampaignDraft fails with NotFound when there is none with this id.
	CampaignDraft(ctx context.Context, id string) (CampaignDraft, error)
	// Recipients lists whom the letter asks, as they were called on its day.
	Recipients(ctx context.Context, campaign string) ([]Agency, error)
	// Record loads one agency's return; it is empty when nothing was begun.
	Record(ctx context.Context, campaign, agency string) (Record, error)
	// DraftRevision loads an earlier save of the present draft, the base of a
	// merge. It fails with NotFound when there is none.
	DraftRevision(ctx context.Context, campaign, agency string, revision int) (Return, error)
	// Heads lists where each return that was begun stands.
	Heads(ctx context.Context, campaign string) ([]Head, error)
	// Counted lists the versions that counted at a moment (zero: now), with
	// their answers only when withAnswers is set.
	Counted(ctx context.Context, campaign string, at time.Time, withAnswers bool) ([]Counted, error)
	// Revision changes whenever a return of the campaign does, and when any campaign is
	// cancelled.
	Revision(ctx context.Context, campaign string) (string, error)

	Batch(ctx context.Context, id string) (Batch, error)
	Batches(ctx context.Context, campaign string) ([]Batch, error)
	BatchItems(ctx context.Context, batch string) ([]BatchItem, error)
	BatchItem(ctx context.Context, id string) (BatchItem, error)
	// OpenItems lists the items of a campaign that wait for a person.
	OpenItems(ctx context.Context, campaign string) ([]BatchItem, error)
	// OpenItemOf finds the first of them with this content; false when there is none.
	OpenItemOf(ctx context.Context, campaign, sha256 string) (BatchItem, bool, error)
	// ItemsOf lists the items of a campaign that are of an agency.
	ItemsOf(ctx context.Context, campaign, agency string) ([]BatchItem, error)
	// Unfinished lists the batches that began before a moment and were not finished.
	Unfinished(ctx context.Context, before time.Time) ([]Batch, error)
	// Uploads lists the uploads that came before a moment and have no batch.
	Uploads(ctx context.Context, before time.Time) ([]Upload, error)
	// Needs says that a version, an attachment, a file of a batch or another upload than the one
	// named needs a paper.
	Needs(ctx context.Context, sha256, upload string) (bool, error)
	// AgencySetting is what an agency's leader has settled; nothing when nobody has.
	AgencySetting(ctx context.Context, agency string) (AgencySetting, error)
	// Reminders lists what was sent for a campaign.
	Reminders(ctx context.Context, campaign string) ([]Reminder, error)

	// Waits counts what waits for the office, by campaign; one where nothing waits
	// is left out.
	Waits(ctx context.Context) ([]Waits, error)
	// HeadsOf lists where the returns of one agency stand that were begun.
	HeadsOf(ctx context.Context, agency string) ([]Head, error)
}

// Tx is a transaction on the register. Each change writes its line to the audit
// log in the same transaction.
type Tx interface {
	Reader
	SaveTemplate(ctx context.Context, t *Template, raw []byte, at time.Time) error
	// SaveFormDraft keeps the next revision of a draft. It fails with Conflict when the
	// stored draft is not of the revision before.
	SaveFormDraft(ctx context.Context, d FormDraft, act Act) error
	// RemoveFormDraft fails with Conflict when the draft is of another revision.
	RemoveFormDraft(ctx context.Context, d FormDraft, act Act) error
	SaveWithdrawal(ctx context.Context, w Withdrawal, act Act) error
	RemoveWithdrawal(ctx context.Context, ref string, act Act) error
	SaveCampaign(ctx context.Context, c Campaign, recipients []Agency, at time.Time) error
	// SaveCancellation fails with Conflict when the campaign is cancelled already.
	SaveCancellation(ctx context.Context, campaign string, x Cancellation, act Act) error
	// SaveCampaignDraft and RemoveCampaignDraft fail with Conflict when somebody saved since.
	SaveCampaignDraft(ctx context.Context, d CampaignDraft, act Act) error
	RemoveCampaignDraft(ctx context.Context, id string, revision int, act Act) error
	// SaveRecord writes what now has beyond was. It fails with Conflict when
	// the stored record is no longer was.
	SaveRecord(ctx context.Context, was, now Record, of Agency, verdicts map[int]Verdict, act Act) error
	// SaveBatch ends the upload of a finished batch.
	SaveBatch(ctx context.Context, b Batch) error
	// RemoveBatch removes a batch without files, and its upload.
	RemoveBatch(ctx context.Context, id string) error
	SaveUpload(ctx context.Context, u Upload, at time.Time) error
	RemoveUpload(ctx context.Context, batch string) error
	SaveBatchItem(ctx context.Context, i BatchItem, act Act) error
	// SaveReminder says false when this reminder was sent before.
	SaveReminder(ctx context.Context, r Reminder, act Act) (bool, error)
	SaveAgencySetting(ctx context.Context, s AgencySetting, act Act) error
	// NextArrival takes the next number of the register of arrivals of a year.
	NextArrival(ctx context.Context, year int) (int, error)
	// Log writes a line about a deed that changes no record of its own.
	Log(ctx context.Context, act Act, subject, id string) error
}

// Act is who does what, for the audit log.
type Act struct {
	Actor  actor.Actor
	Action Action
	At     time.Time
	// Details are identifiers and counts, never personal data.
	Details map[string]string
}

// Waits is how much of one campaign waits for the office.
type Waits struct {
	Campaign string
	Files    int // whose agency is not sure, that have one already, or that no program can read
	Unsure   int // returns with places that a person must decide
	Ready    int // returns to read and accept
}

// Head says where one return stands, without its content.
type Head struct {
	Campaign string
	Agency   Agency
	State    State
	Version  int
	Draft    bool
	Problems int // of the newest version, that a person must decide
	Updated  time.Time
	HandedIn time.Time // when the first version came in; zero: none has
}

// Counted is a version that counts in figures.
type Counted struct {
	Agency  Agency
	Version int
	Since   time.Time // from when it counted
	Verdict Verdict
	Return  Return // only when asked for
}

// Batch is a set of files taken in at once.
type Batch struct {
	ID       string
	Campaign string
	By       string // account
	Total    int
	Done     int
	At       time.Time
	Finished time.Time
}

// ItemStatus says what became of a file.
type ItemStatus string

// The statuses of a file.
const (
	ItemAccepted    ItemStatus = "accepted"
	ItemNeedsReview ItemStatus = "needs_review"
	ItemRejected    ItemStatus = "rejected"
)

// BatchItem is one file of a batch and what became of it.
type BatchItem struct {
	ID       string
	Batch    string
	Campaign string
	File     FileRef
	Agency   string // code; empty when it could not be told
	Status   ItemStatus
	Problems []Problem
	// Held is the return when it could not go in at once (the agency is not
	// sure, or it has one already); a person decides.
	// Lists say only that one is held, in IsHeld.
	Held   *Return
	IsHeld bool
	// Version is the number that the return went in as; 0 when it did not.
	Version    int
	Resolution string // "", "imported", "replaced", "discarded", "refused"
	ResolvedBy string
	Reason     string // of a refusal
	At         time.Time
	Arrival    int // its number in the year of At; 0: nothing of it came, or none was given yet

	// Suggests are the agencies that the heading or the name of the file suggests, while
	// Agency is empty.
	Suggests []string
	// Entry counts the saves of what a person enters beside a file that no program can
	// read; Held has it. 0: nothing was entered.
	Entry     int
	EnteredBy string // account
}

// Open says that the item still waits for a person: it is held until somebody decides,
// or it is kept and no program can read it.
func (i BatchItem) Open() bool {
	return i.Resolution == "" && (i.Status == ItemNeedsReview && i.IsHeld || i.Unread())
}

// Standing are the problems of the file, without the questions that were settled when it
// was taken in.
func (i BatchItem) Standing() []Problem {
	if i.Version == 0 {
		return i.Problems
	}
	return slices.DeleteFunc(slices.Clone(i.Problems), holdsBack)
}

// Rivals says that the file is one of several that may be the agency's return.
func (i BatchItem) Rivals() bool {
	return slices.ContainsFunc(i.Problems, func(p Problem) bool {
		return slices.Contains([]string{secondReturn, severalInBatch, cameBack, draftOpen}, p.Reason)
	})
}

// arrival is that of the file.
func (i BatchItem) arrival() Arrival { return Arrival{Number: i.Arrival, At: i.At} }

// Unread says that no program could read the file, so that a person must.
func (i BatchItem) Unread() bool { return i.Status == ItemRejected && i.File.SHA256 != "" }

// Reminder is a reminder that was sent.
type Reminder struct {
	ID       string
	Campaign string
	Agency   string
	Step     string // key of the schedule's step
	Channel  string // "email", "letter"
	By       string
	At       time.Time
}
