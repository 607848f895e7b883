package upload_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/upload"
	"dean06/internal/platform/upload/uploadtest"
)

func inspect(name string, content []byte, p upload.Policy) (upload.Found, error) {
	return upload.Inspect(context.Background(), bytes.NewReader(content), int64(len(content)), name, p)
}

// why is the end of the key of a refusal, with what it says of the content.
func why(err error) string {
	f := fault.As(err)
	if f == nil {
		return fmt.Sprint(err)
	}
	out := strings.TrimPrefix(f.Key, "upload.refused.")
	for _, arg := range []string{"type", "other", "what"} {
		if v, ok := f.Args[arg]; ok {
			out += fmt.Sprint(" ", v)
		}
	}
	return out
}

func zipOf(names ...string) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, n := range names {
		f, err := w.Create(n)
		if err != nil {
			panic(err)
		}
		_, _ = f.Write([]byte("x"))
	}
	_ = w.Close()
	return b.Bytes()
}

func TestInspectTypes(t *testing.T) {
	t.Parallel()
	page := uploadtest.Page(300, 400, 1)
	jpg, pic, doc := uploadtest.JPEG(page, 80), uploadtest.PNG(page), uploadtest.PDF("")
	office := upload.Policy{Types: []upload.Type{upload.DOCX, upload.XLSX, upload.HEIC}}
	plain := upload.Policy{}
	for _, c := range []struct {
		name    string
		content []byte
		policy  upload.Policy
		want    string
	}{
		{"giấy.pdf", doc, plain, ""},
		{"GIẤY.PDF", doc, plain, ""},
		{"Giấy khai sinh 12.5.2020", doc, plain, ""},
		{"ảnh.jpg", jpg, plain, ""},
		{"ảnh.JPEG", jpg, plain, ""},
		{"ảnh.png", pic, plain, ""},
		{"giấy.pdf", jpg, plain, "wrong_type jpeg"},
		{"ảnh.jpg", doc, plain, "wrong_type pdf"},
		{"ảnh.png", jpg, plain, "wrong_type jpeg"},
		{"giấy.pdf", []byte("MZ\x90\x00 a program"), plain, "wrong_type program"},
		{"giấy.pdf", []byte("<!DOCTYPE html><html><script>1</script>"), plain, "wrong_type html"},
		{"giấy.pdf", []byte("just words"), plain, "wrong_type text"},
		{"giấy.pdf", zipOf("a"), plain, "wrong_type zip"},
		{"giấy.pdf.exe", doc, plain, "wrong_type pdf"},
		{"giấy.exe", []byte("MZ\x90\x00"), plain, "not_taken program"},
		{"giấy", []byte("\x7fELF"), plain, "not_taken program"},
		{"giấy.pdf", nil, plain, "empty"},
		{"giấy.docx", zipOf("[Content_Types].xml", "word/document.xml"), plain, "not_taken docx"},
		{"giấy.docx", zipOf("[Content_Types].xml", "word/document.xml"), office, ""},
		{"bảng.xlsx", zipOf("[Content_Types].xml", "xl/workbook.xml"), office, ""},
		{"bảng.xlsx", zipOf("[Content_Types].xml", "word/document.xml"), office, "wrong_type docx"},
		{"giấy.docx", zipOf("word/document.xml", "word/vbaProject.bin"), office, "active docx macros"},
		{"giấy.docx", zipOf("word/document.xml", "word/embeddings/oleObject1.bin"), office, "active docx embedded"},
		{"giấy.docx", zipOf("word/document.xml")[:60], office, "wrong_type zip"},
		{"ảnh.heic", []byte("\x00\x00\x00\x18ftypheic...."), office, ""},
		{"ảnh.heic", []byte("\x00\x00\x00\x18ftypheic...."), plain, "not_taken heic"},
		{"giấy.pdf", append([]byte("%!junk\x00\x01\n"), doc...), plain, "not_whole pdf"},
		{"giấy.pdf", append(bytes.Repeat([]byte{1}, 2000), doc...), plain, "not_whole pdf"},
		{"giấy.pdf", doc[:len(doc)/2], plain, "not_whole pdf"},
		{"giấy.pdf", doc[:len(doc)-30], plain, "not_whole pdf"},
		{"giấy.pdf", []byte("%PDF-1.4\n%%EOF\n"), plain, "not_whole pdf"},
		{"giấy.pdf", append(bytes.Clone(doc), zipOf("virus.js")...), plain, "two_in_one pdf zip"},
		{"giấy.pdf", bytes.Replace(doc, []byte("\n1 0 obj"), []byte("\n%<html><script>alert(1)</script>\n1 0 obj"), 1), plain, "two_in_one pdf html"},
		{"ảnh.jpg", jpg[:len(jpg)/2], plain, "not_whole jpeg"},
		{"ảnh.jpg", jpg[:len(jpg)-2], plain, "not_whole jpeg"},
		{"ảnh.jpg", jpg[:3], plain, "not_whole jpeg"},
		{"ảnh.png", pic[:len(pic)/2], plain, "not_whole png"},
		{"ảnh.png", pic[:len(pic)-5], plain, "not_whole png"},
		{"ảnh.png", bytes.Replace(pic, []byte("IDAT\x78"), []byte("IDAT\x79"), 1), plain, "not_whole png"},
		{"ảnh.jpg", commented(jpg, "%PDF-1.7 hidden"), plain, "two_in_one jpeg pdf"},
		{"ảnh.jpg", commented(jpg, "<script>alert(1)</script>"), plain, "two_in_one jpeg html"},
	} {
		_, err := inspect(c.name, c.content, c.policy)
		if got := why(err); err != nil && got != c.want || err == nil && c.want != "" {
			t.Errorf("%s (%d bytes): %q, want %q", c.name, len(c.content), got, c.want)
		}
	}
}

func commented(jpg []byte, text string) []byte {
	out := append([]byte{}, jpg[:2]...)
	out = append(out, 0xff, 0xfe, 0, byte(len(text)+2))
	return append(append(out, text...), jpg[2:]...)
}

// TestPDFThatActs finds what acts wherever it stands.
// TestTables takes tables as texts of any encoding, and as columns.
func TestTables(t *testing.T) {
	t.Parallel()
	tables := upload.Policy{Types: []upload.Type{upload.Text, upload.Parquet, upload.Unknown}}
	wide := func(s string, high, low int) []byte {
		var out []byte
		for _, r := range s {
			pair := [2]byte{}
			pair[high], pair[low] = byte(r>>8), byte(r)
			out = append(out, pair[:]...)
		}
		return out
	}
	const text = "Họ và tên,Ngày sinh\nNguyễn Văn An,01/02/1990\n"
	for _, tt := range []struct {
		name    string
		content []byte
		want    upload.Type
	}{
		{"a.csv", []byte(text), upload.Text},
		{"a.tsv", []byte("H\xe4 v\xb5 t\xaan\tNg\xb5y sinh\n"), upload.Text},
		{"a.csv", wide("\ufeff"+text, 1, 0), upload.Text},
		{"a.csv", wide(text, 0, 1), upload.Text},
		{"a.parquet", []byte("PAR1 and more"), upload.Parquet},
		{"a.dat", []byte("\x00\x01\x02\x03"), upload.Unknown},
	} {
		f, err := upload.Inspect(t.Context(), bytes.NewReader(tt.content), int64(len(tt.content)), tt.name, tables)
		if err != nil || f.Type != tt.want || len(f.Warnings) > 0 {
			t.Errorf("%s %.10q: %v %v %v, want %s", tt.name, tt.content, err, f.Type, f.Warnings, tt.want)
		}
	}
	for name, content := range map[string]string{"a.csv": "PAR1", "a.parquet": "text", "b.csv": "<script>x</script>", "c.csv": "MZ\x00"} {
		if _, err := upload.Inspect(t.Context(), strings.NewReader(content), int64(len(content)), name, tables); why(err) == "<nil>" {
			t.Errorf("%s with %q is taken", name, content)
		}
	}
}

func TestPDFThatActs(t *testing.T) {
	t.Parallel()
	const js = "<< /S /JavaScript /JS (app.alert\\(1\\)) >>"
	big := strings.Repeat("<< /Type /Nothing >>\n", 1<<20)
	packed := uploadtest.Objects(true, js)
	for _, c := range []struct {
		name string
		doc  []byte
		want string
	}{
		{"harmless", uploadtest.PDF("/OpenAction [3 0 R /Fit] /Lang (vi)", "<< /S /URI /URI (https://example.vn) >>"), ""},
		{"harmless, packed", uploadtest.PDF("", uploadtest.Objects(true, "<< /Type /Font /BaseFont /Arial >>", "[ /JS /AA ]")), ""},
		{"words in a string", uploadtest.PDF("/Lang (AA JS)", "<< /Title (JavaScript for all) >>"), ""},
		{"packed content that speaks of it", uploadtest.PDF("", uploadtest.Stream("", "(/JavaScript) Tj", true)), ""},
		{"a script", uploadtest.PDF("/OpenAction 10 0 R", js), "active pdf script"},
		{"a script, written with numbers", uploadtest.PDF("/OpenAction 10 0 R", "<< /S /J#61va#53cript /J#53 (x) >>"), "active pdf script"},
		{"a script without spaces", uploadtest.PDF("/OpenAction<</S/JavaScript/JS(x)>>"), "active pdf script"},
		{"only the key", uploadtest.PDF("", "<< /JS 11 0 R >>"), "active pdf script"},
		{"names of scripts", uploadtest.PDF("/Names << /JavaScript 10 0 R >>", "<< >>"), "active pdf script"},
		{"packed", uploadtest.PDF("/OpenAction 20 0 R", uploadtest.Objects(true, js)), "active pdf script"},
		{"in a stream that is not packed", uploadtest.PDF("", uploadtest.Objects(false, js)), "active pdf script"},
		{"packed, written with numbers", uploadtest.PDF("", uploadtest.Objects(true, "<< /#4aS (x) >>")), "active pdf script"},
		{"packed, type written with numbers", uploadtest.PDF("", strings.Replace(packed, "/ObjStm", "/Obj#53tm", 1)), "active pdf script"},
		{"packed, without a type", uploadtest.PDF("", strings.Replace(packed, "/Type /ObjStm", "", 1)), "active pdf script"},
		{"packed twice", uploadtest.PDF("", twice(js)), "active pdf script"},
		{"packed as text", uploadtest.PDF("", "<< /Type /ObjStm /N 1 /First 5 /Filter /ASCIIHexDecode >>\nstream\n"+
			fmt.Sprintf("%x", "20 0 "+js)+">\nendstream"), "active pdf script"},
		{"packed in a way that is not known", uploadtest.PDF("", "<< /Type /ObjStm /N 1 /First 5 /Filter /LZWDecode >>\nstream\nxx\nendstream"), "opaque"},
		{"packed, how stands elsewhere", uploadtest.PDF("", "<< /Type /ObjStm /N 1 /First 5 /Filter 11 0 R >>\nstream\nxx\nendstream"), "opaque"},
		{"packed and broken off", uploadtest.PDF("", strings.Replace(uploadtest.Objects(true, big+js), "\nendstream", "", 1)[:300]+"\nendstream"), "opaque"},
		{"packed with a prediction", uploadtest.PDF("", strings.Replace(packed, "/Type", "/DecodeParms << /Predictor 12 >> /Type", 1)), "opaque"},
		{"hidden in a string", uploadtest.PDF("", "( "+js+" )"), "active pdf script"},
		{"hidden in a comment", uploadtest.PDF("", "%"+js), "active pdf script"},
		{"hidden in a stream", uploadtest.PDF("", uploadtest.Stream("", "11 0 obj "+js+" endobj", false)), "active pdf script"},
		{"objects hidden in a string", uploadtest.PDF("", "( "+strings.Replace(uploadtest.Objects(true, js), "(", "", 1)+" )"), "opaque"},
		{"a program", uploadtest.PDF("", "<< /S /Launch /F (cmd.exe) >>"), "active pdf launch"},
		{"a file inside", uploadtest.PDF("/Names << /EmbeddedFiles 10 0 R >>", "<< >>"), "active pdf embedded"},
		{"a file inside, by its stream", uploadtest.PDF("", uploadtest.Stream("/Type /EmbeddedFile", "MZ", true)), "active pdf embedded"},
		{"a file attached to the page", uploadtest.PDF("", "<< /Subtype /FileAttachment /FS 11 0 R >>"), "active pdf embedded"},
		{"a dynamic form", uploadtest.PDF("/AcroForm << /XFA 10 0 R >>", "<< >>"), "active pdf xfa"},
		{"actions of a page", uploadtest.PDF("/AA << /WC 10 0 R >>", "<< /S /Named /N /Print >>"), "active pdf actions"},
		{"a film", uploadtest.PDF("", "<< /Subtype /RichMedia >>"), "active pdf media"},
		{"sends the form", uploadtest.PDF("", "<< /S /SubmitForm /F (https://example.com) >>"), "active pdf send"},
		{"opens a file elsewhere", uploadtest.PDF("", "<< /S /GoToR /F (\\\\\\\\example.com\\\\x) >>"), "active pdf elsewhere"},
		{"encrypted", bytes.Replace(uploadtest.PDF("", "<< /Filter /Standard /V 4 >>"), []byte("/Root"), []byte("/Encrypt 10 0 R /Root"), 1), "encrypted"},
		{"encrypted, and so not to be looked into", bytes.Replace(uploadtest.PDF("", "<< /Type /ObjStm /N 1 /First 5 /Filter /FlateDecode >>\nstream\nxx\nendstream"),
			[]byte("/Root"), []byte("/Encrypt 12 0 R /Root"), 1), "encrypted"},
		{"a bomb", uploadtest.PDF("", uploadtest.Objects(true, strings.Repeat(" ", 257<<20))), "bomb"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := inspect("a.pdf", c.doc, upload.Policy{})
			if got := why(err); err != nil && got != c.want || err == nil && c.want != "" {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func twice(js string) string {
	head := "20 0 "
	z := uploadtest.Deflate(fmt.Sprintf("%x>", head+js))
	return fmt.Sprintf("<< /Type /ObjStm /N 1 /First %d /Filter [/FlateDecode /ASCIIHexDecode] /Length %d >>\nstream\n%s\nendstream", len(head), len(z), z)
}

// TestPhotographs: each kind of picture is judged as a person would.
func TestPhotographs(t *testing.T) {
	t.Parallel()
	ok, blurred, dark := []upload.Warning(nil), []upload.Warning{upload.Blurred}, []upload.Warning{upload.Dark}
	for _, size := range []struct{ w, h int }{{1000, 1414}, {1300, 920}} {
		page := uploadtest.Page(size.w, size.h, 7)
		unit := float64(max(size.w, size.h)) / 1600 // a pixel of what is judged
		for _, c := range []struct {
			name string
			img  *image.Gray
			want []upload.Warning
		}{
			{"a scan", page, ok},
			{"a good photograph", uploadtest.Noise(uploadtest.Blur(page, 0.7*unit), 6, 1), ok},
			{"indoors", uploadtest.Noise(uploadtest.Light(uploadtest.Blur(page, 0.8*unit), 0.6), 8, 2), ok},
			{"a paper on a dark table", uploadtest.OnTable(uploadtest.Blur(page, 0.6*unit), 0.25, 25), ok},
			{"a paper on a light table", uploadtest.OnTable(page, 0.15, 220), ok},
			{"out of focus", uploadtest.Blur(page, 4*unit), blurred},
			{"far out of focus", uploadtest.Blur(page, 12*unit), blurred},
			{"out of focus, with the noise of a camera", uploadtest.Noise(uploadtest.Blur(page, 4*unit), 10, 3), blurred},
			{"a hand that moved", uploadtest.Shake(uploadtest.Blur(page, unit), int(16*unit)), blurred},
			{"at night", uploadtest.Light(page, 0.2), dark},
			{"at night, with noise", uploadtest.Noise(uploadtest.Light(page, 0.22), 10, 4), dark},
			{"black", uploadtest.Light(page, 0), dark},
			{"at night and out of focus", uploadtest.Light(uploadtest.Blur(page, 5*unit), 0.3), []upload.Warning{upload.Dark, upload.Blurred}},
			{"an empty page", image.NewGray(page.Rect), dark},
		} {
			kinds := map[string][]byte{"a.jpg": uploadtest.JPEG(c.img, 85)}
			if size.w < size.h {
				kinds["a.png"] = uploadtest.PNG(c.img)
			}
			for kind, content := range kinds {
				f, err := inspect(kind, content, upload.Papers)
				if err != nil {
					t.Errorf("%s %dx%d %s: %v", c.name, size.w, size.h, kind, err)
				}
				if d := cmp.Diff(c.want, f.Warnings); d != "" {
					t.Errorf("%s %dx%d %s: %v, want %v; %s", c.name, size.w, size.h, kind, f.Warnings, c.want, upload.Measure(content))
				}
			}
		}
	}
}

// TestSizesOfPhotographs: too small is refused, and only of papers.
func TestSizesOfPhotographs(t *testing.T) {
	t.Parallel()
	small := uploadtest.JPEG(uploadtest.Page(640, 480, 1), 80)
	_, err := inspect("a.jpg", small, upload.Papers)
	if got := why(err); got != "too_small" {
		t.Errorf("small: %q", got)
	}
	if f := fault.As(err); f != nil && (f.Args["width"] != 640 || f.Args["least"] != upload.DefaultMarks.ShortSide) {
		t.Errorf("small: %v", f.Args)
	}
	if f, err := inspect("a.jpg", small, upload.Policy{}); err != nil || f.Width != 640 || f.Height != 480 {
		t.Errorf("a portrait: %+v, %v", f, err)
	}
	if _, err := inspect("a.jpg", small, upload.Policy{Paper: true, Marks: &upload.Marks{ShortSide: 400, Sharp: 0.05, Light: 60, Contrast: 20}}); err != nil {
		t.Errorf("other marks: %v", err)
	}
}

// TestPictureBombs: a small file that says it is huge is not decoded.
func TestPictureBombs(t *testing.T) {
	t.Parallel()
	pic := uploadtest.PNG(image.NewGray(image.Rect(0, 0, 8, 8)))
	for _, c := range []struct {
		w, h uint32
		want string
	}{{100_000, 100_000, "too_many_pixels"}, {9_000, 9_000, ""}, {0, 5, "not_whole png"}, {1 << 31, 5, "not_whole png"}} {
		f, err := inspect("a.png", uploadtest.Resized(pic, c.w, c.h), upload.Policy{})
		if got := why(err); err != nil && got != c.want || err == nil && c.want != "" {
			t.Errorf("%d by %d: %q, want %q", c.w, c.h, got, c.want)
		}
		if err == nil && !cmp.Equal(f.Warnings, []upload.Warning{upload.Unchecked}) {
			t.Errorf("%d by %d: %v", c.w, c.h, f.Warnings)
		}
	}
}

// TestWriteClean: the picture stays, to the last pixel; what nobody asked for goes.
func TestWriteClean(t *testing.T) {
	t.Parallel()
	page := uploadtest.Page(1000, 1000, 3)
	jpg := uploadtest.JPEG(page, 80)
	for _, orientation := range []byte{0, 1, 6} {
		sent := uploadtest.Located(jpg, orientation)
		f, err := inspect("a.jpg", sent, upload.Papers)
		if err != nil || !f.Clean || !cmp.Equal(f.Warnings, []upload.Warning{upload.Located}) {
			t.Fatalf("%+v, %v", f, err)
		}
		var out bytes.Buffer
		if err := upload.WriteClean(t.Context(), upload.JPEG, bytes.NewReader(sent), int64(len(sent)), &out); err != nil {
			t.Fatal(err)
		}
		for _, gone := range []string{"21.5942", "ftypmp42", "\x25\x88"} {
			if bytes.Contains(out.Bytes()[:200], []byte(gone)) || bytes.HasSuffix(out.Bytes(), []byte(gone)) {
				t.Errorf("%q is still there", gone)
			}
		}
		if has := bytes.Contains(out.Bytes(), []byte("Exif")); has != (orientation == 6) {
			t.Errorf("orientation %d: EXIF is there: %v", orientation, has)
		}
		want, _ := jpeg.Decode(bytes.NewReader(jpg))
		got, err := jpeg.Decode(&out)
		if err != nil || !bytes.Equal(want.(*image.Gray).Pix, got.(*image.Gray).Pix) {
			t.Errorf("orientation %d: the picture is another (%v)", orientation, err)
		}
	}
	pic := uploadtest.PNG(page)
	sent := append(uploadtest.PNGPart(pic, "tEXt", "Comment\x00exif:GPSLatitude 21.5942"), "a file behind"...)
	var out bytes.Buffer
	if err := upload.WriteClean(t.Context(), upload.PNG, bytes.NewReader(sent), int64(len(sent)), &out); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(out.Bytes(), pic) {
		t.Errorf("%d bytes, want the %d of the picture alone", out.Len(), len(pic))
	}
	if f, err := inspect("a.png", sent, upload.Policy{}); err != nil || !cmp.Equal(f.Warnings, []upload.Warning{upload.Located}) {
		t.Errorf("%+v, %v", f, err)
	}
	if _, err := png.Decode(&out); err != nil {
		t.Error(err)
	}
}

// TestInspectStops when nobody waits for it any more.
func TestInspectStops(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	doc := uploadtest.PDF("")
	if _, err := upload.Inspect(ctx, bytes.NewReader(doc), int64(len(doc)), "a.pdf", upload.Policy{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want that the context ended", err)
	}
}

func FuzzInspect(f *testing.F) {
	page := uploadtest.Page(64, 64, 1)
	for _, seed := range [][]byte{
		uploadtest.PDF("/OpenAction 10 0 R", "<< /S /JavaScript >>"), uploadtest.PDF("", uploadtest.Objects(true, "<< /A 1 >>")),
		uploadtest.Located(uploadtest.JPEG(page, 50), 3), uploadtest.PNG(page), zipOf("word/document.xml"), []byte("%PDF-1.4 ((( << /F#"),
	} {
		f.Add(seed)
	}
	all := upload.Policy{Types: []upload.Type{upload.PDF, upload.JPEG, upload.PNG, upload.DOCX, upload.XLSX}, Paper: true, Marks: &upload.Marks{}}
	f.Fuzz(func(t *testing.T, content []byte) {
		found, err := inspect("tệp", content, all)
		if err != nil {
			if fault.As(err) == nil {
				t.Errorf("what is wrong with a file is our fault: %v", err)
			}
			return
		}
		if !found.Clean {
			return
		}
		var out bytes.Buffer
		if err := upload.WriteClean(context.Background(), found.Type, bytes.NewReader(content), int64(len(content)), &out); err != nil {
			t.Fatalf("what was found in order cannot be written: %v", err)
		}
		if _, err := inspect("tệp", out.Bytes(), all); err != nil {
			t.Errorf("what was written is not in order: %v", err)
		}
	})
}
