package readiness

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/strictjson"
)

// FormDraft is a form that is being made: a template that may still be wrong. No round
// uses it until it is published.
type FormDraft struct {
	ID       string
	Template *Template
	Revision int       // counts the saves
	By       string    // account that saved it last
	At       time.Time // of that save
	// Before is the form as it was before the last save, for who wants it back; nil when
	// nothing can be taken back.
	Before *Template
}

// Withdrawal says that no round is begun with a form any more. Rounds that use it go on.
type Withdrawal struct {
	Ref    string
	Reason string
	By     string // account
	At     time.Time
}

// maxFormRows keeps a form printable, and its pages quick.
const maxFormRows = 500

// NewForm is a form with what every form has, and no question yet.
func NewForm(id string, title Text, today clock.Date) *Template {
	t := &Template{
		ID: id, Version: 1, From: today, Title: title,
		IssuedWith: Text{"(Kèm theo Văn bản số {number} ngày {date})", "(With document {number} of {date})"},
		Part1:      Text{"1. Thông tin về cán bộ đầu mối", "1. Focal point"},
		Part2:      Text{"2. Nội dung báo cáo", "2. What is reported"},
		Choose:     Text{"Chọn một trong các phương án:", "Choose one of:"},
		ChooseStage: Text{
			"Chọn một trong các phương án và dự kiến thời gian hoàn thành, đưa vào khai thác chính thức:",
			"Choose one, and give the expected time of completion and official use:",
		},
		Expected: Text{"dự kiến hoàn thành, đưa vào khai thác chính thức tháng", "expected to be completed and in official use in"},
		Nothing:  Text{"Không có", "None"},
		Contact:  slices.Clone(contactLabels),
		Columns: []Column{
			{Key: ColNumber, Label: Text{"STT", "No."}},
			{Key: ColComponent, Label: Text{"Nội dung", "Question"}},
			{Key: ColNote, Label: Text{"Ghi chú", "Notes"}},
		},
		Options: map[string][]Option{}, Components: []Component{}, Rows: []Row{},
		ProposalColumns: []Labelled{}, Proposals: []Labelled{},
	}
	t.widen()
	return t
}

// contactLabels are what a form asks of the focal point, unless it says otherwise.
var contactLabels = []Labelled{
	{"full_name", Text{"Họ và tên", "Full name"}},
	{"organisation", Text{"Cơ quan công tác", "Organisation"}},
	{"position", Text{"Chức vụ", "Position"}},
	{"phone", Text{"Số điện thoại", "Telephone"}},
	{"email", Text{"Email", "E-mail"}},
}

// ContactLabels lists what a form may ask of the focal point, as it is called when the
// form does not say.
func ContactLabels() []Labelled { return slices.Clone(contactLabels) }

// Copy is a form like this one, to be changed, under a code and a version of its own.
func (t *Template) Copy(id string, version int, from clock.Date) (*Template, error) {
	raw, err := json.Marshal(t)
	if err != nil {
		return nil, err
	}
	out, err := StoredTemplate(raw)
	if err != nil {
		return nil, err
	}
	out.ID, out.Version, out.From = id, version, from
	return out, nil
}

// ParseTemplate reads a form from a file without holding it against the rules of forms:
// what breaks them is mended in a draft. It fails with a fault.List that names the line.
func ParseTemplate(raw []byte) (*Template, error) {
	var t Template
	if err := strictjson.Read(raw, &t); err != nil {
		return nil, fault.List{unreadable(err)}
	}
	return &t, nil
}

// NextVersion is the version after all those of a code.
func NextVersion(all []*Template, id string) int {
	n := 0
	for _, t := range all {
		if t.ID == id {
			n = max(n, t.Version)
		}
	}
	return n + 1
}

// Usable are the forms with which a round may be begun: those that are not withdrawn,
// the newest version of each code first.
func Usable(all []*Template, withdrawn map[string]Withdrawal) []*Template {
	out := slices.DeleteFunc(slices.Clone(all), func(t *Template) bool { _, gone := withdrawn[t.Ref()]; return gone })
	newest := map[string]int{}
	for _, t := range out {
		newest[t.ID] = max(newest[t.ID], t.Version)
	}
	slices.SortStableFunc(out, func(a, b *Template) int {
		older := func(t *Template) int { return newest[t.ID] - t.Version }
		return cmp.Compare(min(older(a), 1), min(older(b), 1))
	})
	return out
}

// FormFile is a form as a file, which ParseTemplate and LoadTemplate read.
func FormFile(t *Template) ([]byte, error) {
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(t)
	return buf.Bytes(), err
}
