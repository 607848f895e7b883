// Command generate makes the list of common passwords that package password embeds: the
// first 30,000 of zxcvbn (npm zxcvbn 4.4.2, MIT; from leaked lists, most common first) and
// what people in Vietnam choose: words and sentences, names, places, keyboard runs, each with
// the spellings that Telex and VNI leave on a keyboard without a Vietnamese input method.
//
//	npm pack zxcvbn@4.4.2 && tar xzf zxcvbn-4.4.2.tgz
//	go run ./internal/platform/password/generate package/lib/frequency_lists.js
//
// All is folded as package password folds: no accents, no capitals, no spaces. Digits and
// marks at the end are not listed, for the rules cut them off: "anhyeuem" stands for "Anh
// yêu em 2024!".
package main

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/csv"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"dean06/internal/platform/password"
)

// habits are words and short sentences, a line each; "#" begins a remark.
//
//go:embed habits.txt
var habits string

// reference is the folder of reference data: the program runs at the root of the tree.
var reference = os.DirFS("data")

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: generate package/lib/frequency_lists.js (of npm zxcvbn 4.4.2)")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(zxcvbn string) error {
	words := map[string]bool{}
	add := func(text string) {
		if w := password.Squeeze(text); len(w) >= 3 {
			words[w] = true
		}
	}
	raw, err := os.ReadFile(zxcvbn)
	if err != nil {
		return err
	}
	m := regexp.MustCompile(`passwords: '([^']*)'|passwords: "([^"]*)"`).FindSubmatch(raw)
	if m == nil {
		return fmt.Errorf("%s holds no list of passwords", zxcvbn)
	}
	for w := range strings.SplitSeq(string(m[1])+string(m[2]), ",") {
		add(w)
	}
	for line := range strings.Lines(habits) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			add(line)
			add(typed(line, telex))
			add(typed(line, vni))
		}
	}
	if err := names(add); err != nil {
		return err
	}
	if err := places(add); err != nil {
		return err
	}
	runs(add)
	return write(words)
}

// column reads a column of a file of names, the most frequent first.
func column(fsys fs.FS, name string, most int) ([]string, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var out []string
	for _, r := range rows[1:] {
		if len(out) < most && !slices.Contains(out, r[0]) {
			out = append(out, r[0])
		}
	}
	return out, nil
}

// names are full names without the year behind them, and the same two given names in love.
func names(add func(string)) error {
	family, err := column(reference, "names/surnames.csv", 14)
	if err != nil {
		return err
	}
	given, err := column(reference, "names/given_names.csv", 160)
	if err != nil {
		return err
	}
	for _, g := range given {
		for _, f := range family {
			add(f + g)
			add(f + "văn" + g)
			add(f + "thị" + g)
		}
		for _, w := range []string{"yêu", "nhớ", "bé", "em", "anh", "cu", "mẹ", "bố", "ba", "con", "nhà"} {
			add(w + g)
			add(g + w)
		}
		add("yêu" + g + "nhiều")
		add(g + "đẹptrai")
		add(g + "xinhđẹp")
		add(g + "dễthương")
	}
	return nil
}

// places are the provinces of before and after 2025, as they are written and with "tôi yêu".
func places(add func(string)) error {
	for _, file := range []string{"admin/provinces_2025h1.csv", "admin/provinces_2025.csv"} {
		f, err := reference.Open(file)
		if err != nil {
			return err
		}
		rows, err := csv.NewReader(f).ReadAll()
		_ = f.Close() // it was read
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		at := slices.Index(rows[0], "name")
		if at < 0 {
			return fmt.Errorf("%s has no column name", file)
		}
		for _, r := range rows[1:] {
			place := regexp.MustCompile(`^(Tỉnh|Thành phố) `).ReplaceAllString(r[at], "")
			for _, with := range []string{"", "tỉnh", "ubnd", "tôiyêu", "thànhphố", "côngan", "sở"} {
				add(with + place)
			}
			add(place + "quêtôi")
			add(place + "quêhương")
		}
	}
	return nil
}

// runs are stretches of the keyboard, both ways.
func runs(add func(string)) {
	for _, row := range []string{
		"1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertyuiopasdfghjklzxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
		"qazwsxedcrfvtgbyhnujmik", "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0", "qweasdzxc", "zaq12wsxcde34rfvbgt5", "abcdefghijklmnopqrstuvwxyz",
	} {
		back := []byte(row)
		slices.Reverse(back)
		for _, s := range []string{row, string(back)} {
			for i := range s {
				for j := i + 6; j <= len(s); j++ {
					add(s[i:j])
				}
			}
		}
	}
}

// What a letter with marks becomes when it is typed for an input method that is off.
var (
	telex = map[string]string{"â": "aa", "ă": "aw", "ê": "ee", "ô": "oo", "ơ": "ow", "ư": "uw", "đ": "dd", "́": "s", "̀": "f", "̉": "r", "̃": "x", "̣": "j"}
	vni   = map[string]string{"â": "a6", "ă": "a8", "ê": "e6", "ô": "o6", "ơ": "o7", "ư": "u7", "đ": "d9", "́": "1", "̀": "2", "̉": "3", "̃": "4", "̣": "5"}
)

// typed writes each word as keys, its tone at the end of the word.
func typed(line string, keys map[string]string) string {
	var out strings.Builder
	for _, word := range strings.Fields(line) {
		tone := ""
		for _, r := range decompose(word) {
			k, ok := keys[r]
			switch {
			case ok && strings.ContainsAny(r, "̣́̀̉̃"):
				tone = k
			case ok:
				out.WriteString(k)
			default:
				out.WriteString(r)
			}
		}
		out.WriteString(tone)
	}
	return out.String()
}

func write(words map[string]bool) error {
	list := make([]string, 0, len(words))
	for w := range words {
		list = append(list, w)
	}
	slices.Sort(list)
	var buf bytes.Buffer
	z, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write([]byte(strings.Join(list, "\n") + "\n")); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	to := filepath.Join("internal", "platform", "password", "common.txt.gz")
	if err := os.WriteFile(to, buf.Bytes(), 0o644); err != nil {
		return err
	}
	fmt.Fprintf(os.Stdout, "%s: %d passwords, %d bytes\n", to, len(list), buf.Len())
	return nil
}
