package readiness

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"dean06/internal/platform/fault"
)

// PartHolder is who of an agency has a part of the form, and whether it is done.
type PartHolder struct {
	Part   string // key of the task, see Tasks
	Holder string // account
	Done   bool
	By     string // who said so last
	At     time.Time
}

// Holder is who has a part; false when nobody does.
func (r Record) Holder(part string) (PartHolder, bool) {
	i := slices.IndexFunc(r.Parts, func(h PartHolder) bool { return h.Part == part && h.Holder != "" })
	if i < 0 {
		return PartHolder{}, false
	}
	return r.Parts[i], true
}

// withPart is the record with a part held so.
func (r Record) withPart(h PartHolder) Record {
	r.Parts = slices.Clone(r.Parts)
	if i := slices.IndexFunc(r.Parts, func(o PartHolder) bool { return o.Part == h.Part }); i >= 0 {
		r.Parts[i] = h
	} else {
		r.Parts = append(r.Parts, h)
	}
	return r
}

// Give says who has a part from now on; "" is nobody. What was done is to be looked at by
// the new holder.
func (r Record) Give(part, holder, by string, at time.Time) (Record, error) {
	if err := r.writable(); err != nil {
		return r, err
	}
	if h, _ := r.Holder(part); h.Holder == holder {
		return r, nil
	}
	return r.withPart(PartHolder{Part: part, Holder: holder, By: by, At: at}), nil
}

// MarkPart says that a part is done, or is not. Whoever marks a part that nobody has, has
// it.
func (r Record) MarkPart(part string, done bool, by string, at time.Time) (Record, error) {
	if err := r.writable(); err != nil {
		return r, err
	}
	h, held := r.Holder(part)
	if !held {
		h = PartHolder{Part: part, Holder: by}
	}
	if held && h.Done == done {
		return r, nil
	}
	h.Done, h.By, h.At = done, by, at
	return r.withPart(h), nil
}

// reworked takes the mark from parts that were done and have changed since.
func (r Record) reworked(parts []string, by string, at time.Time) Record {
	for _, part := range parts {
		if h, ok := r.Holder(part); ok && h.Done {
			h.Done, h.By, h.At = false, by, at
			r = r.withPart(h)
		}
	}
	return r
}

// Unfinished are the parts that somebody has and has not marked as done. A form that is
// shared is handed in when there is none.
func (r Record) Unfinished() []PartHolder {
	var out []PartHolder
	for _, h := range r.Parts {
		if h.Holder != "" && !h.Done {
			out = append(out, h)
		}
	}
	return out
}

// TaskOf is the part of the form in which a field is written; "" for none.
func TaskOf(tpl *Template, field string) string {
	group, key, _ := strings.Cut(field, ".")
	switch group {
	case "contact", "letter":
		return TaskContact
	case "system":
		return TaskSystems
	case "proposal":
		return TaskProposals
	case "difficulties", "recommendations":
		return TaskDifficulties
	case "row":
		return componentOf(tpl, key)
	}
	return ""
}

// componentOf finds the component of "5.1-a.compliance" or "4.3@s2".
func componentOf(tpl *Template, key string) string {
	for key != "" {
		number, _, _ := strings.Cut(key, "@")
		if row, ok := RowOf(tpl, number); ok {
			return row.Component
		}
		i := strings.LastIndexByte(key, '.')
		if i < 0 {
			return ""
		}
		key = key[:i]
	}
	return ""
}

// partsChanged are the parts of the form in which two returns differ.
func partsChanged(tpl *Template, before, after Return) []string {
	var out []string
	for _, c := range Diff(tpl, before, after) {
		if part := TaskOf(tpl, c.Field); part != "" && !slices.Contains(out, part) {
			out = append(out, part)
		}
	}
	return out
}

// Verdicts of an agency's leader on a draft.
const (
	ApprovalAsked   = "asked"
	ApprovalGiven   = "approved"
	ApprovalRefused = "refused"
)

// Approval is a step of the agency's own approval of what it is about to hand in.
type Approval struct {
	Kind string
	Mark string // of the draft that it is about, see Record.Mark
	Text string // why it was refused
	By   string // account
	At   time.Time
}

// Mark names what would be handed in now, attachments among it: whatever changes, the mark
// does. It is "" when there is no draft.
func (r Record) Mark() string {
	if r.Draft == nil {
		return ""
	}
	gone := 0
	for _, a := range r.Attachments {
		if a.Until > 0 {
			gone++
		}
	}
	return fmt.Sprintf("%d.%d.%d.%d", r.Draft.Base, r.Draft.Revision, len(r.Attachments), gone)
}

// Approval is the last step about the draft as it is now; what was changed since is
// about to be asked for anew. The zero value: nothing was asked.
func (r Record) Approval() Approval {
	if n := len(r.Approvals); n > 0 && r.Approvals[n-1].Mark == r.Mark() && Editable(r.State()) {
		return r.Approvals[n-1]
	}
	return Approval{}
}

// Approved says that the leader approved the draft as it is now.
func (r Record) Approved() bool { return r.Approval().Kind == ApprovalGiven }

// AskApproval lays the draft before the leader.
func (r Record) AskApproval(by string, at time.Time) (Record, error) {
	if err := r.writable(); err != nil {
		return r, err
	}
	switch {
	case r.Draft == nil:
		return r, fault.New(fault.Conflict, "readiness.draft.not_found", nil)
	case r.Approval().Kind == ApprovalAsked || r.Approved():
		return r, fault.New(fault.Conflict, "readiness.approval.already", nil)
	}
	return r.withApproval(Approval{Kind: ApprovalAsked, Mark: r.Mark(), By: by, At: at}), nil
}

// Judge is the leader's answer to the draft with this mark: approved, or refused with why.
// Nobody approves what they laid before themselves.
func (r Record) Judge(mark string, approved bool, text, by string, at time.Time) (Record, error) {
	asked := r.Approval()
	switch {
	case asked.Kind != ApprovalAsked || asked.Mark != mark:
		return r, fault.New(fault.Conflict, "readiness.approval.changed", nil)
	case asked.By == by:
		return r, fault.New(fault.Denied, "readiness.approval.own", nil)
	case !approved && strings.TrimSpace(text) == "":
		return r, fault.New(fault.Invalid, "readiness.approval.why", nil).At("text")
	}
	kind := ApprovalGiven
	if !approved {
		kind = ApprovalRefused
	}
	return r.withApproval(Approval{Kind: kind, Mark: mark, Text: strings.TrimSpace(text), By: by, At: at}), nil
}

func (r Record) withApproval(a Approval) Record {
	r.Approvals = append(slices.Clip(r.Approvals), a)
	return r
}

// Reply is an agency's answer to a comment with which a version came back.
type Reply struct {
	Version int    // that came back
	Field   string // of the comment
	Text    string
	By      string // account
	At      time.Time
}

// sentBack is the newest step with which a version came back, up to one.
func (r Record) sentBack(version int) (Step, bool) {
	for _, s := range slices.Backward(r.Steps) {
		if s.Event == EventSendBack && s.Version <= version {
			return s, true
		}
	}
	return Step{}, false
}

// CommentsAt are the comments that a version came back with, or else those that it
// answers, each with its reply.
func (r Record) CommentsAt(version int) []Comment {
	s, ok := r.sentBack(version)
	if !ok {
		return nil
	}
	out := slices.Clone(s.Comments)
	for i := range out {
		for _, reply := range r.Replies {
			if reply.Version == s.Version && reply.Field == out[i].Field {
				out[i].Reply = reply.Text
			}
		}
	}
	return out
}

// ToAnswer are the comments that the agency has before it, with its replies so far.
func (r Record) ToAnswer() []Comment {
	if s, ok := r.sentBack(len(r.Versions)); !ok || s.Version != len(r.Versions) || !Editable(r.State()) {
		return nil
	}
	return r.CommentsAt(len(r.Versions))
}

// Answer replies to a comment; the newest reply is the one that holds.
func (r Record) Answer(field, text, by string, at time.Time) (Record, error) {
	text = strings.TrimSpace(text)
	i := slices.IndexFunc(r.ToAnswer(), func(c Comment) bool { return c.Field == field })
	switch {
	case i < 0:
		return r, fault.New(fault.Conflict, "readiness.reply.none", nil)
	case text == "":
		return r, fault.New(fault.Invalid, "readiness.reply.empty", nil).At("text")
	}
	r.Replies = append(slices.Clip(r.Replies), Reply{Version: len(r.Versions), Field: field, Text: text, By: by, At: at})
	return r, nil
}

// handedInReplies leaves out what the agency has not handed in yet.
func (r Record) handedInReplies() []Reply {
	if len(r.ToAnswer()) == 0 {
		return r.Replies
	}
	return slices.DeleteFunc(slices.Clone(r.Replies), func(x Reply) bool { return x.Version == len(r.Versions) })
}
