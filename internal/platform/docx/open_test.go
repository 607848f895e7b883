package docx_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"dean06/internal/platform/docx"
)

// packed makes an archive of named parts.
func packed(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(parts[name])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	const types = "[Content_Types].xml"
	const doc = `<w:document xmlns:w="w"><w:body/></w:document>`
	wide := func(s string) string {
		return "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" + strings.Join(strings.Split(s, ""), "\x00") + "\x00"
	}
	good := sample(t)
	deep := strings.Repeat("<w:ins>", 400) + strings.Repeat("</w:ins>", 400)
	bomb := packed(t, map[string]string{types: "<Types/>", "word/document.xml": doc + strings.Repeat(" ", 30<<20)})
	for name, c := range map[string]struct {
		raw  []byte
		want docx.Refusal
	}{
		"nothing":   {nil, docx.Empty},
		"large":     {make([]byte, 21<<20), docx.TooLarge},
		"cut short": {good[:len(good)/2], docx.Damaged},
		"pdf":       {[]byte("%PDF-1.7 …"), docx.PDF},
		"rtf":       {[]byte(`{\rtf1 a}`), docx.RTF},
		"text":      {[]byte("họ và tên"), docx.NotWord},
		"doc":       {[]byte(wide("WordDocument")), docx.OldWord},
		"xls":       {[]byte(wide("Workbook")), docx.Spreadsheet},
		"password":  {[]byte(wide("EncryptedPackage")), docx.Encrypted},
		"odt":       {packed(t, map[string]string{"mimetype": "application/vnd.oasis.opendocument.text"}), docx.OpenText},
		"ods":       {packed(t, map[string]string{"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}), docx.Spreadsheet},
		"a zip":     {packed(t, map[string]string{"a.txt": "a"}), docx.NotWord},
		"docm": {
			packed(t, map[string]string{types: `application/vnd.ms-word.document.macroEnabled.main+xml`, "word/document.xml": doc}),
			docx.Macros,
		},
		"macros in a docx": {packed(t, map[string]string{types: "<Types/>", "word/document.xml": doc, "word/vbaProject.bin": "x"}), docx.Macros},
		"xlsx": {
			packed(t, map[string]string{types: `application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml`}),
			docx.Spreadsheet,
		},
		"pptx": {
			packed(t, map[string]string{types: `application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml`}),
			docx.Slides,
		},
		"no document":  {packed(t, map[string]string{types: "<Types/>"}), docx.NotWord},
		"not closed":   {packed(t, map[string]string{types: "<Types/>", "word/document.xml": doc[:30]}), docx.Damaged},
		"another root": {packed(t, map[string]string{types: "<Types/>", "word/document.xml": "<html/>"}), docx.NotWord},
		"no body":      {packed(t, map[string]string{types: "<Types/>", "word/document.xml": "<document/>"}), docx.Damaged},
		"deep": {
			packed(t, map[string]string{types: "<Types/>", "word/document.xml": "<document><w:body>" + deep + "</w:body></document>"}),
			docx.TooComplex,
		},
		"cells": {
			packed(t, map[string]string{
				types:               "<Types/>",
				"word/document.xml": "<document><body><tbl><tr>" + strings.Repeat("<tc/>", 30_001) + "</tr></tbl></body></document>",
			}),
			docx.TooComplex,
		},
		"bomb": {bomb, docx.Bomb},
		"billion laughs": {
			packed(t, map[string]string{
				types:               "<Types/>",
				"word/document.xml": `<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><document><body><p><r><t>&b;</t></r></p></body></document>`,
			}),
			docx.Damaged,
		},
		"external document": {
			packed(t, map[string]string{
				types: "<Types/>",
				"_rels/.rels": `<Relationships><Relationship Type="x/officeDocument" Target="http://127.0.0.1:1/x" TargetMode="External"/>` +
					`</Relationships>`,
			}),
			docx.NotWord,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := docx.Open(bytes.NewReader(c.raw), int64(len(c.raw)), docx.DefaultLimits)
			var got docx.Refusal
			if !errors.As(err, &got) || got != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

// An archive may declare small sizes and unpack to large ones: what is read counts.
func TestUnpackedIsCountedWhileReading(t *testing.T) {
	t.Parallel()
	limits := docx.DefaultLimits
	limits.Unpacked = 2000
	raw := packed(t, map[string]string{
		"[Content_Types].xml": "<Types/>",
		"word/document.xml":   "<document><body>" + strings.Repeat("<p/>", 300) + "</body></document>",
	})
	if _, err := docx.Open(bytes.NewReader(raw), int64(len(raw)), limits); err != nil {
		t.Fatalf("within the limit: %v", err)
	}
	// The declared size stands in the central directory and in the local header.
	small := bytes.Clone(raw)
	limits.Unpacked = 1000
	for i := 0; i+4 < len(small); i++ {
		if bytes.HasPrefix(small[i:], []byte("PK\x01\x02")) {
			copy(small[i+24:i+28], []byte{1, 0, 0, 0})
		}
	}
	_, err := docx.Open(bytes.NewReader(small), int64(len(small)), limits)
	var got docx.Refusal
	if !errors.As(err, &got) || got != docx.Bomb && got != docx.Damaged {
		t.Errorf("got %v, want a refusal", err)
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(sample(f))
	f.Add([]byte("%PDF-"))
	f.Add(packed(f, map[string]string{
		"[Content_Types].xml": "<Types/>",
		"word/document.xml":   "<document><body><tbl><tr><tc><tcPr><gridSpan val=\"2\"/><vMerge/></tcPr><p/></tc></tr></tbl></body></document>",
	}))
	f.Fuzz(func(t *testing.T, raw []byte) {
		file, err := docx.Open(bytes.NewReader(raw), int64(len(raw)), docx.DefaultLimits)
		if err != nil {
			if !errors.As(err, new(docx.Refusal)) {
				t.Fatalf("an error that is no refusal: %v", err)
			}
			return
		}
		docx.LinesOf(file.Blocks)
	})
}

func FuzzBody(f *testing.F) {
	f.Add(`<p><r><t>a</t></r></p><tbl><tr><tc><p/></tc></tr></tbl>`)
	f.Add(`<sdt><sdtPr><checkbox/></sdtPr><sdtContent><p><r><fldChar fldCharType="begin"/><t>x</t></r></p></sdtContent></sdt>`)
	f.Fuzz(func(t *testing.T, body string) {
		file, err := page(t, body)
		if err == nil {
			docx.LinesOf(file.Blocks)
		} else if !errors.As(err, new(docx.Refusal)) {
			t.Fatalf("an error that is no refusal: %v", err)
		}
	})
}
