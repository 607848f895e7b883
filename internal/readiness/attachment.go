package readiness

import (
	"context"
	"slices"
	"strings"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
)

// Attachment is a file that an agency adds at an answer of its return: a signed scan, a
// decision. It goes with the versions in which it was handed in, and is never changed.
type Attachment struct {
	ID    string
	Field string // of the answer, see AnswerField; "": of the return as a whole
	File  FileRef
	Type  string // media type, by its content
	By    string // account
	At    time.Time
	Since int // the version with which it was handed in first, or will be
	Until int // the first version without it; 0: none
}

// Bounds of attachments, those of dossiers.
const (
	mostPerAnswer   = 20
	mostAttachments = 100
)

// Attached lists what goes with a version.
func (r Record) Attached(version int) []Attachment {
	var out []Attachment
	for _, a := range r.Attachments {
		if a.Since <= version && (a.Until == 0 || version < a.Until) {
			out = append(out, a)
		}
	}
	return out
}

// Attaching lists what will go with the version that the agency writes.
func (r Record) Attaching() []Attachment { return r.Attached(len(r.Versions) + 1) }

// handedIn leaves out what the agency did with its attachments since it handed in.
func (r Record) handedIn() []Attachment {
	var out []Attachment
	for _, a := range r.Attachments {
		if a.Since > len(r.Versions) {
			continue
		}
		if a.Until > len(r.Versions) {
			a.Until = 0
		}
		out = append(out, a)
	}
	return out
}

// writable says that the agency may add to its return: it has begun, and has it.
func (r Record) writable() error {
	if s := r.State(); !Editable(s) {
		return fault.New(fault.Conflict, "readiness.state.not_editable", fault.Args{"state": string(s)})
	}
	if r.Draft == nil && len(r.Versions) == 0 {
		return fault.New(fault.Conflict, "readiness.draft.not_found", nil)
	}
	return nil
}

// Attach adds a file to the version that the agency writes. The same file at the same
// answer once more changes nothing.
func (r Record) Attach(a Attachment) (Record, error) {
	if err := r.writable(); err != nil {
		return r, err
	}
	here, all := 0, r.Attaching()
	for _, have := range all {
		if have.Field != a.Field {
			continue
		}
		if have.File.SHA256 == a.File.SHA256 {
			return r, nil
		}
		here++
	}
	if here >= mostPerAnswer || len(all) >= mostAttachments {
		return r, fault.New(fault.Invalid, "readiness.attachment.too_many", fault.Args{"answer": mostPerAnswer, "all": mostAttachments}).At("file")
	}
	a.Since, a.Until = len(r.Versions)+1, 0
	r.Attachments = append(slices.Clip(r.Attachments), a)
	return r, nil
}

// Detach leaves a file out of the version that the agency writes; earlier versions keep
// it. It fails with NotFound when it is not there.
func (r Record) Detach(id string) (Record, error) {
	if err := r.writable(); err != nil {
		return r, err
	}
	i := slices.IndexFunc(r.Attachments, func(a Attachment) bool { return a.ID == id && a.Until == 0 })
	if i < 0 {
		return r, errNoAttachment
	}
	r.Attachments = slices.Clone(r.Attachments)
	r.Attachments[i].Until = len(r.Versions) + 1
	return r, nil
}

var errNoAttachment = fault.New(fault.NotFound, "readiness.attachment.none", nil)

// AttachAt lists the answers at which a file can be attached.
func AttachAt(tpl *Template, ret Return, kind string) []Slot {
	var out []Slot
	for _, c := range tpl.Components {
		out = append(out, Slots(tpl, ret, kind, c.Key)...)
	}
	return out
}

// Attach adds a file, which the caller has looked at and kept, at an answer of the
// agency's return, or at the return as a whole. It fails with Invalid at an answer that
// the return has not.
func (r *Register) Attach(ctx context.Context, who actor.Actor, campaign, agency string, in Attachment) (Record, error) {
	if err := Can(who, EditDraft, agency); err != nil {
		return Record{}, err
	}
	v, err := r.view(ctx, campaign, agency)
	if err != nil {
		return Record{}, err
	}
	in.ID, in.By, in.At = r.newID(), who.Account, r.clock.Now()
	return r.change(ctx, who, EditDraft, v, func(rec Record) (Record, error) {
		ret, _ := rec.Working()
		at := func(s Slot) bool { return AnswerField(v.Template, s.Answer) == in.Field }
		if in.Field != "" && !slices.ContainsFunc(AttachAt(v.Template, ret, v.Agency.Kind), at) {
			return rec, fault.New(fault.Invalid, "readiness.attachment.no_answer", nil).At("field")
		}
		return rec.Attach(in)
	})
}

// Detach leaves a file out of the version that the agency writes.
func (r *Register) Detach(ctx context.Context, who actor.Actor, campaign, agency, id string) (Record, error) {
	return r.decide(ctx, who, EditDraft, campaign, agency, func(rec Record) (Record, error) { return rec.Detach(id) })
}

// Attachment gives a file that goes with a return, to who may read the return. Who sees
// its focal point nowhere else is written down: a scan cannot be masked. It fails with
// NotFound where there is none, or none that they may see yet.
func (r *Register) Attachment(ctx context.Context, who actor.Actor, campaign, agency, id string) (Attachment, []byte, error) {
	v, err := r.Look(ctx, who, campaign, agency)
	if err != nil {
		return Attachment{}, nil, err
	}
	i := slices.IndexFunc(v.Record.Attachments, func(a Attachment) bool { return a.ID == id })
	if i < 0 {
		return Attachment{}, nil, errNoAttachment
	}
	a := v.Record.Attachments[i]
	if err := r.seen(ctx, who, campaign, agency); err != nil {
		return a, nil, err
	}
	content, err := r.papers.Get(ctx, a.File)
	return a, content, err
}

// UploadFor is what an upload for a return is for, and UploadOf whose return that is.
func UploadFor(campaign, agency string) string { return "return " + campaign + "/" + agency }

// UploadOf is the return for which an upload is; false when it is for something else.
func UploadOf(purpose string) (campaign, agency string, ok bool) {
	rest, isReturn := strings.CutPrefix(purpose, "return ")
	campaign, agency, cut := strings.Cut(rest, "/")
	return campaign, agency, isReturn && cut && agency != ""
}
