package apply

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossierweb"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

// maxProof bounds a PDF that is compared.
const maxProof = 20 << 20

// faultOf are the faults with which a public form is shown again: also that nothing is
// there, and that somebody tried too often.
func faultOf(err error) fault.List {
	if errs := web.FormErrors(err); len(errs) > 0 {
		return errs
	}
	if f := fault.As(err); f != nil && (f.Kind == fault.NotFound || f.Kind == fault.TooMany || f.Kind == fault.Denied) {
		if f.Field == "" {
			f = f.At("code")
		}
		return fault.List{f}
	}
	return nil
}

// proofView is the page that proves a paper.
type proofView struct {
	ui.Page
	Proof   string
	State   string
	Good    bool
	Facts   []ui.Fact
	File    ui.Field
	Same    *bool // the file that was sent is this paper
	Reason  string
	Replace string // address of the paper that took its place
}

func (p *Pages) prove(w http.ResponseWriter, r *http.Request) error {
	v, _, err := p.proofOf(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, proofPage(v))
}

func (p *Pages) proofOf(r *http.Request) (proofView, dossier.Proof, error) {
	ctx, secret := r.Context(), r.PathValue("proof")
	got, err := p.Service.Prove(ctx, secret)
	if err != nil {
		return proofView{}, got, err
	}
	v := proofView{Page: p.page(r, t(ctx, "proof.title")), Proof: secret, Good: got.Current}
	fact := func(key, value string) ui.Fact { return ui.Fact{Key: t(ctx, "proof."+key), Value: value} }
	v.Facts = []ui.Fact{
		fact("what", cmp.Or(got.Result.In(dossierweb.Lang(ctx)), dossierweb.T(ctx, "issued."+got.Paper.Kind))), fact("number", got.Paper.Number),
		fact("agency", got.Agency), fact("at", dossierweb.Moment(ctx, got.Paper.At)),
		fact("procedure", got.Procedure.In(dossierweb.Lang(ctx))), fact("code", got.Code), fact("applicant", got.Applicant),
	}
	switch {
	case !got.Paper.Revoked.IsZero():
		v.State = t(ctx, "proof.revoked", map[string]any{"at": dossierweb.Moment(ctx, got.Paper.Revoked)})
		v.Reason = got.Paper.Basis // the reason, which may name somebody, is for the applicant
	case got.Paper.Replaced != "":
		v.State, v.Reason = t(ctx, "proof.replaced"), got.Paper.Basis
		if got.By != nil {
			v.Replace = proof + "/" + got.By.Proof
		}
	case got.Paper.Unsigned:
		v.State = t(ctx, "proof.valid_unsigned")
	default:
		v.State = t(ctx, "proof.valid")
	}
	v.File = ui.Field{Name: "file", Label: t(ctx, "proof.file"), Hint: t(ctx, "proof.file.hint"), Accept: ".pdf"}
	return v, got, nil
}

func (p *Pages) provePost(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, got, err := p.proofOf(r)
	if err != nil {
		return err
	}
	files := form.Files("file")
	if len(files) == 0 {
		v.Errors = fault.List{fault.New(fault.Invalid, "apply.proof.no_file", nil).At("file")}
		v.File.Errors = v.Errors
		return web.Render(w, r, http.StatusUnprocessableEntity, proofPage(v))
	}
	f, err := files[0].Open()
	if err != nil {
		return err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return err
	}
	same := hex.EncodeToString(sum.Sum(nil)) == got.Paper.File
	v.Same = &same
	return web.Render(w, r, http.StatusOK, proofPage(v))
}
