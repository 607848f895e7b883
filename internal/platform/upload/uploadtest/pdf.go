package uploadtest

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"strings"
)

// PDF writes a document of one page with more objects, which begin with number 10, and
// what the catalogue is to say besides: "/OpenAction 10 0 R".
func PDF(catalogue string, objects ...string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	at := map[int]int{}
	put := func(n int, text string) {
		at[n] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", n, text)
	}
	put(1, "<< /Type /Catalog /Pages 2 0 R "+catalogue+" >>")
	put(2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>")
	put(3, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>")
	put(4, Stream("", "BT /F1 12 Tf 72 720 Td (Giay khai sinh \\(ban sao\\)) Tj ET", true))
	put(5, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
	for i, o := range objects {
		put(10+i, o)
	}
	from := b.Len()
	b.WriteString("xref\n0 1\n0000000000 65535 f \n")
	for n := range 10 + len(objects) {
		if o, ok := at[n]; ok {
			fmt.Fprintf(&b, "%d 1\n%010d 00000 n \n", n, o)
		}
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", 10+len(objects), from)
	return b.Bytes()
}

// Stream is a stream with more in its dictionary, packed or not.
func Stream(dict, text string, packed bool) string {
	if packed {
		text = Deflate(text)
		dict += " /Filter /FlateDecode"
	}
	return fmt.Sprintf("<< %s /Length %d >>\nstream\n%s\nendstream", dict, len(text), text)
}

// Deflate packs a text as FlateDecode has it.
func Deflate(text string) string {
	var z bytes.Buffer
	level := zlib.DefaultCompression
	if len(text) > 1<<20 {
		level = zlib.BestSpeed
	}
	w, _ := zlib.NewWriterLevel(&z, level)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return z.String()
}

// Objects is a stream that holds objects, numbered from 20.
func Objects(packed bool, objects ...string) string {
	var head, body strings.Builder
	for i, o := range objects {
		fmt.Fprintf(&head, "%d %d ", 20+i, body.Len())
		body.WriteString(o + "\n")
	}
	return Stream(fmt.Sprintf("/Type /ObjStm /N %d /First %d", len(objects), head.Len()), head.String()+body.String(), packed)
}
