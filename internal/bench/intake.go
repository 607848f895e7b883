package bench

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"dean06/data"
	"dean06/internal/app"
	"dean06/internal/org"
	"dean06/internal/platform/clock"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessdocx"
	"dean06/internal/readiness/readinessnode"
	"dean06/internal/readiness/readinessxlsx"
)

// Intake measures how a board takes returns in.
type Intake struct {
	Ground
	Runs  int // of each
	Units int // workbooks at most; 0: all
}

// samples are the Word returns of a round.
func samples(round string) ([]readiness.File, error) {
	names, err := fs.Glob(data.Demo, "demo/appendix-488/round-"+round+"/*.docx")
	if err != nil {
		return nil, err
	}
	var out []readiness.File
	for _, name := range names {
		raw, err := data.Demo.ReadFile(name)
		if err != nil {
			return nil, err
		}
		out = append(out, readiness.File{Name: path.Base(name), Size: int64(len(raw)), Content: raw})
	}
	return out, nil
}

// kindOf is the kind of form that a sample fills in: those of provinces are named after
// their committees.
func kindOf(file string) string {
	if strings.HasPrefix(file, "ubnd-") {
		return readiness.Province
	}
	return readiness.Ministry
}

// take imports files as one batch, all of which must be accepted.
func take(ctx context.Context, r *readiness.Register, campaign string, files []readiness.File) error {
	accepted := 0
	var first readiness.BatchItem
	batch := readiness.Batch{Campaign: campaign, Total: len(files)}
	_, err := r.Import(ctx, readinessnode.System(), batch, slices.Values(files), func(i readiness.BatchItem) {
		if i.Status == readiness.ItemAccepted {
			accepted++
		} else if first.ID == "" {
			first = i
		}
	})
	if err == nil && accepted != len(files) {
		err = fmt.Errorf("%d of %d files accepted; %s is %s: %+v", accepted, len(files), first.File.Name, first.Status, first.Problems)
	}
	return err
}

// Word imports the Word returns of the first round: all at once, and each alone.
func (o Intake) Word(ctx context.Context) ([]Section, error) {
	files, err := samples("2022")
	if err != nil {
		return nil, err
	}
	var all, alone timing
	for range o.Runs {
		err := o.onBoard(ctx, func(b *app.Modules) error {
			return all.run(len(files), func() error { return take(ctx, b.Readiness.Register(), "488", files) })
		})
		if err != nil {
			return nil, err
		}
	}
	err = o.onBoard(ctx, func(b *app.Modules) error {
		return alone.oneByOne(len(files), func(i int) error { return take(ctx, b.Readiness.Register(), "488", files[i:i+1]) })
	})
	if err != nil {
		return nil, err
	}
	count := map[string]float64{"files": float64(len(files))}
	return []Section{all.section("word", count), alone.section("word_alone", count)}, nil
}

// largestRound is the day whose agencies answer in the largest round: before the
// districts and many communes went.
var largestRound = clock.MustDate("2022-10-01")

// Workbooks makes a filled workbook for every agency of 2022, the committees of
// districts and communes included, and imports all as one batch.
func (o Intake) Workbooks(ctx context.Context) (out []Section, err error) {
	err = o.onBoard(ctx, func(b *app.Modules) error {
		r := b.Readiness.Register()
		files, made, err := o.makeWorkbooks(ctx, b)
		if err != nil {
			return err
		}
		var t timing
		if err := t.run(len(files), func() error { return take(ctx, r, largest, files) }); err != nil {
			return err
		}
		out = []Section{
			made.section("workbooks_made", map[string]float64{"files": float64(len(files)), "bytes_a_file": float64(files[len(files)/2].Size)}),
			t.section("workbooks", map[string]float64{"files": float64(len(files)), "files_per_second": perSecond(len(files), t.runs[0])}),
		}
		return answered(ctx, r, len(files))
	})
	return out, err
}

// largest is the letter of the largest round.
const largest = "bench"

// answered makes sure that what was measured is what was meant.
func answered(ctx context.Context, r *readiness.Register, want int) error {
	f, err := r.Figures(ctx, readinessnode.System(), readiness.Question{Campaign: largest})
	if err != nil {
		return err
	}
	got := len(f.Ministries.Answered) + len(f.Provinces.Answered)
	for _, g := range f.Others {
		got += len(g.Answered)
	}
	if got != want {
		return fmt.Errorf("%d agencies answered, want %d", got, want)
	}
	return nil
}

func (o Intake) makeWorkbooks(ctx context.Context, b *app.Modules) ([]readiness.File, *timing, error) {
	agencies := b.Org.Agencies().Of(largestRound, org.KindMinistry, org.KindProvince, org.KindDistrict, org.KindCommune)
	if o.Units > 0 {
		agencies = agencies[:min(o.Units, len(agencies))]
	}
	r := b.Readiness.Register()
	c, t, err := r.Letter(ctx, readinessnode.System(), "488")
	if err != nil {
		return nil, nil, err
	}
	c.ID, c.Number, c.Recipients = largest, "bench/2022", readiness.RecipientSet{
		On:    largestRound,
		Kinds: []string{readiness.Ministry, readiness.Province, readiness.District, readiness.Commune},
	}
	if err := r.OpenCampaign(ctx, readinessnode.System(), c); err != nil {
		return nil, nil, err
	}
	given, err := givenAnswers(t)
	if err != nil {
		return nil, nil, err
	}
	made := &timing{}
	files := make([]readiness.File, len(agencies))
	err = made.oneByOne(len(files), func(i int) error {
		a := &agencies[i]
		kind := readiness.FormKind(string(a.Kind()))
		fitting := given[kind]
		ret := fitting[i%len(fitting)].Clone()
		ret.Agency, ret.Campaign, ret.Heading = a.Code, c.ID, a.Name
		ret.Contact.Organisation, ret.Contact.Email = a.Name, "" // of the sample's agency
		raw, err := readinessxlsx.Write(t, &ret, readinessxlsx.Options{AgencyName: a.Name, CampaignName: c.Number, Kind: kind, Lang: "vi"})
		files[i] = readiness.File{Name: a.Code + ".xlsx", Size: int64(len(raw)), Content: raw}
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return files, made, nil
}

// givenAnswers are the sample returns by the kind of form that they fill in.
func givenAnswers(t *readiness.Template) (map[string][]readiness.Return, error) {
	out := map[string][]readiness.Return{}
	for _, round := range []string{"2022", "2023"} {
		files, err := samples(round)
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			ret, _, err := readinessdocx.Read(t, f.Name, bytes.NewReader(f.Content), f.Size)
			if err != nil {
				return nil, err
			}
			kind := kindOf(f.Name)
			out[kind] = append(out[kind], ret)
		}
	}
	return out, nil
}

// Files reads and writes single files, without a register.
func (o Intake) Files(ctx context.Context) (out []Section, err error) {
	var t *readiness.Template
	err = o.onBoard(ctx, func(b *app.Modules) (err error) {
		t, err = b.Readiness.Register().Template(ctx, readinessnode.System(), "488/1")
		return err
	})
	if err != nil {
		return nil, err
	}
	files, err := samples("2022")
	if err != nil {
		return nil, err
	}
	returns, workbooks := make([]readiness.Return, len(files)), make([][]byte, len(files))
	for _, step := range []struct {
		name string
		do   func(i int) error
	}{
		{"word_read", func(i int) (err error) {
			returns[i], _, err = readinessdocx.Read(t, files[i].Name, bytes.NewReader(files[i].Content), files[i].Size)
			return err
		}},
		{"word_written", func(i int) error {
			_, err := readinessdocx.Write(t, &returns[i], readinessdocx.Options{
				Heading: returns[i].Heading, Kind: kindOf(files[i].Name), Lang: "vi",
			})
			return err
		}},
		{"workbook_written", func(i int) (err error) {
			workbooks[i], err = readinessxlsx.Write(t, &returns[i], readinessxlsx.Options{
				AgencyCode: "H55", AgencyName: returns[i].Heading, CampaignCode: "488", CampaignName: "488/BTTTT-CĐSQG",
				Kind: kindOf(files[i].Name), Lang: "vi",
			})
			return err
		}},
		{"workbook_read", func(i int) error {
			_, _, err := readinessxlsx.Read(t, "a.xlsx", bytes.NewReader(workbooks[i]), int64(len(workbooks[i])))
			return err
		}},
	} {
		var took timing
		for range o.Runs {
			err := took.oneByOne(len(files), func(i int) error {
				if err := step.do(i); err != nil {
					return fmt.Errorf("%s: %w", files[i].Name, err)
				}
				return nil
			})
			if err != nil {
				return nil, err
			}
		}
		out = append(out, took.section(step.name, map[string]float64{"files": float64(len(files)), "times": float64(o.Runs)}))
	}
	return out, nil
}
