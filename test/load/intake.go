//go:build unix

package main

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"dean06/internal/app"
	"dean06/internal/org"
	"dean06/internal/org/orgsql"
	"dean06/internal/platform/clock"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessdocx"
	"dean06/internal/readiness/readinessxlsx"
)

// word imports the 82 Word returns of the first round.
func (b *bench) word(ctx context.Context) error {
	files, err := samples("2022")
	if err != nil {
		return err
	}
	for _, engine := range b.engines() {
		all := row{what: fmt.Sprintf("import of the %d Word returns, %s", len(files), engine)}
		alone := row{what: "one Word return alone, " + engine}
		for range b.runs {
			err := b.with(ctx, engine, func(n *app.Node) error {
				s := start()
				err := take(ctx, n, "488", files)
				wall, cpu := s.stop()
				all.runs, all.cpu, all.count = append(all.runs, wall), all.cpu+cpu, all.count+len(files)
				return err
			})
			if err != nil {
				return err
			}
		}
		err := b.with(ctx, engine, func(n *app.Node) error {
			for _, f := range files {
				s := start()
				if err := take(ctx, n, "488", []readiness.File{f}); err != nil {
					return err
				}
				wall, cpu := s.stop()
				alone.ops, alone.cpu, alone.count = append(alone.ops, wall), alone.cpu+cpu, alone.count+1
			}
			return nil
		})
		if err != nil {
			return err
		}
		all.note = "read, checked, file and rows on disk, audited"
		b.add(all)
		b.add(alone)
	}
	return nil
}

// country is the day whose agencies answer in the largest round.
var country = clock.MustDate("2022-10-01")

// workbooks makes a filled workbook for every agency of 2022, the committees of
// districts and communes included, and imports all as one batch.
func (b *bench) workbooks(ctx context.Context) error {
	for i, engine := range b.engines() {
		err := b.with(ctx, engine, func(n *app.Node) error {
			files, made, err := b.makeWorkbooks(ctx, n)
			if err != nil {
				return err
			}
			if i == 0 {
				b.add(made)
			}
			r := row{what: fmt.Sprintf("import of %d workbooks, %s", len(files), engine), target: "2 min"}
			s := start()
			if err := take(ctx, n, "bench", files); err != nil {
				return err
			}
			wall, cpu := s.stop()
			r.runs, r.cpu, r.count = []time.Duration{wall}, cpu, len(files)
			r.note = fmt.Sprintf("one batch; %.0f a second", float64(len(files))/wall.Seconds())
			b.add(r)
			return checkAll(ctx, n, len(files))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// checkAll makes sure that what was measured is what was meant.
func checkAll(ctx context.Context, n *app.Node, want int) error {
	f, err := n.Register.Figures(ctx, app.System, readiness.Question{Campaign: "bench"})
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

func (b *bench) makeWorkbooks(ctx context.Context, n *app.Node) ([]readiness.File, row, error) {
	agencies, err := n.Org.Respondents(ctx, orgsql.On(country), org.Ministry, org.Ministerial, org.Committee, org.District, org.Commune)
	if err != nil {
		return nil, row{}, err
	}
	if b.units > 0 {
		agencies = agencies[:min(b.units, len(agencies))]
	}
	c, err := n.Store.Campaign(ctx, "488")
	if err != nil {
		return nil, row{}, err
	}
	c.ID, c.Number, c.Recipients = "bench", "bench/2022", readiness.RecipientSet{
		On:    country,
		Kinds: []string{readiness.Ministry, readiness.Province, readiness.District, readiness.Commune},
	}
	if err := n.Register.OpenCampaign(ctx, app.System, c); err != nil {
		return nil, row{}, err
	}
	t, err := n.Store.Template(ctx, c.Template)
	if err != nil {
		return nil, row{}, err
	}
	given, err := answers(t)
	if err != nil {
		return nil, row{}, err
	}
	r := row{what: fmt.Sprintf("%d workbooks made", len(agencies))}
	files := make([]readiness.File, len(agencies))
	s := start()
	for i, a := range agencies {
		kind := readiness.Commune
		if a.Level.IsAgency() && a.Level != org.Committee {
			kind = readiness.Ministry
		}
		fitting := given[readiness.FormKind(kind)]
		ret := fitting[i%len(fitting)].Clone()
		ret.Agency, ret.Campaign, ret.Heading = a.Code, c.ID, a.Name
		began := time.Now()
		raw, err := readinessxlsx.Write(t, &ret, readinessxlsx.Options{AgencyName: a.Name, CampaignName: c.Number, Kind: kind, Lang: "vi"})
		if err != nil {
			return nil, r, err
		}
		r.ops = append(r.ops, time.Since(began))
		files[i] = readiness.File{Name: a.Code + ".xlsx", Size: int64(len(raw)), Content: raw}
	}
	wall, cpu := s.stop()
	r.runs, r.cpu, r.count = []time.Duration{wall}, cpu, len(files)
	r.note = fmt.Sprintf("on one core, %d KB each", len(files[len(files)/2].Content)>>10)
	return files, r, nil
}

// answers are the sample returns by the kind of form that they fill in.
func answers(t *readiness.Template) (map[string][]readiness.Return, error) {
	files, err := samples("2022")
	if err != nil {
		return nil, err
	}
	more, err := samples("2023")
	if err != nil {
		return nil, err
	}
	out := map[string][]readiness.Return{}
	for _, f := range append(files, more...) {
		ret, _, err := readinessdocx.Read(t, f.Name, bytes.NewReader(f.Content), f.Size)
		if err != nil {
			return nil, err
		}
		kind := readiness.Ministry
		if isProvince(f.Name) {
			kind = readiness.Province
		}
		out[kind] = append(out[kind], ret)
	}
	return out, nil
}

// files reads and writes single files, without a register.
func (b *bench) files(ctx context.Context) error {
	return b.with(ctx, "SQLite", func(n *app.Node) error {
		t, err := n.Store.Template(ctx, "488/1")
		if err != nil {
			return err
		}
		files, err := samples("2022")
		if err != nil {
			return err
		}
		readWord, writeWord := row{what: "Word return read"}, row{what: "Word form written"}
		readExcel, writeExcel := row{what: "workbook read"}, row{what: "workbook written"}
		one := func(r *row, f func() error) error {
			s := start()
			err := f()
			wall, cpu := s.stop()
			r.ops, r.cpu, r.count = append(r.ops, wall), r.cpu+cpu, r.count+1
			return err
		}
		for range b.runs {
			for _, f := range files {
				var ret readiness.Return
				var raw []byte
				kind := readiness.Ministry
				if isProvince(f.Name) {
					kind = readiness.Province
				}
				for _, step := range []struct {
					row *row
					do  func() error
				}{
					{&readWord, func() (err error) {
						ret, _, err = readinessdocx.Read(t, f.Name, bytes.NewReader(f.Content), f.Size)
						return err
					}},
					{&writeWord, func() error {
						_, err := readinessdocx.Write(t, &ret, readinessdocx.Options{Heading: ret.Heading, Kind: kind, Lang: "vi"})
						return err
					}},
					{&writeExcel, func() (err error) {
						raw, err = readinessxlsx.Write(t, &ret, readinessxlsx.Options{
							AgencyCode: "H55", AgencyName: ret.Heading,
							CampaignCode: "488", CampaignName: "488/BTTTT-CĐSQG", Kind: kind, Lang: "vi",
						})
						return err
					}},
					{&readExcel, func() error {
						_, _, err := readinessxlsx.Read(t, "a.xlsx", bytes.NewReader(raw), int64(len(raw)))
						return err
					}},
				} {
					if err := one(step.row, step.do); err != nil {
						return fmt.Errorf("%s: %w", f.Name, err)
					}
				}
			}
		}
		for _, r := range []row{readWord, writeWord, readExcel, writeExcel} {
			r.note = fmt.Sprintf("the %d samples, %d times, in memory", len(files), b.runs)
			b.add(r)
		}
		return nil
	})
}
