package dossierwebtest

import (
	"bytes"
	"context"
	"io"
	"slices"

	"dean06/internal/dossier/dossiertest"
	"dean06/internal/eform"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/upload"
)

// Places are the communes of the world of invented people.
type Places struct{}

var communes = []eform.Unit{
	{Code: "05443", Name: "Phường Phan Đình Phùng", Province: "19", ProvinceName: "Tỉnh Thái Nguyên", From: clock.NewDate(2025, 7, 1)},
	{Code: "05455", Name: "Phường Quyết Thắng", Province: "19", ProvinceName: "Tỉnh Thái Nguyên", From: clock.NewDate(2025, 7, 1)},
}

// Called finds a commune by its name.
func (Places) Called(folded string) []eform.Unit {
	return slices.DeleteFunc(slices.Clone(communes), func(u eform.Unit) bool {
		name := eform.FoldUnit(u.Name)
		return name != folded && eform.BareUnit(name) != folded
	})
}

// Commune finds one by its code.
func (Places) Commune(code string, _ clock.Date) (eform.Unit, bool) {
	i := slices.IndexFunc(communes, func(u eform.Unit) bool { return u.Code == code })
	if i < 0 {
		return eform.Unit{}, false
	}
	return communes[i], true
}

// Province is the one that there is.
func (Places) Province(code string, _ clock.Date) (eform.Unit, bool) {
	return eform.Unit{Code: code, Name: "Tỉnh Thái Nguyên", Province: code}, code == "19"
}

// Provinces are the one that there is.
func (p Places) Provinces(on clock.Date) []eform.Unit {
	u, _ := p.Province("19", on)
	return []eform.Unit{u}
}

// Became says that none was joined with another.
func (Places) Became(u eform.Unit, _ clock.Date) []eform.Unit { return []eform.Unit{u} }

// Uploads stands in for the node's: files that come with the form, told by how they begin and
// kept where the world's dossiers look.
type Uploads struct {
	upload.Service
	Files *dossiertest.Files
	Taken []upload.New
}

// Take keeps a PDF or a photograph.
func (u *Uploads) Take(ctx context.Context, _ string, n upload.New, r io.Reader) (upload.File, error) {
	raw, err := io.ReadAll(r)
	if err != nil {
		return upload.File{}, err
	}
	kind := upload.PDF
	switch {
	case bytes.HasPrefix(raw, []byte("\xff\xd8\xff")):
		kind = upload.JPEG
	case !bytes.HasPrefix(raw, []byte("%PDF")):
		return upload.File{}, fault.New(fault.Invalid, "upload.refused.empty", fault.Args{"name": n.Name})
	}
	u.Taken = append(u.Taken, n)
	hash, size, err := u.Files.Put(ctx, bytes.NewReader(raw))
	return upload.File{SHA256: hash, Size: size, Name: n.Name, For: n.For, Type: kind}, err
}
