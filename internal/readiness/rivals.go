package readiness

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"fmt"
	"strings"
)

// rivals are the files of one batch that are different returns of one agency. Which of
// them is the agency's word is for a person to say, so none may go in before all of the
// batch were read; the name of a file and its place in the batch decide nothing.
type rivals map[string][]rival

type rival struct{ sha256, file string }

func (r rivals) add(in incoming) {
	code := in.agency.Code
	if code == "" || in.fault != nil || in.err != nil {
		return
	}
	for _, other := range r[code] {
		if other.sha256 == in.sha256 {
			return // the same paper twice is one paper
		}
	}
	r[code] = append(r[code], rival{in.sha256, in.file.Name})
}

// ask adds the question to a file that has rivals.
func (r rivals) ask(in incoming) incoming {
	all := r[in.agency.Code]
	if in.fault != nil || in.err != nil || in.agency.Code == "" || len(all) < 2 {
		return in
	}
	var others []string
	for _, o := range all {
		if o.sha256 != in.sha256 {
			others = append(others, o.file)
		}
	}
	if len(others) > maxNamed {
		others = append(others[:maxNamed:maxNamed], "…")
	}
	in.problems = append(in.problems, Problem{
		Severity: Reviews, Reason: severalInBatch, Text: in.agency.Name,
		Args: map[string]any{"agency": in.agency.Name, "files": strings.Join(others, ", "), "n": len(all)},
	})
	return in
}

// maxNamed is how many other files a message names.
const maxNamed = 5

// keptOpen is how many files of a batch are held in memory as they were read; a batch of
// a whole country's communes is held packed.
const keptOpen = 128

// whole reads all files of a batch and then yields them, those that have rivals with the
// question.
func whole(in <-chan incoming) func(yield func(incoming) bool) {
	return func(yield func(incoming) bool) {
		var list []incoming
		among := rivals{}
		for one := range in {
			one.file.Content = nil // kept with the papers
			among.add(one)
			if len(list) >= keptOpen {
				one = one.pack()
			}
			list = append(list, one)
		}
		for i := range list {
			if !yield(among.ask(list[i].unpack())) {
				return
			}
			list[i] = incoming{}
		}
	}
}

// read is what was read of a file, as it is packed.
type packedReturn struct {
	Return   Return
	Problems []Problem
}

func (in incoming) pack() incoming {
	var b bytes.Buffer
	z, err := flate.NewWriter(&b, flate.BestSpeed)
	if err == nil {
		err = json.NewEncoder(z).Encode(packedReturn{in.ret, in.problems})
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		return in // it stays as it is
	}
	in.packed, in.ret, in.problems = b.Bytes(), Return{}, nil
	return in
}

func (in incoming) unpack() incoming {
	if in.packed == nil {
		return in
	}
	var p packedReturn
	if err := json.NewDecoder(flate.NewReader(bytes.NewReader(in.packed))).Decode(&p); err != nil {
		in.err = fmt.Errorf("unpack return %s: %w", in.file.Name, err)
	}
	in.ret, in.problems, in.packed = p.Return, p.Problems, nil
	return in
}
