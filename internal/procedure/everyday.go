package procedure

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"sync"

	"dean06/data"
)

// said is what people say, and what it means: procedures, the most likely first, or the
// words in which the catalogue says the same.
type said struct {
	phrase []word
	codes  []string
	means  []word
}

const everydayFile = "tthc/everyday.csv"

// everyday are the words of people that the program carries with it, read once.
var everyday = sync.OnceValue(func() []said {
	f, err := data.Procedures.Open(everydayFile)
	if err != nil {
		panic(err) // it is embedded
	}
	defer f.Close()
	list, err := readEveryday(f)
	if err != nil {
		panic(err)
	}
	return list
})

// readEveryday reads a file with the columns phrase, codes, words: phrases parted by "|",
// codes by spaces, and one of the two beside them.
func readEveryday(r io.Reader) ([]said, error) {
	in := csv.NewReader(r)
	in.FieldsPerRecord = 3
	in.Comment = '#'
	rows, err := in.ReadAll()
	if err != nil {
		return nil, err
	}
	var out []said
	for i, row := range rows {
		if i == 0 {
			continue // the heading
		}
		if (row[1] == "") == (row[2] == "") {
			return nil, fmt.Errorf("%q: either codes or words", row[0])
		}
		for phrase := range strings.SplitSeq(row[0], "|") {
			s := said{phrase: wordsOf(phrase), codes: strings.Fields(row[1]), means: wordsOf(row[2])}
			if len(s.phrase) == 0 {
				return nil, fmt.Errorf("%q: an empty phrase", row[0])
			}
			out = append(out, s)
		}
	}
	return out, nil
}
