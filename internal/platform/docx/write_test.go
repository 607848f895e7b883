package docx_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"image"
	"image/png"
	"io"
	"strings"
	"testing"

	"dean06/internal/platform/docx"
)

func sample(t testing.TB) []byte {
	t.Helper()
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 4, 2))); err != nil {
		t.Fatal(err)
	}
	d := docx.New(docx.Options{Title: "Thử <&>", PageNumbers: true, Footer: []docx.Para{docx.P(docx.T("chân trang"))}})
	d.Paragraph(docx.Para{Style: docx.Title, Align: docx.Center, Runs: []docx.Run{docx.B("BÁO CÁO\nThử")}})
	d.Paragraph(docx.P(docx.T("=1+1 <b>đậm</b>\x00\x0b & “ngoặc”\tsau tab"), docx.I(" nghiêng")))
	d.Paragraph(docx.P(docx.Run{
		Control: &docx.Control{
			Tag: "c1", Title: "Chọn", Placeholder: "Chọn một",
			Choices: []docx.Choice{{Value: "met", Text: "Đã đáp ứng"}, {Value: "not_met", Text: "Chưa đáp ứng"}},
		},
	},
		docx.Run{Text: "Chưa đáp ứng", Control: &docx.Control{Tag: "c2", Choices: []docx.Choice{{Value: "not_met", Text: "Chưa đáp ứng"}}}}))
	d.Table(docx.Table{Widths: []float64{40, 100, 200}, HeaderRows: 1, Rows: []docx.Row{
		{Cells: []docx.Cell{docx.C(docx.B("STT")), docx.C(docx.B("Tên")), docx.C(docx.B("Ghi chú"))}},
		{
			Cells: []docx.Cell{
				{Down: docx.DownStart, Paras: []docx.Para{docx.P(docx.T("1"))}}, {Span: 2, Paras: []docx.Para{docx.P(docx.T("gộp"))}},
			},
		},
		{Cells: []docx.Cell{{Down: docx.DownMore}, docx.C(docx.T("a")), docx.C(docx.T("b"))}},
	}})
	d.Image(docx.Image{PNG: picture.Bytes(), Width: 100, Alt: `Bản đồ "A"`})
	d.Section(docx.Section{Landscape: true})
	d.Paragraph(docx.P(docx.T("trang ngang")))
	d.Hide([]byte("hidden"))
	raw, err := d.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestEveryPartIsWellFormed(t *testing.T) {
	t.Parallel()
	raw := sample(t)
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, ".png") {
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		dec := xml.NewDecoder(r)
		for {
			if _, err := dec.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", f.Name, err)
			}
		}
	}
}

func TestSameCallsSameBytes(t *testing.T) {
	t.Parallel()
	if !bytes.Equal(sample(t), sample(t)) {
		t.Error("two documents from the same calls differ")
	}
}

func TestPictureThatIsNone(t *testing.T) {
	t.Parallel()
	d := docx.New(docx.Options{})
	d.Image(docx.Image{PNG: []byte("GIF89a"), Alt: "x"})
	if _, err := d.Bytes(); err == nil {
		t.Error("a picture that is no PNG was taken")
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Hoà\r\nBình\x00":    "Hoà\nBình",
		"e\u0302\u0301":      "ế",
		"a\x0bb":             "a\nb",
		"\ufeff\xff=1+1😀\tx": "=1+1😀\tx",
	} {
		if got := docx.Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
		if twice := docx.Clean(docx.Clean(in)); twice != want {
			t.Errorf("Clean twice of %q = %q, want %q", in, twice, want)
		}
	}
}
