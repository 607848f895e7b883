package dossier

import (
	"context"
	"path"
	"slices"
	"strconv"

	"dean06/internal/eform"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/spelling"
	"dean06/internal/procedure"
)

// needs are the papers that are needed by the answers as they are, and what meets each:
// what the state has before what the citizen brings.
func needs(p *procedure.Package, view eform.View, have []Paper, channel Channel) []Need {
	met := func(id string) []Paper {
		var out []Paper
		for _, h := range have {
			if h.Requirement == id && !h.Removed {
				out = append(out, h)
			}
		}
		slices.SortStableFunc(out, func(a, b Paper) int { return rank(a.How) - rank(b.How) })
		return out
	}
	var out []Need
	for _, paper := range p.Papers {
		if paper.When != nil && !paper.When.Holds(view) {
			continue
		}
		n := Need{Paper: paper, Met: met(paper.ID)}
		if len(n.Met) == 0 && slices.ContainsFunc(paper.Proved, func(x procedure.Proof) bool { return x.By == string(ByAgency) }) {
			// The agency looks up its own record, and marks it where there is none.
			n.Met = []Paper{{Requirement: paper.ID, How: ByAgency, Source: p.Code, Reused: true}}
		}
		n.Asked = len(n.Met) == 0
		if paper.Shown {
			n.ByDesk, n.Asked = len(n.Met) == 0, n.Asked && channel == AtDesk
		}
		out = append(out, n)
	}
	// Of several of which one is enough, the others are not asked for once one is there.
	for i := range out {
		for _, other := range out[i].Paper.OneOf {
			if len(met(other)) > 0 {
				out[i].Asked = false
			}
			for j := range out {
				if out[j].Paper.ID == other && len(out[i].Met) > 0 {
					out[j].Asked = false
				}
			}
		}
	}
	return out
}

func rank(h How) int {
	return slices.Index([]How{ByRegister, ByDossier, ByAgency, ByScan, ByUpload, ByShowing}, h)
}

// fees are what is to be paid by the answers as they are.
func fees(p *procedure.Package, view eform.View, answers eform.Answers) []FeeItem {
	var out []FeeItem
	for _, f := range p.Fees {
		if f.When != nil && !f.When.Holds(view) {
			continue
		}
		item := FeeItem{ID: f.ID, Unknown: f.Amount == nil}
		if f.Amount != nil {
			item.Amount = *f.Amount
		}
		if f.Per != "" {
			n, err := strconv.ParseInt(answers[f.Per].Value.Text, 10, 64)
			if err != nil || n <= 0 {
				continue // none is wanted
			}
			item.Amount *= n
		}
		out = append(out, item)
	}
	return out
}

// Requirements are the papers that are needed now.
func (s *Service) Requirements(ctx context.Context, a actor.Actor, id string) ([]Need, error) {
	d, p, _, err := s.draft(ctx, a, id)
	if err != nil {
		return nil, err
	}
	return needs(p, p.Form.View(d.Answers, s.Facts(d)), d.Papers, d.Channel), nil
}

// Bounds of files.
const (
	mostPerPaper = 20
	mostFiles    = 100
)

// AttachPaper notes what meets a requirement.
func (s *Service) AttachPaper(ctx context.Context, a actor.Actor, id string, version int, in Attached) (Draft, error) {
	d, p, _, err := s.changes(ctx, a, id, version)
	if err != nil {
		return d, err
	}
	may, err := s.mayChange(ctx, &d, p)
	if err != nil {
		return d, err
	}
	at := "papers." + in.Requirement
	_, known := p.Paper(in.Requirement)
	switch {
	case !known:
		return d, fault.New(fault.Invalid, "dossier.paper.unknown", nil).At(at)
	case !may("", in.Requirement):
		return d, fault.New(fault.Denied, "dossier.draft.not_asked", nil).At(at)
	case in.How != ByUpload && !(d.Assisted && (in.How == ByScan || in.How == ByShowing)):
		return d, fault.New(fault.Invalid, "dossier.paper.how", nil).At(at)
	}
	paper := Paper{
		Requirement: in.Requirement, How: in.How, Source: a.Account, At: moment(s.Clock.Now()), Warnings: in.Warnings,
		Name: spelling.Clean(path.Base(in.Name)),
	}
	if in.How == ByUpload || in.How == ByScan {
		if in.File == "" || in.Size <= 0 {
			return d, fault.New(fault.Invalid, "dossier.paper.empty", nil).At(at)
		}
		r, err := s.Files.Open(ctx, in.File)
		if err != nil {
			return d, fault.New(fault.Invalid, "dossier.paper.no_file", nil).At(at).Because(err)
		}
		if err := r.Close(); err != nil {
			return d, err
		}
		paper.File, paper.Size, paper.Type, paper.Digitised = in.File, in.Size, in.Type, true
	}
	n := 0
	for i, have := range d.Papers {
		if have.Requirement != in.Requirement || have.Removed {
			continue
		}
		if have.File == paper.File && have.How == paper.How {
			d.Papers = slices.Delete(slices.Clone(d.Papers), i, i+1) // the same once more
			break
		}
		n++
	}
	if n >= mostPerPaper || len(d.Papers) >= mostFiles {
		return d, fault.New(fault.Invalid, "dossier.paper.too_many", fault.Args{"most": mostPerPaper}).At(at)
	}
	d.Papers = append(slices.Clone(d.Papers), paper)
	return s.saveDraft(ctx, d)
}

// RemovePaper takes one away again. What the state has stays.
func (s *Service) RemovePaper(ctx context.Context, a actor.Actor, id string, version int, requirement, file string) (Draft, error) {
	d, _, _, err := s.changes(ctx, a, id, version)
	if err != nil {
		return d, err
	}
	kept := slices.DeleteFunc(slices.Clone(d.Papers), func(p Paper) bool {
		return p.Requirement == requirement && p.File == file && rank(p.How) > rank(ByAgency)
	})
	if len(kept) == len(d.Papers) {
		return d, fault.New(fault.Invalid, "dossier.paper.not_there", nil).At("papers." + requirement)
	}
	d.Papers = kept
	return s.saveDraft(ctx, d)
}
