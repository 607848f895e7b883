package resident_test

import (
	"os"
	"strings"
	"testing"

	"dean06/internal/platform/resident"
)

// The program goes on after its pages were given back, and they come back in small pieces.
func TestTrim(t *testing.T) {
	t.Parallel()
	resident.Trim()
	text, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	_, mapping, found := strings.Cut(string(text), "r-xp")
	if !found || !strings.Contains(mapping[:strings.Index(mapping, "\n")], program) {
		t.Fatalf("the program's own code is not the first that is mapped: %.200s", text)
	}
	if flags := mapping[strings.Index(mapping, "VmFlags:"):]; !strings.Contains(flags[:strings.Index(flags, "\n")], " nh") {
		t.Errorf("the code is still mapped in large pages: %.80s", flags)
	}
}
