// Package papertest reads papers in tests, as a person with a PDF reader does.
package papertest

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
)

// Text is the text of a PDF in its layout.
func Text(t testing.TB, pdf []byte) string {
	t.Helper()
	return extract(t, pdf, "-layout")
}

// Running is the text of a PDF in the order in which it is read, its spaces made single.
func Running(t testing.TB, pdf []byte) string {
	t.Helper()
	return strings.Join(strings.Fields(extract(t, pdf)), " ")
}

// extract asks poppler. Without it the test is skipped, and says so.
func extract(t testing.TB, pdf []byte, flags ...string) string {
	t.Helper()
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("pdftotext is not installed: install poppler-utils to run this test")
	}
	cmd := exec.CommandContext(t.Context(), tool, append(flags, "-", "-")...)
	cmd.Stdin = bytes.NewReader(pdf)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("pdftotext: %v", err)
	}
	return string(out)
}
