package main

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// entry is a file within a zip that a test makes.
type entry struct{ name, content string }

func zipOf(t testing.TB, entries ...entry) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	w.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, flate.BestSpeed) })
	for _, e := range entries {
		part, err := w.Create(e.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(part, e.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// entriesOf unpacks a zip.
func entriesOf(t testing.TB, raw string) []entry {
	t.Helper()
	z, err := zip.NewReader(strings.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	var out []entry
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, entry{f.Name, string(content)})
	}
	return out
}

// edited is a document with texts replaced in its main part, each of which must
// be there.
func edited(t testing.TB, docx string, oldnew ...string) string {
	t.Helper()
	entries := entriesOf(t, docx)
	for i, e := range entries {
		if e.name != "word/document.xml" {
			continue
		}
		for j := 0; j < len(oldnew); j += 2 {
			if !strings.Contains(e.content, oldnew[j]) {
				t.Fatalf("the document does not say %q", oldnew[j])
			}
			e.content = strings.ReplaceAll(e.content, oldnew[j], oldnew[j+1])
		}
		entries[i].content = e.content
	}
	return zipOf(t, entries...)
}

func readSample(t testing.TB, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// ole is a compound file of old Office with one stream of this name in its directory.
func ole(stream string) string {
	b := make([]byte, 512*3)
	copy(b, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
	copy(b[24:], "\x3e\x00\x03\x00\xfe\xff\x09\x00\x06\x00")
	b[44], b[48] = 1, 1 // one sector of the table, the directory in sector 1
	for i := 76; i < 512; i++ {
		b[i] = 0xff
	}
	copy(b[76:], "\x00\x00\x00\x00")
	copy(b[512:], "\xfd\xff\xff\xff\xfe\xff\xff\xff")
	for i := 520; i < 1024; i++ {
		b[i] = 0xff
	}
	for i, name := range []string{"Root Entry", stream} {
		d := b[1024+128*i:]
		for j, r := range name {
			d[2*j] = byte(r)
		}
		d[64], d[66] = byte(2*len(name)+2), byte(5-3*i)
	}
	return string(b)
}

// Each kind of bad file among good ones: every file has its result, with a
// reason that a person can act upon, in both languages; the good ones go in.
func TestBadInput(t *testing.T) {
	t.Parallel()
	good := readSample(t, samples2022+"/ubnd-tinh-ha-nam.docx")
	thaiNguyen := readSample(t, samples2022+"/ubnd-tinh-thai-nguyen.docx")
	other := readSample(t, samples2022+"/ubnd-tinh-binh-duong.docx")
	donor := newBoard(t)
	workbook := filepath.Join(donor.dir, "form.xlsx")
	donor.must("readiness", "export", "--campaign", "488", "--agency", "H04", "--format", "xlsx", "--blank", "--out", workbook)
	blankForm := readSample(t, workbook)
	zeros := strings.Repeat("\x00", 130<<20)

	dir := t.TempDir()
	put := func(name, content string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	type want struct {
		status, row, column string
		vi, en              string // parts of the reason
	}
	wants := map[string]want{}
	bad := func(name, content string, w want) {
		t.Helper()
		put(name, content)
		wants[name] = w
	}
	rejected := func(name, content, vi, en string) {
		t.Helper()
		bad(name, content, want{status: "rejected", vi: vi, en: en})
	}

	bad("z good.docx", thaiNguyen, want{status: "accepted"})

	review := func(name, content, row, column, vi, en string) {
		t.Helper()
		bad(name, content, want{"needs_review", row, column, vi, en})
	}
	review("unknown agency.docx", edited(t, other, "TỈNH BÌNH DƯƠNG", "TỈNH KHÔNG CÓ"), "", "", "Không có cơ quan nào", "No agency")
	// Of two different returns of one agency neither counts, whatever their files are called.
	const twoVi, twoEn = "khác nhau của UBND tỉnh Hà Nam", "different returns of UBND tỉnh Hà Nam"
	review("a good.docx", good, "", "", twoVi, twoEn)
	review("second.docx", edited(t, good, "Chuyên viên", "Phó Giám đốc"), "", "", twoVi, twoEn)
	review("word.xlsx", good, "", "", twoVi, twoEn)
	review("sheet.docx", blankForm, "", "", "chưa ghi họ và tên", "name is missing") // read as the workbook that it is
	review(
		"email.docx", edited(t, readSample(t, samples2022+"/ubnd-tinh-bac-kan.docx"), "@", " at "), "", "",
		"không phải địa chỉ email", "not an e-mail",
	)

	review(
		"no option.docx", edited(t, readSample(t, samples2022+"/ubnd-tinh-bac-giang.docx"), "Đã đáp ứng", "Đang xem xét"), "1.1",
		"compliance", "“Đang xem xét” không phải một trong các phương án", "“Đang xem xét”",
	)
	review(
		"blank.docx", edited(t, readSample(t, samples2022+"/ubnd-tinh-ben-tre.docx"), "Đã đáp ứng", ""), "1.1", "compliance",
		"để trống", "left blank",
	)

	rejected("old.doc", ole("WordDocument"), "đời cũ (.doc)", "old Word")
	rejected("renamed.docx", ole("WordDocument"), "đời cũ (.doc)", "old Word")
	rejected("password.docx", ole("EncryptedPackage"), "mật khẩu", "password")
	rejected("password.xlsx", ole("EncryptedPackage"), "mật khẩu", "password")
	rejected("macros.docm", zipOf(t, append(entriesOf(t, good), entry{"word/vbaProject.bin", "x"})...), "macro", "macro")
	rejected("truncated.docx", good[:len(good)*2/3], "hỏng hoặc tải lên chưa hết", "damaged")
	rejected("bomb.docx", zipOf(t, entry{"[Content_Types].xml", "<Types/>"}, entry{"word/document.xml", zeros}), "lớn bất thường", "abnormal")
	rejected("bomb.xlsx", zipOf(t, entry{"[Content_Types].xml", "<Types/>"}, entry{"xl/workbook.xml", zeros}), "lớn bất thường", "unusual")
	rejected("other form.docx", zipOf(t, entry{"[Content_Types].xml", "<Types/>"}, entry{
		"word/document.xml",
		`<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>GIẤY MỜI HỌP</w:t></w:r></w:p></w:body></w:document>`,
	}),
		"GIẤY MỜI HỌP", "GIẤY MỜI HỌP")
	rejected("empty.docx", "", "rỗng", "empty")
	rejected("empty.xlsx", "", "rỗng", "empty")
	noise := make([]byte, 5000)
	for i := range noise {
		noise[i] = byte(rand.New(rand.NewPCG(7, uint64(i))).Uint32())
	}
	rejected("noise.docx", string(noise), "không phải văn bản Word", "not a Word")
	rejected("noise.xlsx", string(noise), "không phải là biểu mẫu Excel", "not")
	rejected("broken.zip", zipOf(t, entry{"x.docx", good})[:3000], "Không mở được tệp nén", "unpacked")
	rejected("nothing.zip", zipOf(t), "không có tệp nào", "no file")
	rejected("line\nbreak \x1b[31m \xff.docx", "x", "không phải văn bản Word", "not a Word")
	delete(wants, "line\nbreak \x1b[31m \xff.docx")
	wants["line\uFFFDbreak \uFFFD[31m \uFFFD.docx"] = want{status: "rejected", vi: "không phải văn bản Word", en: "not a Word"}

	// A zip with everything that can be wrong inside.
	var inner bytes.Buffer
	w := zip.NewWriter(&inner)
	for name, content := range map[string]string{
		"../../above.docx": edited(
			t, other, "TỈNH BÌNH DƯƠNG", "TỈNH BÌNH ĐỊNH", "uy-ban-nhan-dan-tinh-binh-duong.", "",
		), "within.zip": zipOf(t, entry{"x.docx", good}), "huge.docx": zeros,
		"__MACOSX/._a.docx": "x", ".hidden": "x", "~$lock.docx": "x", "sub/Thumbs.db": "x", "sub/sub/note.txt": "Kính gửi",
		"bad\x00name\xff.docx": "x",
	} {
		part, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, NonUTF8: true})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(part, content); err != nil {
			t.Fatal(err)
		}
	}
	locked, err := w.CreateRaw(&zip.FileHeader{Name: "locked.docx", Flags: 1, CompressedSize64: 4, UncompressedSize64: 4})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(locked, "abcd"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	put("all.zip", inner.String())
	wants["all.zip/../../above.docx"] = want{status: "accepted"}
	wants["all.zip/within.zip"] = want{status: "rejected", vi: "nằm trong tệp nén khác", en: "within another zip"}
	wants["all.zip/huge.docx"] = want{status: "rejected", vi: "nặng 130 MB, quá giới hạn 20 MB", en: "130 MB"}
	wants["all.zip/sub/sub/note.txt"] = want{status: "rejected", vi: "không phải văn bản Word", en: "not a Word"}
	wants["all.zip/bad\uFFFDname\uFFFD.docx"] = want{status: "rejected", vi: "không phải văn bản Word", en: "not a Word"}
	wants["all.zip/locked.docx"] = want{status: "rejected", vi: "mật khẩu", en: "password"}

	// What is not an ordinary file.
	big, err := os.Create(filepath.Join(dir, "big.docx"))
	if err != nil {
		t.Fatal(err)
	}
	if err := big.Truncate(200 << 20); err != nil {
		t.Fatal(err)
	}
	if err := big.Close(); err != nil {
		t.Fatal(err)
	}
	wants["big.docx"] = want{status: "rejected", vi: "nặng 200 MB, quá giới hạn 20 MB", en: "200 MB"}
	for _, err := range []error{
		os.Symlink("loop.docx", filepath.Join(dir, "loop.docx")),
		os.Symlink("gone", filepath.Join(dir, "dangling.docx")),
		os.Symlink(dir, filepath.Join(dir, "around")),
		os.Symlink("a good.docx", filepath.Join(dir, "linked.docx")),
		os.MkdirAll(filepath.Join(dir, "folder.docx"), 0o755),
		os.MkdirAll(filepath.Join(dir, ".hidden"), 0o755),
		os.WriteFile(filepath.Join(dir, ".hidden", "x.docx"), []byte(good), 0o644),
		os.WriteFile(filepath.Join(dir, "~$a good.docx"), []byte("x"), 0o644),
		syscall.Mkfifo(filepath.Join(dir, "pipe.docx"), 0o644),
		os.WriteFile(filepath.Join(dir, "forbidden.docx"), nil, 0),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	wants["loop.docx"] = want{status: "rejected", vi: "Không đọc được", en: "cannot be read"}
	wants["dangling.docx"] = want{status: "rejected", vi: "Không có tệp", en: "no file"}
	wants["linked.docx"] = want{"needs_review", "", "", twoVi, twoEn} // the same paper again
	wants["pipe.docx"] = want{status: "rejected", vi: "không phải tệp thường", en: "no ordinary file"}
	wants["forbidden.docx"] = want{status: "rejected", vi: "Không có quyền đọc", en: "no permission"}
	if os.Geteuid() == 0 { // who may read everything
		wants["forbidden.docx"] = want{status: "rejected", vi: "rỗng", en: "empty"}
	}

	for _, lang := range []string{"vi", "en"} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			b := newBoard(t)
			code, got := b.importing(dir, "--campaign", "488", "--lang", lang, dir)
			if code != exitFailed {
				t.Errorf("exit %d, want %d", code, exitFailed)
			}
			for name, w := range wants {
				r, ok := got[name]
				if !ok {
					t.Errorf("%s: no result", name)
					continue
				}
				if r.Status != w.status {
					t.Errorf("%s: %s, want %s: %+v", name, r.Status, w.status, r.Problems)
				}
				if w.status == "accepted" {
					continue
				}
				reason := w.vi
				if lang == "en" {
					reason = w.en
				}
				i := slices.IndexFunc(r.Problems, func(p problem) bool {
					return p.Row == w.row && p.Column == w.column && strings.Contains(strings.ToLower(p.Reason), strings.ToLower(reason))
				})
				if i < 0 {
					t.Errorf("%s: no reason with %q in row %q, column %q: %+v", name, reason, w.row, w.column, r.Problems)
				}
				if w.status == "rejected" && !strings.Contains(r.Problems[0].Reason, filepath.Base(name)) {
					t.Errorf("%s: the reason does not name the file: %s", name, r.Problems[0].Reason)
				}
			}
			for _, name := range slices.Sorted(maps.Keys(got)) {
				if _, ok := wants[name]; !ok {
					t.Errorf("%s: a result that nobody expects: %+v", name, got[name])
				}
				for _, p := range got[name].Problems {
					if strings.Contains(p.Reason, "readiness.") || strings.ContainsAny(p.Reason, "{}%") {
						t.Errorf("%s: a reason that nobody understands: %q", name, p.Reason)
					}
				}
			}
			kept := papersOf(t, b)
			for name, content := range map[string]string{
				"truncated.docx": good[:len(good)*2/3], "broken.zip": readSample(t, filepath.Join(dir, "broken.zip")),
				"locked.docx": inner.String(), "noise": string(noise), "unknown agency": readSample(t, filepath.Join(dir, "unknown agency.docx")),
			} {
				if !kept[hash(content)] {
					t.Errorf("%s is not kept", name)
				}
			}
		})
	}
}

func hash(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:])
}

// papersOf lists the hashes of the files that a board keeps.
func papersOf(t testing.TB, b board) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	err := filepath.WalkDir(filepath.Join(b.dir, "papers"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			raw, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			out[hash(string(raw))] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
