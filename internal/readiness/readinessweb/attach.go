package readinessweb

import (
	"github.com/a-h/templ"

	"dean06/internal/readiness"
)

// AttachmentPath is where a file is opened that goes with a return.
func AttachmentPath(v readiness.View, a readiness.Attachment) string {
	return "/returns/" + v.Campaign.ID + "/" + v.Agency.Code + "/attachment/" + a.ID
}

// AttachedBeside shows at each answer of an Appendix the files that go with it, and those
// of the whole return at "".
func AttachedBeside(v readiness.View, list []readiness.Attachment) func(field string) templ.Component {
	at := map[string][]readiness.Attachment{}
	for _, a := range list {
		at[a.Field] = append(at[a.Field], a)
	}
	return func(field string) templ.Component {
		if len(at[field]) == 0 {
			return nil
		}
		return AttachmentLinks(v, at[field])
	}
}
