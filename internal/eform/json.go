package eform

import (
	"slices"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/strictjson"
)

// ReadAnswers reads answers as JSON has them. A member that is unknown, stands twice or is
// of another kind is refused, and so is a source that there is not.
func ReadAnswers(document []byte) (Answers, error) {
	var a Answers
	if err := strictjson.Read(document, &a); err != nil {
		return nil, fault.New(fault.Invalid, "eform.wrong.json", nil).Because(err)
	}
	if a == nil {
		return Answers{}, nil
	}
	for path, answer := range a {
		if !slices.Contains(sources, answer.Source) {
			return nil, fault.New(fault.Invalid, "eform.wrong.source", nil).At(path)
		}
	}
	return a, nil
}
