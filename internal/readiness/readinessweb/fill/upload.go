package fill

import (
	"fmt"
	"io"
	"net/http"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
)

type uploadView struct {
	ui.Page
	*visit
}

func (p *Pages) uploadForm(q *visit) error {
	if !readiness.Editable(q.state()) {
		return web.RedirectWith(q.w, q.Request, q.at(""), "fill.not_editable", nil)
	}
	return web.Render(q.w, q.Request, http.StatusOK, uploadPage(uploadView{p.page(q, q.p.T("fill.upload.title")), q}))
}

type readView struct {
	ui.Page
	*visit
	File     string
	Problems []readiness.Problem
}

// upload makes the draft of the agency's own Word or Excel file and shows what
// in it a person must look at.
func (p *Pages) upload(q *visit) error {
	form, err := web.ReadForm(q.Request)
	if err != nil {
		return err
	}
	revision, _, _ := form.Int("revision")
	file, err := theFile(form)
	var ret readiness.Return
	var problems []readiness.Problem
	if err == nil {
		ret, problems, err = p.shell.Register.ReadFile(q.Context(), q.who, q.view.Campaign.ID, q.view.Agency.Code, file)
	}
	if err == nil {
		ret = confirmed(ret) // what the file leaves out is answered with nothing
		var rec readiness.Record
		rec, err = p.shell.Register.Save(q.Context(), q.who, q.view.Campaign.ID, q.view.Agency.Code, ret, revision)
		q.view.Record = rec
	}
	if err != nil {
		v := uploadView{p.page(q, q.p.T("fill.upload.title")), q}
		for _, f := range web.FormErrors(err) {
			if f.Key == "readiness.state.saved_meanwhile" {
				f = fault.New(fault.Conflict, "fill.upload.meanwhile", nil)
			}
			v.Errors = append(v.Errors, f.At("file"))
		}
		return web.Retry(q.w, q.Request, err, uploadPage(v))
	}
	q.ret, q.revision = q.view.Record.Working()
	return web.Render(q.w, q.Request, http.StatusOK, readPage(readView{p.page(q, q.p.T("fill.read.title")), q, file.Name, problems}))
}

// theFile takes the one file of the form.
func theFile(form web.Form) (readiness.File, error) {
	files := form.Files("file")
	if len(files) == 0 {
		return readiness.File{}, fault.New(fault.Invalid, "fill.upload.none", nil)
	}
	h := files[0]
	if h.Size > readiness.MaxFile {
		return readiness.File{}, fault.New(fault.Invalid, "readiness.intake.too_large", fault.Args{
			"file": h.Filename, "size": h.Size >> 20, "limit": readiness.MaxFile >> 20,
		})
	}
	f, err := h.Open()
	if err != nil {
		return readiness.File{}, fmt.Errorf("open upload: %w", err)
	}
	defer f.Close()
	content, err := io.ReadAll(f)
	if err != nil {
		return readiness.File{}, fmt.Errorf("read upload: %w", err)
	}
	return readiness.File{Name: h.Filename, Size: h.Size, Content: content}, nil
}
